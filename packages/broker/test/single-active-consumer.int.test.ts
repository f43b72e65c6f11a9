import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@malote/testkit/eventually';
import { done } from '../consumer.ts';
import { command, QUEUE, TOPOLOGY, testVhost } from './broker-under-test.ts';

const topologyOf = (singleActiveConsumer: boolean) => ({
  ...TOPOLOGY,
  queues: TOPOLOGY.queues.map((queue) => ({ ...queue, singleActiveConsumer })),
});
const MESSAGES = 20;

for (const single of [true, false]) {
  const title = single
    ? 'one process at a time gets the messages of a queue with a single active consumer, in their order; the next one takes over'
    : 'without it two processes share the messages, and their order is gone';
  test(title, async (t) => {
    const vhost = await testVhost(t);
    const topology = topologyOf(single);
    const seen: { by: string; id: string }[] = [];
    const start = async (by: string) => {
      const broker = vhost.broker({ topology });
      const consumer = broker.consume(
        QUEUE,
        async ({ id }) => {
          seen.push({ by, id });
          return done;
        },
        { prefetch: 1 },
      );
      await eventually(() => consumer.isConsuming());
      return broker;
    };
    const first = await start('first');
    const second = await start('second');
    const publish = async (from: number) => {
      for (let n = from; n < from + MESSAGES; n++) assert.equal(await second.publish(command(n)), 'confirmed');
      await eventually(() => seen.length >= from + MESSAGES);
    };
    await publish(0);
    const by = new Set(seen.map((each) => each.by));
    if (!single) {
      assert.equal(by.size, 2);
      return;
    }
    assert.deepEqual([...by], ['first']);
    await first.close();
    await publish(MESSAGES);
    assert.deepEqual(
      seen.map(({ id }) => id),
      Array.from({ length: MESSAGES * 2 }, (_, n) => `m${n}`),
    );
    assert.deepEqual([...new Set(seen.slice(MESSAGES).map((each) => each.by))], ['second']);
  });
}
