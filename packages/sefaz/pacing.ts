import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '@malote/runtime/clock';
import { NotSent } from './failure.ts';

export interface Pacer {
  /**
   * Waits for this call's turn.
   * @throws NotSent `ritmo-excedido` at once when the turn would come only after `maxWaitMs`; `cancelada` when the signal aborts.
   */
  turn(maxWaitMs: number, signal?: AbortSignal): Promise<void>;
}

/** A token bucket: at most `rate` calls per second (0 = no limit) after a burst of one second's worth, at least one. */
export function createPacer(rate: number, clock: Pick<Clock, 'monotonic'>): Pacer {
  if (rate <= 0) return { turn: async () => {} };
  const interval = 1_000 / rate;
  const burst = Math.max(0, 1_000 - interval);
  // When the bucket would be full again; each call moves it by one interval.
  let fullAt = Number.NEGATIVE_INFINITY;
  return {
    async turn(maxWaitMs, signal) {
      const now = clock.monotonic();
      const wait = Math.max(0, fullAt - burst - now);
      if (wait > maxWaitMs) throw new NotSent('ritmo-excedido', { retryAfterMs: Math.ceil(wait) });
      fullAt = Math.max(fullAt, now) + interval;
      if (wait === 0) return;
      await pause(wait, undefined, { signal }).catch(() => {
        throw new NotSent('cancelada');
      });
    },
  };
}
