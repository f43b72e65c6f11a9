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
