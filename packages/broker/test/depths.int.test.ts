import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startChaosProxy } from '@malote/testkit/chaos-proxy';
import { eventually } from '@malote/testkit/eventually';
import { command, QUEUE, TOPOLOGY, testVhost } from './broker-under-test.ts';

test('the depths are what waits in each queue and who consumes it, the dead and retry queues marked', async (t) => {
  const vhost = await testVhost(t);
  const broker = vhost.broker();
  await eventually(() => broker.state().publishing);
  for (const n of [1, 2, 3]) assert.equal(await broker.publish(command(n)), 'confirmed');
  const channel = await vhost.rawChannel();
  channel.publish('dead', '', Buffer.from('x'));
  const depths = await eventually(async () => {
    const read = await broker.queueDepths();
    assert.deepEqual(
      read.map(({ queue, kind, ready, consumers }) => [queue, kind, ready, consumers]),
      [
        ['dead', 'dead', 1, 0],
        ['retry.150ms', 'retry', 0, 0],
        ['retry.400ms', 'retry', 0, 0],
        [QUEUE, 'work', 3, 0],
      ],
    );
    return read;
  });
  assert.equal(depths.length, TOPOLOGY.retrySteps.length + TOPOLOGY.queues.length + 1);
});

test('a queue that is gone is said to be gone, and the others are still told', async (t) => {
  const vhost = await testVhost(t);
  const broker = vhost.broker();
  await eventually(() => broker.state().publishing);
  await (await vhost.rawChannel()).deleteQueue('retry.150ms');
  const depths = await broker.queueDepths();
  assert.deepEqual(
    depths.filter(({ problem }) => problem !== undefined).map(({ queue, problem }) => [queue, problem]),
    [['retry.150ms', 'gone']],
  );
  assert.equal(depths.find(({ queue }) => queue === QUEUE)?.ready, 0);
  // The asking must not harm who publishes.
  assert.equal(await broker.publish(command(1)), 'confirmed');
});

test('without a connection, and with one that no longer answers, it ends in its time', async (t) => {
  const vhost = await testVhost(t);
  const away = vhost.broker({ url: 'amqp://127.0.0.1:1' });
  await assert.rejects(away.queueDepths(), /not connected/);

  const proxy = await startChaosProxy({ targetPort: vhost.port });
  t.after(() => proxy.close());
  const broker = vhost.broker({ url: vhost.urlVia(proxy.port) });
  await eventually(() => broker.state().publishing);
  await proxy.setMode('blackhole');
  const depths = await broker.queueDepths({ timeoutMs: 300 });
  assert.equal(depths.length, 4);
  for (const { problem } of depths) assert.match(String(problem), /was not answered|closed|ended/i);
});
