import { textAt } from '@malote/fiscal/xml/parse';
import { type A4Options, drawA4 } from './a4/draw-a4.ts';
import { PAISAGEM, RETRATO } from './a4/geometry.ts';
import { inFours, numero, serie } from './note/format.ts';
import { type Note, type NoteOptions, readNote } from './note/read-note.ts';
import type { Logo } from './pdf/logo.ts';
import { createCanvas, type Drawn } from './pdf/pages.ts';
import { writePdf } from './pdf/write-pdf.ts';

export type Formato = 'retrato' | 'paisagem';

export interface DanfeOptions extends NoteOptions, A4Options {
  /** Default: what ide/tpImp says. */
  formato?: Formato | undefined;
  logo?: Logo | undefined;
  /** Filled with all that is drawn. */
  drawn?: Drawn[] | undefined;
}

/**
 * The DANFE of an nfeProc or NFe as PDF: the same bytes for the same document and options. Throws XmlError for what is no XML and
 * NotPrintable for what is no NF-e or NFC-e.
 */
export function printDanfe(xml: string, options: DanfeOptions = {}): Uint8Array {
  const note = readNote(xml, options);
  const formato = options.formato ?? formatoOf(note);
  const canvas = createCanvas({ logo: options.logo, drawn: options.drawn });
  drawA4(canvas, note, formato === 'paisagem' ? PAISAGEM : RETRATO, options);
  return writePdf(canvas, infoOf(note));
}

function formatoOf({ inf }: Note): Formato {
  return textAt(inf, 'ide/tpImp') === '2' ? 'paisagem' : 'retrato';
}

function infoOf({ inf, chave, dhEmi, modelo }: Note) {
  const name = modelo === '65' ? 'DANFE NFC-e' : 'DANFE NF-e';
  const title = `${name} ${numero(textAt(inf, 'ide/nNF'))} série ${serie(textAt(inf, 'ide/serie'))} - ${textAt(inf, 'emit/xNome') ?? ''}`;
  return { title, subject: chave === '' ? 'Sem chave de acesso' : `Chave de acesso ${inFours(chave)}`, keywords: chave, created: dhEmi };
}
