import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bounded, dead, done, outcomeOfThrow, pickStep, retry } from './outcome.ts';

const STEPS = [{ ms: 5000 }, { ms: 30_000 }, { ms: 120_000 }] as const;
const BOUNDS = { maxAttempts: 5, maxAgeMs: 60_000 };

test('without a wish the ladder is climbed step by step and its last step is repeated', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 40].map((attempt) => pickStep(STEPS, attempt).ms),
    [5000, 30_000, 120_000, 120_000, 120_000],
  );
});

test('a wished delay takes the first step that is long enough, else the longest', () => {
  assert.deepEqual(
    [0, 5000, 5001, 60_000, 3_600_000].map((after) => pickStep(STEPS, 1, after).ms),
    [5000, 5000, 30_000, 120_000, 120_000],
  );
});

test('a retry at its last attempt or past its age is dead with the reason kept, other outcomes pass', () => {
  assert.deepEqual(bounded(retry('away'), { attempt: 4, ageMs: 59_999 }, BOUNDS), retry('away'));
  assert.deepEqual(bounded(retry('away'), { attempt: 5, ageMs: 0 }, BOUNDS), dead('given up after 5 attempts: away'));
  assert.deepEqual(bounded(retry('away'), { attempt: 1, ageMs: 60_000 }, BOUNDS), dead('given up after 60 s: away'));
  assert.deepEqual(bounded(done, { attempt: 9, ageMs: 99_999 }, BOUNDS), done);
});

test('a throw of the network or a server is a retry, one of a programming mistake is dead with its stack', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  assert.equal(outcomeOfThrow(refused).kind, 'retry');
  assert.equal(outcomeOfThrow(new TypeError('fetch failed', { cause: refused })).kind, 'retry');
  assert.equal(outcomeOfThrow('just a text').kind, 'retry');
  for (const mistake of [new TypeError('x is not a function'), new ReferenceError('y is not defined'), new RangeError('bad')]) {
    const outcome = outcomeOfThrow(mistake);
    assert.equal(outcome.kind, 'dead');
    assert.match((outcome as { stack?: string }).stack ?? '', /outcome\.unit\.test\.ts/);
  }
});

test('credentials in the message of a throw do not reach the reason', () => {
  assert.deepEqual(outcomeOfThrow(new Error('no answer of mongodb://u:hunter2@h/')), retry('no answer of mongodb://***@h/'));
});
