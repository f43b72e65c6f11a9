import { median } from './statistics.ts';

export interface RateOptions {
  windows: number;
  windowMs: number;
}

/** Calls per second, by the clock on the wall and by this thread's own CPU time: on a machine that others use too the first is less. */
export interface Rate {
  perSecond: number;
  perCpuSecond: number;
}

/** A warm-up window, then the median of the others. */
export function rateOf(work: () => void, { windows, windowMs }: RateOptions): Rate {
  const wall: number[] = [];
  const own: number[] = [];
  for (let window = 0; window <= windows; window++) {
    let calls = 0;
    const cpu = process.threadCpuUsage();
    const started = performance.now();
    let elapsed = 0;
    do {
      work();
      calls++;
      elapsed = performance.now() - started;
    } while (elapsed < windowMs);
    const { user, system } = process.threadCpuUsage(cpu);
    if (window === 0) continue;
    wall.push((calls * 1_000) / elapsed);
    own.push((calls * 1_000_000) / (user + system));
  }
  return { perSecond: median(wall), perCpuSecond: median(own) };
}

export const cpuNote = ({ perCpuSecond }: Rate): string => `${perCpuSecond.toFixed(0)}/s of CPU`;
