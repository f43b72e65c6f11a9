import { Worker } from 'node:worker_threads';
import { type A1, PfxError } from './pfx.ts';
import type { PfxAnswer, PfxQuestion } from './pfx-worker.ts';

/** Wraps the opening itself, without the wait for its turn: what it costs is counted there. */
export type Metered = <T>(work: () => Promise<T>) => Promise<T>;

/** Reads a PFX as readPfx does, in a thread of its own. @throws PfxError, also `pfx-nao-aberto` */
export type ReadPfxAside = (pfx: Uint8Array, senha: string, metered?: Metered) => Promise<A1>;

/** The costliest file that the iterations' budget lets through takes some 4 s of a free CPU. */
const BOUND_MS = 30_000;
const IDLE_MS = 10_000;
/** In MB; a file has 100 kB at most. */
const LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32 };

export interface PfxAsideOptions {
  /** The thread's module. */
  module?: URL;
  boundMs?: number;
  idleMs?: number;
}

/**
 * A thread that opens PFX files one after the other, begun with the first of them and ended when there are none: deriving the key takes the
 * CPU for seconds where the file asks for it, and the event loop has others to serve.
 */
export function createPfxAside(options: PfxAsideOptions = {}): ReadPfxAside {
  const { module = new URL('./pfx-worker.ts', import.meta.url), boundMs = BOUND_MS, idleMs = IDLE_MS } = options;
  let present: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();

  function begin(): Worker {
    const worker = start(module);
    // One that has ended would never answer.
    worker.once('exit', () => {
      if (present === worker) present = undefined;
    });
    return worker;
  }

  async function end(): Promise<void> {
    const ending = present;
    present = undefined;
    await ending?.terminate();
  }

  async function open(pfx: Uint8Array, senha: string): Promise<A1> {
    clearTimeout(idle);
    present ??= begin();
    const worker = present;
    // A process with nothing else to do, such as the command line, waits for a file, not for an idle thread.
    worker.ref();
    let answer: PfxAnswer;
    try {
      answer = await ask(worker, { pfx, senha }, boundMs);
    } catch (error) {
      await end();
      throw error;
    }
    worker.unref();
    idle = setTimeout(() => void end(), idleMs).unref();
    if ('codigo' in answer) throw new PfxError(answer.codigo);
    if ('fault' in answer) throw answer.fault;
    return { ...answer.a1, certDer: Buffer.from(answer.a1.certDer) };
  }

  return (pfx, senha, metered = (work) => work()) => {
    const turn = last.then(() => metered(() => open(pfx, senha)));
    last = turn.catch(() => undefined);
    return turn;
  };
}

/** The process's own; every file that somebody sends is opened here. */
export const readPfxAside = createPfxAside();

function start(module: URL): Worker {
  const worker = new Worker(module, { name: 'pfx', resourceLimits: LIMITS, env: {}, execArgv: [] });
  // An error without a listener ends the process; whoever waits for an answer has one of their own.
  worker.on('error', () => undefined);
  return worker;
}

/** The thread's answer; without one in time, or from a thread that ended, memory used up or otherwise, the file is refused. */
async function ask(worker: Worker, { pfx, senha }: PfxQuestion, boundMs: number): Promise<PfxAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<PfxAnswer>();
  const lost = (cause: unknown) => reject(new PfxError('pfx-nao-aberto', cause));
  const exited = (code: number) => lost(new Error(`the thread ended with ${code}`));
  worker.on('message', resolve).on('error', lost).on('exit', exited);
  const bound = setTimeout(() => lost(new Error(`not opened within ${boundMs} ms`)), boundMs);
  try {
    // Copied: a Buffer is often a view of a pool, and all of that would go.
    const bytes = new Uint8Array(pfx);
    worker.postMessage({ pfx: bytes, senha } satisfies PfxQuestion, [bytes.buffer]);
    return await promise;
  } finally {
    clearTimeout(bound);
    worker.off('message', resolve).off('error', lost).off('exit', exited);
  }
}
