import { InputError, integer, object, only } from './json-input.ts';

/** Numbers from 0 (included) to 1; the same seed gives the same numbers. */
export type Random = () => number;

/** mulberry32: small, fast, good enough for delays and chances; never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** How late an answer is, in milliseconds. */
export type Delay =
  | { distribution: 'fixed'; ms: number }
  | { distribution: 'uniform'; fromMs: number; toMs: number }
  /** Log-normal, as answer times are: half of them under `p50Ms`, one in a hundred over `p99Ms`. */
  | { distribution: 'lognormal'; p50Ms: number; p99Ms: number };

/** @throws InputError */
export function readDelay(input: unknown): Delay {
  const delay = object(input, 'delay');
  const ms = (name: string, min = 0) => integer(delay[name], `delay.${name}`, min);
  switch (delay.distribution) {
    case 'fixed':
      only(delay, ['distribution', 'ms'], ' in a fixed delay');
      return { distribution: 'fixed', ms: ms('ms') };
    case 'uniform':
      only(delay, ['distribution', 'fromMs', 'toMs'], ' in a uniform delay');
      return { distribution: 'uniform', fromMs: ms('fromMs'), toMs: ms('toMs', ms('fromMs')) };
    case 'lognormal':
      only(delay, ['distribution', 'p50Ms', 'p99Ms'], ' in a lognormal delay');
      return { distribution: 'lognormal', p50Ms: ms('p50Ms', 1), p99Ms: ms('p99Ms', ms('p50Ms', 1)) };
    default:
      throw new InputError('delay.distribution is "fixed" (ms), "uniform" (fromMs, toMs) or "lognormal" (p50Ms, p99Ms)');
  }
}

/** 99th percentile of the standard normal distribution. */
const Z99 = 2.326_347_874;

/** One delay, in whole milliseconds. */
export function drawDelay(delay: Delay, random: Random): number {
  if (delay.distribution === 'fixed') return delay.ms;
  if (delay.distribution === 'uniform') return Math.round(delay.fromMs + random() * (delay.toMs - delay.fromMs));
  const sigma = Math.log(delay.p99Ms / delay.p50Ms) / Z99;
  // Box-Muller; 1 - random() keeps the logarithm finite.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.round(delay.p50Ms * Math.exp(sigma * normal));
}

export function describeDelay(delay: Delay): string {
  if (delay.distribution === 'fixed') return `${delay.ms} ms`;
  if (delay.distribution === 'uniform') return `${delay.fromMs}–${delay.toMs} ms`;
  return `p50 ${delay.p50Ms} ms, p99 ${delay.p99Ms} ms`;
}
