import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotSent } from './failure.ts';
import { createPacer } from './pacing.ts';

/** A pacer at a time of the test's choosing; calls that would have to wait are refused, so nothing sleeps. */
function pacerAt(rate: number) {
  let now = 0;
  const pacer = createPacer(rate, { monotonic: () => now });
  const turn = () =>
    pacer.turn(0).then(
      () => 'now',
      (error: NotSent) => error.retryAfterMs,
    );
  return {
    turn,
    at: (ms: number) => {
      now = ms;
    },
  };
}

test('a burst of one second goes at once, the next call waits one interval', async () => {
  const { turn, at } = pacerAt(4);
  assert.deepEqual(await Promise.all([turn(), turn(), turn(), turn(), turn()]), ['now', 'now', 'now', 'now', 250]);
  at(250);
  assert.deepEqual([await turn(), await turn()], ['now', 250]);
  at(10_000);
  assert.deepEqual(await Promise.all([turn(), turn(), turn(), turn(), turn()]), ['now', 'now', 'now', 'now', 250]);
});

test('a rate below one call per second lets single calls through', async () => {
  const { turn, at } = pacerAt(0.5);
  assert.deepEqual([await turn(), await turn()], ['now', 2_000]);
  at(2_000);
  assert.equal(await turn(), 'now');
});

test('no rate, no limit', async () => {
  const { turn } = pacerAt(0);
  assert.deepEqual(new Set(await Promise.all(Array.from({ length: 500 }, turn))), new Set(['now']));
});

test('waiting turns come in order and a cancelled one is not sent', async () => {
  const started = performance.now();
  const pacer = createPacer(20, { monotonic: () => performance.now() });
  const order: number[] = [];
  const abort = new AbortController();
  const turns = Array.from({ length: 22 }, (_, n) => pacer.turn(5_000).then(() => order.push(n)));
  const cancelled = pacer.turn(5_000, abort.signal);
  abort.abort();
  await assert.rejects(cancelled, (error) => error instanceof NotSent && error.reason === 'cancelada');
  await Promise.all(turns);
  assert.deepEqual(
    order,
    [...order].sort((a, b) => a - b),
  );
  assert.ok(performance.now() - started >= 95);
});
