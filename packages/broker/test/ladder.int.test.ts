import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@malote/testkit/eventually';
import { done, retry } from '../consumer.ts';
import type { Topology } from '../topology.ts';
import { command, QUEUE, type TestVhost, TOPOLOGY, testVhost } from './broker-under-test.ts';

/** Puts 100 retries of a queue that is gone on the ladder, then retries one message of a queue that is there. */
async function retryBehindUnroutable(vhost: TestVhost, topology: Topology): Promise<{ backAt: () => number | undefined }> {
  const broker = vhost.broker({ topology });
  let begun = 0;
  let back: number | undefined;
  broker.consume(QUEUE, async (_envelope, ctx) => {
    if (ctx.attempt === 1) return retry('once');
    back = performance.now() - begun;
    return done;
  });
  await eventually(() => broker.ready());
  const unroutable = Array.from({ length: 100 }, (_, n) =>
    broker.publish(command(1000 + n), { exchange: 'retry.150ms', key: 'test.gone' }),
  );
  assert.deepEqual(new Set(await Promise.all(unroutable)), new Set(['confirmed']));
  begun = performance.now();
  assert.equal(await broker.publish(command(1)), 'confirmed');
  return { backAt: () => back };
}

test('100 unroutable retries do not delay a routable one, and end in dead', async (t) => {
  const vhost = await testVhost(t);
  const { backAt } = await retryBehindUnroutable(vhost, TOPOLOGY);
  const waited = await eventually(() => backAt() ?? null, { timeoutMs: 15_000 });
  assert.ok(waited < 10_000, `back after ${waited} ms`);
  let dead = 0;
  await eventually(async () => {
    dead += (await vhost.drain('dead')).length;
    return dead === 100;
  });
});

test('without the alternate exchange the same retries do hold it up, so the test above can fail', async (t) => {
  const vhost = await testVhost(t);
  const { backAt } = await retryBehindUnroutable(vhost, { ...TOPOLOGY, withoutAlternateExchange: true });
  await assert.rejects(
    eventually(() => backAt() ?? null, { timeoutMs: 4000 }),
    /not within 4000 ms/,
  );
  assert.deepEqual(await vhost.drain('dead'), []);
});
