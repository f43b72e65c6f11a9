import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, percentile, perWindow, slope } from './statistics.ts';

test('a percentile is the value at its nearest rank, whatever the order', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.equal(percentile(hundred, 0.99), 99);
  assert.equal(percentile(hundred, 0.5), 50);
  assert.equal(percentile(hundred, 1), 100);
  assert.equal(percentile([7], 0.01), 7);
  assert.ok(Number.isNaN(percentile([], 0.5)));
});

test('one slow call in fifty is in the 99th percentile, one in two hundred is not', () => {
  const calls = (n: number) => [...new Array(n - 1).fill(5), 900];
  assert.equal(percentile(calls(50), 0.99), 900);
  assert.equal(percentile(calls(200), 0.99), 5);
});

test('the median of an even count is between the two in the middle', () => {
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([9, 1, 5]), 5);
});

test('the slope is the growth per unit, and a level line has none', () => {
  const at = (f: (x: number) => number) => slope([0, 10, 20, 30].map((x) => ({ x, y: f(x) })));
  assert.equal(
    at((x) => 3 * x + 7),
    3,
  );
  assert.equal(
    at(() => 5),
    0,
  );
  assert.ok(Number.isNaN(slope([{ x: 1, y: 2 }])));
});

test('what happened is counted per whole window', () => {
  assert.deepEqual(perWindow([0, 5, 10, 19, 20, 29, 31], 0, 35, 10), [2, 2, 2]);
  assert.deepEqual(perWindow([99, 100, 104, 105], 100, 110, 5), [2, 1]);
});
