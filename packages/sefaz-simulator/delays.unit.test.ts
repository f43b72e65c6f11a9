import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Delay, drawDelay, readDelay, seededRandom } from './delays.ts';

const draws = (delay: Delay, seed = 1, count = 20_000) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => drawDelay(delay, random)).sort((a, b) => a - b);
};
const at = (sorted: readonly number[], share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;

test('a lognormal delay has the median and the 99th percentile that it was given, within five per cent', () => {
  const sorted = draws({ distribution: 'lognormal', p50Ms: 800, p99Ms: 6_000 });
  assert.ok(Math.abs(at(sorted, 0.5) / 800 - 1) < 0.05, String(at(sorted, 0.5)));
  assert.ok(Math.abs(at(sorted, 0.99) / 6_000 - 1) < 0.05, String(at(sorted, 0.99)));
  assert.ok((sorted[0] ?? 0) > 0);
});

test('a uniform delay stays between its ends and is as often in one half as in the other', () => {
  const sorted = draws({ distribution: 'uniform', fromMs: 100, toMs: 900 });
  assert.ok((sorted[0] ?? 0) >= 100 && (sorted.at(-1) ?? 0) <= 900);
  assert.ok(Math.abs(at(sorted, 0.5) - 500) < 20, String(at(sorted, 0.5)));
});

test('the same seed draws the same delays, another one others', () => {
  const delay: Delay = { distribution: 'lognormal', p50Ms: 800, p99Ms: 6_000 };
  assert.deepEqual(draws(delay, 7, 10), draws(delay, 7, 10));
  assert.notDeepEqual(draws(delay, 7, 10), draws(delay, 8, 10));
});

test('equal percentiles are a fixed delay', () => {
  assert.deepEqual(new Set(draws({ distribution: 'lognormal', p50Ms: 300, p99Ms: 300 }, 1, 100)), new Set([300]));
  assert.deepEqual(draws({ distribution: 'fixed', ms: 5 }, 1, 2), [5, 5]);
});

test('a delay that is none is refused with the reason', () => {
  for (const [delay, reason] of [
    [{ distribution: 'normal' }, /"fixed" \(ms\), "uniform"/],
    [{ distribution: 'fixed' }, /delay.ms must be/],
    [{ distribution: 'fixed', ms: 1, p50Ms: 2 }, /p50Ms is not allowed in a fixed delay/],
    [{ distribution: 'uniform', fromMs: 9, toMs: 8 }, /toMs must be a whole number of at least 9/],
    [{ distribution: 'lognormal', p50Ms: 9, p99Ms: 8 }, /p99Ms must be a whole number of at least 9/],
    [5, /delay must be a JSON object/],
  ] as const) {
    assert.throws(() => readDelay(delay), reason);
  }
});
