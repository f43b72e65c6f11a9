import { NotPrintable } from '@malote/danfe/not-printable';
import { VERSION } from '@malote/runtime/version';
import { answeredKnown, REVALIDATE } from './conditional.ts';
import { etagOf } from './etag.ts';
import type { Exchange } from './exchange.ts';
import { Problem } from './problems.ts';

/** Media types of what is printed; a till's commands have no registered one. */
export const PDF = 'application/pdf';
export const ESCPOS = 'application/octet-stream';

export interface Print {
  /** All that decides the bytes besides the release: what is printed, in which version, with which options. */
  of: readonly (string | number | undefined)[];
  /** Name of the file that a browser proposes: ASCII, without quotation marks. */
  fileName: string;
  /** Default PDF. */
  type?: string;
  /** Not called when the caller has these bytes already. @throws NotPrintable */
  print(): Promise<Uint8Array>;
}

/** Answers what is printed, or 304: documents, and the sheets of events. The same `of` always is the same bytes, so the tag is known before printing. */
export async function answerPrint(exchange: Exchange, { of, fileName, type = PDF, print }: Print): Promise<void> {
  if (answeredKnown(exchange, etagOf(JSON.stringify([VERSION, type, ...of])), REVALIDATE)) return;
  sendPrint(exchange, { fileName, type, bytes: await printed(print) });
}

/** The same for what is not stored and therefore has no tag. */
export async function answerPreview(exchange: Exchange, { fileName, type = PDF, print }: Omit<Print, 'of'>): Promise<void> {
  sendPrint(exchange, { fileName, type, bytes: await printed(print) });
}

function sendPrint({ res }: Exchange, { fileName, type, bytes }: { fileName: string; type: string; bytes: Uint8Array }): void {
  res.set({ 'Content-Type': type, 'Content-Disposition': `inline; filename="${fileName}"` });
  res.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

async function printed(print: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await print();
  } catch (error) {
    if (error instanceof NotPrintable) throw new Problem('impressao-indisponivel', error.message, { cause: error });
    throw error;
  }
}
