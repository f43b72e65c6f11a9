import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** The only source of time, identifiers and random bytes; everything else receives one of these. */
export interface Clock {
  /** Wall-clock time; may jump (NTP, the test clock). Never subtract two of these to get a duration. */
  now(): Date;
  /** Wall-clock time of this machine; the test clock does not move it. Only for comparing it with another machine's. */
  machine(): Date;
  /** Milliseconds from an arbitrary origin, never going back; for durations and timeouts. The test clock does not move it. */
  monotonic(): number;
  uuid(): string;
  /** `n` cryptographically strong random bytes. */
  random(n: number): Buffer;
}

export const systemClock: Clock = {
  now: () => new Date(),
  machine: () => new Date(),
  monotonic: () => performance.now(),
  uuid: () => randomUUID(),
  random: (n) => randomBytes(n),
};

/**
 * The system clock, shifted by the offset in `testClockFile` (`{"offsetMs": n}`) when there is one, so that hours pass in
 * real processes under test. The file is looked at every time, so that all processes move together; one that is absent
 * counts as offset 0, one that is half written keeps the last offset. Throws in production: a shifted clock would forge dhEmi.
 */
export function clockWith(options: { testClockFile?: string | undefined; production: boolean }): Clock {
  const file = options.testClockFile;
  if (!file) return systemClock;
  if (options.production) throw new Error('MALOTE_TEST_CLOCK_FILE não é aceita em produção');
  const offset = offsetReader(file);
  return { ...systemClock, now: () => new Date(Date.now() + offset()) };
}

function offsetReader(file: string): () => number {
  let offsetMs = 0;
  let version = '';
  return () => {
    const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
    const seen = stat ? `${stat.mtimeNs}.${stat.size}.${stat.ino}` : '';
    if (seen === version) return offsetMs;
    const read = stat ? readOffset(file) : 0;
    // A half-written file keeps the old version as well, so that the next look reads it again.
    if (read === undefined) return offsetMs;
    version = seen;
    offsetMs = read;
    return offsetMs;
  };
}

function readOffset(file: string): number | undefined {
  try {
    const value = (JSON.parse(readFileSync(file, 'utf8')) as { offsetMs?: unknown }).offsetMs;
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
