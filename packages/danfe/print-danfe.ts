import { textAt } from '@malote/fiscal/xml/parse';
import { type A4Options, drawA4 } from './a4/draw-a4.ts';
import { PAISAGEM, RETRATO } from './a4/geometry.ts';
import { type CupomOptions, cupomCopies, simplifiedEntries } from './cupom/compose.ts';
import { drawCupom, PAPERS, type PaperWidth } from './cupom/draw-cupom.ts';
import { inFours, numero, serie } from './note/format.ts';
import { NotPrintable } from './note/not-printable.ts';
import { type Note, type NoteOptions, readNote } from './note/read-note.ts';
import type { Logo } from './pdf/logo.ts';
import { createCanvas, type Drawn } from './pdf/pages.ts';
import { writePdf } from './pdf/write-pdf.ts';

/** The A4 forms of the NF-e; `simplificado` (tpImp 3) and `etiqueta` of it; `cupom` is the DANFE NFC-e and, of an NF-e, the Simplificado Tipo 2. */
export type Formato = 'retrato' | 'paisagem' | 'simplificado' | 'etiqueta' | 'cupom';

export const FORMATOS: readonly Formato[] = ['retrato', 'paisagem', 'simplificado', 'etiqueta', 'cupom'];

export type { PaperWidth };

/** Millimetres of the papers there are. */
export const LARGURAS = Object.keys(PAPERS).map(Number) as readonly PaperWidth[];

export interface DanfeOptions extends NoteOptions, A4Options, CupomOptions {
  /** Default: what ide/mod and ide/tpImp say. */
  formato?: Formato | undefined;
  /** Millimetres of the paper of simplificado, etiqueta and cupom; 210 is A4. Default 80, of the label 100. */
  largura?: PaperWidth | undefined;
  /** Of a note whose tpImp asks for A4, where no formato is said. */
  orientacao?: 'retrato' | 'paisagem' | undefined;
  /** Of cupom, where no largura is said. */
  larguraCupom?: PaperWidth | undefined;
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
  const formato = options.formato ?? formatoOf(note, options.orientacao);
  if (note.modelo === '65' && formato !== 'cupom')
    throw new NotPrintable(`A NFC-e (modelo 65) só tem o formato "cupom"; o pedido foi "${formato}". Para A4 peça a largura 210.`);
  if (formato === 'simplificado' && isForA4Only(note)) throw new NotPrintable(SEM_SIMPLIFICADO);
  const canvas = createCanvas({ logo: options.logo, drawn: options.drawn });
  if (formato === 'retrato' || formato === 'paisagem') drawA4(canvas, note, formato === 'paisagem' ? PAISAGEM : RETRATO, options);
  else {
    const copies = formato === 'cupom' ? cupomCopies(note, options) : [simplifiedEntries(note, formato === 'etiqueta')];
    drawCupom(canvas, copies, PAPERS[options.largura ?? larguraOf(formato, options)]);
  }
  return writePdf(canvas, infoOf(note));
}

export const SEM_SIMPLIFICADO =
  'O DANFE Simplificado não existe para nota emitida por EPEC ou em formulário de segurança: peça retrato ou paisagem.';

/** Whether a form of emission has no DANFE Simplificado: EPEC and security forms (MOC 7.0 Anexo II 3.11). */
export function isForA4Only({ tpEmis }: Pick<Note, 'tpEmis'>): boolean {
  return ['2', '4', '5'].includes(tpEmis);
}

function formatoOf(note: Note, orientacao: DanfeOptions['orientacao']): Formato {
  const { inf, modelo } = note;
  if (modelo === '65') return 'cupom';
  const formato = BY_TP_IMP[textAt(inf, 'ide/tpImp') ?? '1'] ?? 'retrato';
  if (formato === 'simplificado' && isForA4Only(note)) return orientacao ?? 'retrato';
  return formato === 'retrato' || formato === 'paisagem' ? (orientacao ?? formato) : formato;
}

function larguraOf(formato: Formato, { larguraCupom = 80 }: DanfeOptions): PaperWidth {
  if (formato === 'cupom') return larguraCupom;
  return formato === 'etiqueta' ? 100 : 80;
}

const BY_TP_IMP: Readonly<Record<string, Formato>> = { '1': 'retrato', '2': 'paisagem', '3': 'simplificado', '6': 'cupom' };

function infoOf({ inf, chave, dhEmi, modelo }: Note) {
  const name = modelo === '65' ? 'DANFE NFC-e' : 'DANFE NF-e';
  const title = `${name} ${numero(textAt(inf, 'ide/nNF'))} série ${serie(textAt(inf, 'ide/serie'))} - ${textAt(inf, 'emit/xNome') ?? ''}`;
  return { title, subject: chave === '' ? 'Sem chave de acesso' : `Chave de acesso ${inFours(chave)}`, keywords: chave, created: dhEmi };
}
