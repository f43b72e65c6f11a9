import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage } from './errors.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

/** How far this machine's clock is ahead of the reference (behind: negative), known to within `uncertaintyMs`. */
export interface SkewReading {
  skewMs: number;
  uncertaintyMs: number;
}

export interface ClockWatchOptions {
  /** One comparison with the reference clock (the database's). */
  measure: () => Promise<SkewReading>;
  log: Logger;
  metrics: Metrics;
  /** Stops taking work; awaited before the watch is returned when the clock is off at the start. */
  onOff: () => Promise<unknown>;
  onRight: () => Promise<unknown>;
  limitMs?: number;
  everyMs?: number;
  /** Between two comparisons while it is off, so that work goes on soon after it was set right. */
  everyMsWhileOff?: number;
}

export interface ClockWatch {
  /** For readiness. */
  check(): true | string;
  isRight(): boolean;
  stop(): void;
}

/** More than this forges dhEmi (SEFAZ refuses a note from the future: 703) and lets leases and open attempts of others run out early. */
const LIMIT_MS = 60_000;
const EVERY_MS = 30_000;
const EVERY_MS_WHILE_OFF = 5_000;
const MEASURE_TIMEOUT_MS = 10_000;
/** While it stays off the alarm is repeated this often. */
const ALARM_AGAIN = 12;

/**
 * Compares this machine's clock with the database's, now and then for ever. Off by more than the limit beyond doubt, or never yet compared,
 * it is not right: not ready, an alarm in the log, and `onOff` ran. A comparison that fails leaves the verdict as it was: what is wrong then
 * is the database.
 */
export async function watchClock(options: ClockWatchOptions): Promise<ClockWatch> {
  const { measure, log, limitMs = LIMIT_MS, everyMs = EVERY_MS, everyMsWhileOff = EVERY_MS_WHILE_OFF } = options;
  const gauge = options.metrics.gauge('clock_skew_seconds', "This machine's clock minus the database's");
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let verdict: true | string = 'clock not compared with the database yet';
  let comparisons = 0;
  let off = 0;

  async function compare(): Promise<void> {
    try {
      const { skewMs, uncertaintyMs } = await inTime(measure());
      if (stopped) return;
      gauge.set(skewMs / 1000);
      const isOff = Math.abs(skewMs) - uncertaintyMs > limitMs;
      comparisons += 1;
      await (isOff ? sayOff(skewMs) : sayRight(skewMs));
    } catch (thrown) {
      log.warn({ err: thrown }, 'clock could not be compared with the database');
      if (comparisons === 0) {
        verdict = `clock not compared with the database yet: ${errorMessage(thrown)}`;
        await options.onOff();
      }
    }
  }

  async function sayOff(skewMs: number): Promise<void> {
    const skewS = Math.round(skewMs / 100) / 10;
    verdict = `clock ${Math.abs(skewS)} s ${skewS > 0 ? 'ahead of' : 'behind'} the database's, limit ${limitMs / 1000} s`;
    if (off % ALARM_AGAIN === 0)
      log.error({ alarm: 'clock-skew', skewS, limitS: limitMs / 1000 }, 'clock is off, no work is taken until it is right');
    off += 1;
    await options.onOff();
  }

  async function sayRight(skewMs: number): Promise<void> {
    if (verdict === true) return;
    if (off > 0) log.warn({ skewS: skewMs / 1000 }, 'clock is right again, taking work');
    off = 0;
    verdict = true;
    await options.onRight();
  }

  function schedule(): void {
    if (stopped) return;
    timer = setTimeout(() => void compare().then(schedule), verdict === true ? everyMs : everyMsWhileOff);
  }

  await compare();
  schedule();
  return {
    check: () => verdict,
    isRight: () => verdict === true,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const late = new AbortController();
  try {
    return await Promise.race([
      work,
      delay(MEASURE_TIMEOUT_MS, undefined, { signal: late.signal }).then(() => {
        throw new Error(`no answer within ${MEASURE_TIMEOUT_MS} ms`);
      }),
    ]);
  } finally {
    late.abort();
  }
}
