import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from './eventually.ts';

test('repeats until the function answers something, and answers that', async () => {
  let n = 0;
  const answer = await eventually(() => (++n < 3 ? null : `try ${n}`), { everyMs: 1 });
  assert.equal(answer, 'try 3');
});

test('repeats until assertions hold', async () => {
  let n = 0;
  await eventually(() => assert.equal(++n, 4), { everyMs: 1 });
  assert.equal(n, 4);
});

test('gives up with the last failure as cause', async () => {
  const failure = new Error('still closed');
  await assert.rejects(
    eventually(
      () => {
        throw failure;
      },
      { timeoutMs: 10, everyMs: 1, message: 'the port opens' },
    ),
    (error: Error) => error.message === 'the port opens: not within 10 ms; still closed' && error.cause === failure,
  );
});

test('a function that may answer undefined is a type error', async () => {
  // @ts-expect-error: undefined would end the wait at once
  assert.equal(await eventually(() => [1].find((n) => n === 2)), undefined);
});
