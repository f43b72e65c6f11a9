import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { Nudge } from '@malote/redis/nudges';
import { systemClock } from '@malote/runtime/clock';
import { createMetrics } from '@malote/runtime/metrics';
import type { Exchange } from './exchange.ts';
import { createWaits } from './wait.ts';

/** A call asking to wait, and the nudges and the time it gets: each `wait` of the channel takes one of `script`. */
function begin(script: Awaited<ReturnType<Nudge['wait']>>[], seconds = 60) {
  let now = 0;
  const asked: number[] = [];
  const closed: string[] = [];
  const nudges = {
    subscribe: (id: string): Nudge => ({
      async wait(ms) {
        asked.push(ms);
        const what = script.shift() ?? 'timeout';
        if (what === 'timeout') now += ms;
        return what;
      },
      close: () => void closed.push(id),
    }),
  };
  const waits = createWaits({ nudges, clock: { ...systemClock, monotonic: () => now }, metrics: createMetrics('edge'), maxS: 60 });
  const res = Object.assign(new EventEmitter(), { set: () => {}, closed: false });
  const exchange = { req: { get: () => `wait=${seconds}` }, res } as unknown as Exchange;
  const wait = waits.begin(exchange, 'doc');
  assert.ok(wait);
  return { wait, waits, res, asked, closed };
}

const isFinal = (state: string) => state === 'final';

test('a nudge makes it look at once, and a nudge that was not the end makes it wait on', async () => {
  const { wait, asked, closed, res } = begin(['nudged', 'nudged']);
  const states = ['present', 'final'];
  assert.equal(await wait.until('present', async () => states.shift(), isFinal), 'final');
  assert.deepEqual(asked, [500, 500], 'no time passed');
  wait.close();
  assert.deepEqual([closed, res.listenerCount('close')], [['doc'], 0]);
});

test('without nudges it looks every half second and once more at the deadline', async () => {
  const { wait, asked } = begin([], 2);
  let looks = 0;
  const read = async () => {
    looks += 1;
    return looks === 4 ? 'final' : 'present';
  };
  assert.equal(await wait.until('present', read, isFinal), 'final');
  assert.deepEqual(asked, [500, 500, 500, 400]);
});

test('what is final already is not waited for, and what the process no longer waits for is answered as it is', async () => {
  const { wait, waits } = begin([]);
  const never = () => Promise.reject(new Error('must not be read'));
  assert.equal(await wait.until('final', never, isFinal), 'final');
  waits.end();
  assert.equal(await wait.until('present', () => new Promise(() => {}), isFinal), 'present');
});
