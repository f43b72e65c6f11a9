import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { Leases } from './leases.ts';

export interface SweeperOptions {
  name: string;
  everyMs: number;
  leases: Leases;
  clock: Clock;
  log: Logger;
  /** One pass; returns how much it did, so that a backlog is worked off without waiting. */
  sweep: () => Promise<number>;
  /** How long a holder that died keeps the others out, in ms; longer than `everyMs`, or the work wanders from process to process. */
  leaseMs?: number;
  /** Called at each pass while it does not sweep: another holds the lease, or it may not. */
  onIdle?: () => void;
  /** While false it does nothing and gives the lease up (a worker whose clock is off). */
  mayWork?: () => boolean;
}

export interface Sweeper {
  stop(): Promise<void>;
}

/** How long a sweeper that died keeps the others from sweeping. */
const LEASE_MS = 5_000;

/**
 * Runs `sweep` every `everyMs` in the one process that holds the lease. An error is logged and the next pass comes as usual.
 * `stop()` waits for the pass under way and gives the lease up.
 */
export function startSweeper(options: SweeperOptions): Sweeper {
  const { name, everyMs, leases, clock, log, sweep, leaseMs = LEASE_MS, onIdle, mayWork } = options;
  const owner = clock.uuid();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let heldUntil = 0;
  let running: Promise<void> = Promise.resolve();

  const pass = async () => {
    try {
      if (mayWork?.() === false) {
        onIdle?.();
        if (heldUntil > 0) await leases.release(name, owner);
        heldUntil = 0;
        return schedule(everyMs);
      }
      // Renewed at half time, so that most passes cost no write.
      if (clock.monotonic() > heldUntil - leaseMs / 2) {
        if (!(await leases.hold(name, owner, leaseMs))) {
          heldUntil = 0;
          onIdle?.();
          return schedule(everyMs);
        }
        heldUntil = clock.monotonic() + leaseMs;
      }
      const done = await sweep();
      schedule(done > 0 ? 0 : everyMs);
    } catch (error) {
      log.error({ err: error, sweeper: name }, 'sweep failed');
      schedule(Math.max(everyMs, 1_000));
    }
  };
  const schedule = (ms: number) => {
    if (stopped) return;
    timer = setTimeout(() => {
      running = pass();
    }, ms);
  };
  schedule(0);

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
      await leases.release(name, owner).catch((error) => log.warn({ err: error, sweeper: name }, 'lease not released'));
    },
  };
}
