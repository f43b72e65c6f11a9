import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@malote/testkit/eventually';
import { type Company, inTurn } from '../companies.ts';
import { closedLoop, type LoadResult } from '../load/generate.ts';
import type { Stage } from '../stage.ts';

export interface EmitOptions {
  notes?: number;
  /** Instead of a number of notes. */
  seconds?: number;
  /** Called about every second with how many are final. */
  onProgress?: (final: number) => void;
}

export interface Emitted {
  load: LoadResult;
  /** Moments (performance.now()) and how many were final by then. */
  progress: { at: number; final: number }[];
  /** From the first post until all were final. */
  seconds: number;
  notes: number;
}

/** Notes accepted and not final: enough to keep every worker busy, and few enough that what is measured is not a queue. */
const IN_SYSTEM = 200;
const CONNECTIONS = 16;
const LOOK_MS = 200;
const SETTLE_MS = 120_000;

/** Posts as fast as the whole hub authorises, and waits until every note is final. */
export async function emit(stage: Stage, companies: readonly Company[], options: EmitOptions): Promise<Emitted> {
  const company = inTurn(companies);
  const started = performance.now();
  const progress: Emitted['progress'] = [];
  let posted = 0;
  let accepted = 0;
  let stopped = false;
  const notes = options.notes ?? Number.POSITIVE_INFINITY;

  const onAnswer = (): void => {
    accepted += 1;
  };
  const looking = (async () => {
    while (!stopped) {
      const acceptedBefore = accepted;
      const waiting = await stage.unsettled();
      progress.push({ at: performance.now(), final: Math.max(0, acceptedBefore - waiting) });
      options.onProgress?.(acceptedBefore - waiting);
      await pause(LOOK_MS);
    }
  })();
  try {
    const until = performance.now() + (options.seconds ?? Number.POSITIVE_INFINITY) * 1_000;
    const load = await closedLoop({
      url: stage.url,
      connections: CONNECTIONS,
      seconds: options.seconds ?? Number.MAX_SAFE_INTEGER,
      isOver: () => posted >= notes || performance.now() >= until,
      // What was posted since the last look is counted as waiting.
      mayGo: () => posted - (progress.at(-1)?.final ?? 0) < IN_SYSTEM,
      next: () => {
        posted += 1;
        return { bytes: company().nextPost(), onAnswer };
      },
      expected: (status) => status === 202 || status === 200,
    });
    await eventually(async () => (await stage.unsettled()) === 0, {
      timeoutMs: SETTLE_MS,
      everyMs: LOOK_MS,
      message: 'notes are not final',
    });
    return { load, progress, seconds: (performance.now() - started) / 1_000, notes: accepted };
  } finally {
    stopped = true;
    await looking;
  }
}

/** Fails when a note was refused: a bench of refusals would measure nothing. */
export async function checkAllAuthorized({ raw }: Stage): Promise<void> {
  const other = await raw
    .collection('documentos')
    .findOne({ state: { $ne: 'authorized' } }, { projection: { state: 1, faults: 1, retorno: 1 } });
  if (other) throw new Error(`a note was not authorised: ${JSON.stringify(other).slice(0, 500)}`);
}
