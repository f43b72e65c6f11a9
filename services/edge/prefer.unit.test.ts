import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPrefer, waitSeconds } from './prefer.ts';

test('the seconds of Prefer: wait=N, at most the configured ones', () => {
  for (const [header, seconds] of [
    ['wait=10', 10],
    ['WAIT=10', 10],
    ['wait = 10', 10],
    ['wait="10"', 10],
    ['respond-async, wait=10', 10],
    ['respond-async; foo="a,b;c", wait=10; x=1', 10],
    ['wait=10, wait=20', 10],
    ['wait=61', 60],
    ['wait=99999999999999999999999', 60],
    ['wait=010', 10],
  ] as const) {
    assert.equal(waitSeconds(header, 60), seconds, header);
  }
});

test('whatever is no wait of whole seconds is passed over', () => {
  for (const header of [
    undefined,
    '',
    'wait',
    'wait=',
    'wait=0',
    'wait=-5',
    'wait=1.5',
    'wait=10s',
    'wait=1e3',
    'wait=10 20',
    'waiting=10',
    'foo="wait=10"',
    'foo="wait=10',
    '"wait=10"',
    'foo; wait=10',
    ',,,',
    'wait=\u00b2',
  ]) {
    assert.equal(waitSeconds(header, 60), undefined, header);
  }
});

test('a preference that is broken does not hide the next one', () => {
  assert.equal(waitSeconds('@@@, wait=10', 60), 10);
  assert.deepEqual(
    [...readPrefer('return=minimal, x="a \\"b\\"", x=2')],
    [
      ['return', 'minimal'],
      ['x', 'a "b"'],
    ],
  );
});

test('a hostile header costs time in proportion to its length', () => {
  for (const header of ['"'.repeat(16_000), 'a'.repeat(16_000), '"\\'.repeat(8_000), ' '.repeat(16_000), 'wait ='.repeat(2_600)]) {
    assert.equal(waitSeconds(header, 60), undefined);
  }
});
