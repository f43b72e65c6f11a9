import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type ClockWatchOptions, watchClock } from './clock-watch.ts';
import { createLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';

/** A watch over a skew that the test sets; `tick` lets one interval pass. */
async function watched(t: TestContext, first: number | Error, more: Partial<ClockWatchOptions> = {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const state = { skew: first, uncertaintyMs: 5, measured: 0 };
  const acts: string[] = [];
  const lines: Record<string, unknown>[] = [];
  const metrics = createMetrics('test');
  const watch = await watchClock({
    async measure() {
      state.measured += 1;
      if (state.skew instanceof Error) throw state.skew;
      return { skewMs: state.skew, uncertaintyMs: state.uncertaintyMs };
    },
    log: createLogger({ service: 'test', level: 'info', destination: { write: (line: string) => void lines.push(JSON.parse(line)) } }),
    metrics,
    onOff: async () => void acts.push('off'),
    onRight: async () => void acts.push('right'),
    ...more,
  });
  t.after(() => watch.stop());
  const tick = async (ms: number) => {
    t.mock.timers.tick(ms);
    for (let n = 0; n < 20; n += 1) await Promise.resolve();
  };
  const gauge = async () => (await metrics.registry.getSingleMetric('malote_clock_skew_seconds')?.get())?.values[0]?.value;
  return { watch, state, acts, lines, tick, gauge };
}

test('a clock within the limit is right at once and compared again every 30 s', async (t) => {
  const { watch, state, acts, tick, gauge } = await watched(t, -59_000);
  assert.deepEqual([watch.check(), watch.isRight(), state.measured, acts], [true, true, 1, ['right']]);
  assert.equal(await gauge(), -59);
  await tick(29_999);
  assert.equal(state.measured, 1);
  await tick(1);
  assert.equal(state.measured, 2);
});

test('a clock off at the start is said before anything is taken, with an alarm, and taken back when it is right', async (t) => {
  const { watch, state, acts, lines, tick, gauge } = await watched(t, 61_000);
  assert.equal(watch.isRight(), false);
  assert.equal(watch.check(), "clock 61 s ahead of the database's, limit 60 s");
  assert.deepEqual(acts, ['off']);
  assert.equal(await gauge(), 61);
  assert.deepEqual(
    lines.map(({ level, alarm, skewS }) => [level, alarm, skewS]),
    [['error', 'clock-skew', 61]],
  );
  state.skew = 100;
  await tick(5000);
  assert.equal(watch.check(), true);
  assert.deepEqual(acts, ['off', 'right']);
});

test('a clock that goes off later stops the work at the next comparison', async (t) => {
  const { watch, state, acts, tick } = await watched(t, 0);
  state.skew = -3_600_000;
  await tick(30_000);
  assert.equal(watch.check(), "clock 3600 s behind the database's, limit 60 s");
  assert.deepEqual(acts, ['right', 'off']);
});

test('a slow answer does not make a clock wrong: what the round trip leaves open is not held against it', async (t) => {
  const { watch, state, tick } = await watched(t, 0);
  state.skew = 63_000;
  state.uncertaintyMs = 4000;
  await tick(30_000);
  assert.equal(watch.isRight(), true);
});

test('a comparison that fails keeps the verdict, but without any there is no work', async (t) => {
  const { watch, state, acts, tick } = await watched(t, new Error('no primary'));
  assert.equal(watch.check(), 'clock not compared with the database yet: no primary');
  assert.deepEqual(acts, ['off']);
  state.skew = 0;
  await tick(5000);
  assert.equal(watch.isRight(), true);
  state.skew = new Error('no primary');
  await tick(30_000);
  assert.equal(watch.isRight(), true);
});
