import { textAt } from '@malote/fiscal/xml/parse';
import { inFours } from '../note/format.ts';
import { NotPrintable } from '../note/not-printable.ts';
import { type Evento, readEvento } from '../note/read-evento.ts';
import { readNote } from '../note/read-note.ts';
import type { Logo } from '../pdf/logo.ts';
import { createCanvas, type Drawn } from '../pdf/pages.ts';
import { writePdf } from '../pdf/write-pdf.ts';
import { drawEvento } from './draw-evento.ts';

export interface EventoOptions {
  /** The note of the event (nfeProc): gives number, names and addresses, which the event does not have. */
  nota?: string | undefined;
  logo?: Logo | undefined;
  lineBreak?: string | undefined;
  /** Filled with all that is drawn. */
  drawn?: Drawn[] | undefined;
}

const TITLES: Readonly<Record<string, string>> = {
  '110110': 'CARTA DE CORREÇÃO ELETRÔNICA',
  '110111': 'CANCELAMENTO DE NF-e',
  '110112': 'CANCELAMENTO POR SUBSTITUIÇÃO',
};

/**
 * The sheet of a carta de correção or of a cancellation (no norm says how it looks) from a procEventoNFe. Any other event gets the same
 * sheet with all its fields. Throws XmlError and NotPrintable as printDanfe does.
 */
export function printEvento(xml: string, options: EventoOptions = {}): Uint8Array {
  const evento = readEvento(xml);
  const note = options.nota === undefined ? undefined : readNote(options.nota);
  if (note !== undefined && note.chave !== evento.chave)
    throw new NotPrintable(`O evento é da chave ${evento.chave} e a nota dada tem a chave ${note.chave}. Dê a nota do evento.`);
  const title = titleOf(evento);
  const canvas = createCanvas({ logo: options.logo, drawn: options.drawn });
  drawEvento(canvas, evento, note, { title, lineBreak: options.lineBreak });
  const subject = `Chave de acesso ${inFours(evento.chave)}`;
  return writePdf(canvas, { title: `${title} - ${sequence(evento)}`, subject, keywords: evento.chave, created: evento.dhEvento });
}

const sequence = ({ nSeqEvento }: Evento): string => `evento nº ${nSeqEvento}`;

function titleOf(evento: Evento): string {
  const title = TITLES[evento.tpEvento];
  if (title === undefined) return (textAt(evento.det, 'descEvento') ?? `EVENTO ${evento.tpEvento}`).toUpperCase();
  return evento.tpEvento === '110111' && evento.chave.slice(20, 22) === '65' ? title.replace('NF-e', 'NFC-e') : title;
}
