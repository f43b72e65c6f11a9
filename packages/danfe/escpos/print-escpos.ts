import { type CupomOptions, cupomCopies } from '../cupom/compose.ts';
import type { Entry } from '../cupom/entry.ts';
import { NotPrintable } from '../note/not-printable.ts';
import { type NoteOptions, readNote } from '../note/read-note.ts';
import { toWinAnsi } from '../pdf/win-ansi.ts';
import { columnsOf } from './columns.ts';

export interface EscposOptions extends NoteOptions, CupomOptions {
  /** Millimetres of the roll; default 80. */
  largura?: 58 | 80 | undefined;
  /** Number that ESC t wants for Windows-1252; 16 on printers of Epson and most others. */
  codePage?: number | undefined;
}

const ESC = 0x1b;
const GS = 0x1d;
const COLUMNS = { 58: 32, 80: 48 } as const;

/** The DANFE NFC-e (or Simplificado Tipo 2) as ESC/POS for a till that prints directly; the QR code is drawn by the printer. */
export function printEscpos(xml: string, options: EscposOptions = {}): Uint8Array {
  const note = readNote(xml, options);
  if (note.modelo !== '65' && note.qrCode === undefined)
    throw new NotPrintable(
      'ESC/POS existe para a NFC-e (modelo 65) e para a NF-e com DANFE Simplificado Tipo 2 (tpImp 6); esta nota não é uma delas.',
    );
  const largura = options.largura ?? 80;
  const columns = COLUMNS[largura];
  const out: number[] = [];
  for (const entries of cupomCopies(note, options)) {
    out.push(ESC, 0x40, ESC, 0x74, options.codePage ?? 16);
    for (const entry of entries) put(out, entry, columns, largura);
    // Feed what is below the cutter, then a partial cut.
    out.push(GS, 0x56, 66, 24);
  }
  return Uint8Array.from(out);
}

function put(out: number[], entry: Entry, columns: number, largura: 58 | 80): void {
  switch (entry.kind) {
    case 'text':
      align(out, entry.align === 'center');
      emphasis(out, entry.bold ?? false);
      for (const line of columnsOf(toWinAnsi(entry.text), columns)) text(out, line);
      return;
    case 'pair': {
      align(out, false);
      emphasis(out, entry.bold ?? false);
      const right = toWinAnsi(entry.right);
      const lines = columnsOf(toWinAnsi(entry.left), columns - right.length - 1);
      const last = lines.pop() ?? '';
      for (const line of lines) text(out, line);
      text(out, last.padEnd(columns - right.length) + right);
      return;
    }
    case 'rule':
      align(out, false);
      emphasis(out, false);
      text(out, '-'.repeat(columns));
      return;
    case 'notice':
      align(out, true);
      emphasis(out, true);
      out.push(GS, 0x42, 1);
      for (const notice of entry.lines) for (const line of columnsOf(toWinAnsi(notice), columns - 2)) text(out, ` ${line} `);
      out.push(GS, 0x42, 0);
      return;
    case 'qr':
      qr(out, entry.text, largura);
      return;
    // A logo is kept in the printer's own memory; a bar code stands on no document of these.
    case 'logo':
    case 'bars':
    case 'space':
      return;
  }
}

const align = (out: number[], center: boolean): void => void out.push(ESC, 0x61, center ? 1 : 0);
const emphasis = (out: number[], bold: boolean): void => void out.push(ESC, 0x45, bold ? 1 : 0);

function text(out: number[], winAnsi: string): void {
  // A space that does not break is a graphic in the code pages that some printers have instead of Windows-1252.
  const line = winAnsi.replaceAll('\u00a0', ' ');
  for (let i = 0; i < line.length; i++) out.push(line.charCodeAt(i));
  out.push(0x0a);
}

/** GS ( k, QR code model 2, level M. Modules of 3 dots where the roll has room for a long off-line text, of 4 for a short one. */
function qr(out: number[], content: string, largura: 58 | 80): void {
  const data = new TextEncoder().encode(content);
  const dots = data.length > 250 || largura === 58 ? 3 : 4;
  const command = (...parameters: number[]): void => {
    out.push(GS, 0x28, 0x6b, parameters.length & 255, parameters.length >> 8, ...parameters);
  };
  align(out, true);
  command(49, 65, 50, 0);
  command(49, 67, dots);
  command(49, 69, 49);
  command(49, 80, 48, ...data);
  command(49, 81, 48);
  out.push(0x0a);
}
