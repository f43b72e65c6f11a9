import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startAmqpRelay } from '@malote/testkit/amqp-relay';
import { eventually } from '@malote/testkit/eventually';
import { done } from '../outcome.ts';
import { command, QUEUE, testVhost } from './broker-under-test.ts';

test('a consume that RabbitMQ never answers is given up, and the queue is consumed on another channel of the same connection', async (t) => {
  const vhost = await testVhost(t);
  const relay = await startAmqpRelay(vhost.port);
  t.after(() => relay.close());
  relay.loseNextConsume = true;
  const broker = vhost.broker({ url: vhost.urlVia(relay.port) });
  let handled = 0;
  broker.consume(QUEUE, async () => {
    handled += 1;
    return done;
  });
  await eventually(() => relay.loseNextConsume === false);
  assert.equal(broker.state().consumers[0]?.consuming, false);
  await eventually(() => broker.state().consumers[0]?.consuming === true, { timeoutMs: 30_000 });
  assert.equal(await broker.publish(command(1)), 'confirmed');
  await eventually(() => handled === 1);
  assert.ok(vhost.logLines().some(({ err }) => String((err as { message?: string })?.message).includes('was not answered')));
});

test('the same when consuming is taken up again after a pause', async (t) => {
  const vhost = await testVhost(t);
  const relay = await startAmqpRelay(vhost.port);
  t.after(() => relay.close());
  const broker = vhost.broker({ url: vhost.urlVia(relay.port) });
  let handled = 0;
  broker.consume(QUEUE, async () => {
    handled += 1;
    return done;
  });
  await eventually(() => broker.state().consumers[0]?.consuming === true);
  await broker.pauseConsuming();
  relay.loseNextConsume = true;
  await broker.resumeConsuming();
  assert.equal(relay.loseNextConsume, false);
  assert.equal(await broker.publish(command(1)), 'confirmed');
  await eventually(() => handled === 1, { timeoutMs: 20_000 });
});
