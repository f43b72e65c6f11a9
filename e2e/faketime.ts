import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface WrongClock {
  /** Environment of the process whose clock it is. */
  env: Record<string, string>;
  /** Seconds ahead of the truth; takes effect at once. */
  set(seconds: number): void;
  remove(): void;
}

/**
 * A wrong system clock for one process: libfaketime (Debian: faketime) answers its calls for the time of day. Monotonic time stays right, as on a
 * machine whose clock was set wrong.
 */
export function createWrongClock(seconds: number): WrongClock {
  const [library] = globSync('/usr/lib/{*/,}faketime/libfaketimeMT.so.1');
  if (library === undefined) throw new Error('libfaketime is not installed (Debian, Ubuntu: apt-get install faketime)');
  const dir = mkdtempSync(join(tmpdir(), 'malote-clock-'));
  const file = join(dir, 'faketimerc');
  const set = (ahead: number): void => writeFileSync(file, `${ahead >= 0 ? '+' : ''}${ahead}s`);
  set(seconds);
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    },
    set,
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
