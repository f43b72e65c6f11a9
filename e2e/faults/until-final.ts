import { setTimeout as pause } from 'node:timers/promises';
import type { Hub } from '../hub.ts';

const UNFINISHED = { state: { $in: ['received', 'signed', 'uncertain'] } };
const STILL_MS = 1_500;
const STEP_MS = 30_000;

/**
 * Waits until every document is final. Whenever nothing has ended for a second and a half the clock of all processes goes on by half a
 * minute, so that back-offs of hours pass in seconds; a worker that is in a call then loses its attempt to a consult, as it would in life.
 * @returns how many are not final when the time is up.
 */
export async function untilFinal(hub: Hub, { timeoutMs = 60_000 }: { timeoutMs?: number } = {}): Promise<number> {
  const deadline = performance.now() + timeoutMs;
  let left = Number.POSITIVE_INFINITY;
  let changedAt = performance.now();
  while (performance.now() < deadline) {
    const now = await hub.raw.collection('documentos').countDocuments(UNFINISHED);
    if (now === 0) return 0;
    if (now !== left) changedAt = performance.now();
    else if (performance.now() - changedAt > STILL_MS) {
      await hub.advance(STEP_MS);
      changedAt = performance.now();
    }
    left = now;
    await pause(100);
  }
  return left;
}
