import { parentPort } from 'node:worker_threads';
import { type A1, PfxError, type PfxErrorCode, readPfx } from './pfx.ts';

/** One file to open; nothing of it is in the thread's arguments or environment. */
export interface PfxQuestion {
  pfx: Uint8Array;
  senha: string;
}

/** Only the code of a PfxError crosses: a thread copies an error without its class and its fields. */
export type PfxAnswer = { a1: A1 } | { codigo: PfxErrorCode } | { fault: unknown };

parentPort?.on('message', ({ pfx, senha }: PfxQuestion) => parentPort?.postMessage(answerTo(pfx, senha)));

function answerTo(pfx: Uint8Array, senha: string): PfxAnswer {
  try {
    return { a1: readPfx(pfx, senha) };
  } catch (error) {
    return error instanceof PfxError ? { codigo: error.codigo } : { fault: error };
  }
}
