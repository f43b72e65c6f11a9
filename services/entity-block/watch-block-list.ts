import type { BlockListWriter } from '@malote/redis/block-list';
import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { Metrics } from '@malote/runtime/metrics';

/** How often the list is looked after; well below the time it may be trusted for. */
export const KEEP_EVERY_MS = 4_000;
/** A holder that died is followed before the list it kept runs out. */
export const KEEP_LEASE_MS = 10_000;
const REBUILD_EVERY_MS = 30_000;

export interface WatchBlockListDeps {
  blockList: Pick<BlockListWriter, 'keep' | 'replace'>;
  isPending: () => Promise<boolean>;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

/** What the sweeper that keeps the list alive does: whole every 30 s and whenever something is wrong with it, else as it is. */
export function blockListSweep(deps: WatchBlockListDeps): { sweep: () => Promise<number>; onIdle: () => void } {
  const { blockList, isPending, clock, log, metrics } = deps;
  const current = metrics.gauge(
    'block_list_current',
    '1 in the process that keeps the block list in Redis; without one the edges ask MongoDB',
  );
  let rebuiltAt = Number.NEGATIVE_INFINITY;
  // One pass may come before Redis has been asked who it is: two in a row are worth a line.
  let missed = 0;
  return {
    async sweep() {
      const due = clock.monotonic() - rebuiltAt >= REBUILD_EVERY_MS;
      const kept = due ? await blockList.replace() : await blockList.keep(isPending);
      if (due && kept) rebuiltAt = clock.monotonic();
      if (kept && missed > 1) log.info('block list in Redis is kept again');
      missed = kept ? 0 : missed + 1;
      if (missed === 2) log.warn('block list in Redis cannot be kept: the edges ask MongoDB');
      current.set(kept ? 1 : 0);
      return 0;
    },
    // Another process keeps it.
    onIdle: () => current.set(0),
  };
}
