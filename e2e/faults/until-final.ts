import { setTimeout as pause } from 'node:timers/promises';
import type { DocumentState } from '@malote/fiscal/emission/lifecycle-state';
import type { Documento } from '@malote/store/documento';
import type { Hub } from '../hub.ts';

const UNFINISHED = { state: { $in: ['received', 'signed', 'uncertain'] satisfies DocumentState[] } };
const STILL_MS = 1_500;
/** More than the ten minutes after which the clockwork publishes a due action again (DUE_AGAIN_MS). */
const NEXT_MS = 630_000;

/**
 * Waits until every document is final. Whenever nothing has ended for a second and a half the clock of all processes leaps to the next
 * action that is due, so that back-offs of hours pass in seconds; a worker that is in a call then loses its attempt to a consult, as it
 * would in life.
 * @returns how many are not final when the time is up.
 */
export async function untilFinal(hub: Hub, { timeoutMs = 60_000 }: { timeoutMs?: number } = {}): Promise<number> {
  const documentos = hub.raw.collection<Documento>('documentos');
  const deadline = performance.now() + timeoutMs;
  let left = Number.POSITIVE_INFINITY;
  let changedAt = performance.now();
  while (performance.now() < deadline) {
    const now = await documentos.countDocuments(UNFINISHED);
    if (now === 0) return 0;
    if (now !== left) changedAt = performance.now();
    else if (performance.now() - changedAt > STILL_MS) {
      const next = await documentos.findOne(UNFINISHED, { sort: { nextAt: 1 }, projection: { nextAt: 1 } });
      const ahead = (next?.nextAt?.getTime() ?? 0) - hub.now().getTime();
      hub.advance(Math.max(ahead, 0) + NEXT_MS);
      changedAt = performance.now();
    }
    left = now;
    await pause(100);
  }
  return left;
}
