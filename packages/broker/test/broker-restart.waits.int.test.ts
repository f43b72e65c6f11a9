import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startDevstack } from '@malote/devstack/devstack';
import { eventually } from '@malote/testkit/eventually';
import { done } from '../consumer.ts';
import { command, QUEUE, testVhost } from './broker-under-test.ts';

const RESTART = { timeoutMs: 60_000 };

test('publisher and consumer come back after an orderly and after a killed RabbitMQ, and nothing confirmed is lost', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'malote-broker-'));
  const stack = await startDevstack({ dir, log: () => {}, servers: ['rabbitmq'], env: { PATH: process.env.PATH } });
  t.after(async () => {
    await stack.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  const vhost = await testVhost(t, stack);
  const broker = vhost.broker();
  const seen = new Set<string>();
  broker.consume(QUEUE, async (envelope) => {
    seen.add(envelope.id);
    return done;
  });
  await eventually(() => broker.ready());

  await stack.rabbitmq.stop();
  assert.equal(await broker.publish(command(1)), 'unknown');
  assert.equal(broker.state().consumers[0]?.consuming, false);
  await stack.rabbitmq.start();
  await eventually(async () => assert.equal(await broker.publish(command(2)), 'confirmed'), RESTART);
  await eventually(() => seen.has('m2'), RESTART);

  const confirmed: string[] = [];
  let next = 100;
  let isDown = false;
  const publishing = (async () => {
    while (!isDown) {
      const results = await Promise.all(
        Array.from({ length: 20 }, async () => {
          const message = command(next++);
          return { id: message.id, result: await broker.publish(message) };
        }),
      );
      for (const { id, result } of results) if (result === 'confirmed') confirmed.push(id);
      isDown = results.some(({ result }) => result !== 'confirmed');
    }
  })();
  await eventually(() => confirmed.length >= 200, RESTART);
  await stack.rabbitmq.untilQueuesAreKept();
  stack.rabbitmq.kill('SIGKILL');
  await publishing;
  await eventually(() => stack.rabbitmq.pid === undefined);
  await stack.rabbitmq.start();
  await eventually(() => {
    const missing = confirmed.filter((id) => !seen.has(id));
    assert.deepEqual(missing, []);
  }, RESTART);
  await eventually(async () => assert.equal(await broker.publish(command(3)), 'confirmed'), RESTART);
  await eventually(() => seen.has('m3'), RESTART);
  assert.equal(broker.ready(), true);
});
