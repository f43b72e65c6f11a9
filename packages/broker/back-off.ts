import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@malote/runtime/clock';

/** Growing pauses between tries: doubled from `minMs` to `maxMs`, each shortened by up to a half so that processes do not march in step. */
export interface BackOff {
  next(): number;
  reset(): void;
}

export function createBackOff(clock: Clock, minMs: number, maxMs: number): BackOff {
  let ceiling = minMs;
  return {
    next() {
      const share = clock.random(1).readUInt8(0) / 255;
      const pause = ceiling * (0.5 + share / 2);
      ceiling = Math.min(ceiling * 2, maxMs);
      return Math.round(pause);
    },
    reset() {
      ceiling = minMs;
    },
  };
}

/** Waits; true when the time passed, false when the signal was aborted first. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

/** The promise's value, or `late` after `ms`; the promise goes on by itself. */
export async function within<T, L>(promise: Promise<T>, ms: number, late: L): Promise<T | L> {
  const stop = new AbortController();
  try {
    return await Promise.race([promise, delay(ms, late, { signal: stop.signal })]);
  } finally {
    stop.abort();
  }
}

/**
 * The promise's value. Throws after `ms`: an answer that RabbitMQ owes may never come (consume on a quorum queue that has just lost its
 * leader), and whoever waits for it would be silent for good.
 */
export async function answered<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  const late = Symbol('late');
  const result = await within(promise, ms, late);
  if (result === late) throw new Error(`${what} was not answered within ${ms} ms`);
  return result as T;
}
