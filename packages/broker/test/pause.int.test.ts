import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startChaosProxy } from '@malote/testkit/chaos-proxy';
import { eventually } from '@malote/testkit/eventually';
import { done } from '../consumer.ts';
import { command, QUEUE, testVhost } from './broker-under-test.ts';

const confirmed = (results: string[]) => results.every((result) => result === 'confirmed');

test('a paused broker takes nothing new, finishes what is running, publishes, and takes everything up when resumed', async (t) => {
  const vhost = await testVhost(t);
  const broker = vhost.broker();
  const given: string[] = [];
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  broker.consume(QUEUE, async (envelope) => {
    given.push(envelope.id);
    if (envelope.id === 'm1') await held;
    return done;
  });
  await eventually(() => broker.ready());
  await broker.publish(command(1));
  await eventually(() => given.length === 1);
  await broker.pauseConsuming();
  assert.equal(broker.state().consumers[0]?.consuming, false);
  assert.equal(broker.ready(), true);
  assert.ok(confirmed(await Promise.all(Array.from({ length: 30 }, (_, n) => broker.publish(command(2 + n))))));
  release();
  await eventually(() => broker.state().consumers[0]?.inFlight === 0);
  const depth = async () => (await (await vhost.rawChannel()).checkQueue(QUEUE)).messageCount;
  await eventually(async () => (await depth()) === 30);
  assert.deepEqual(given, ['m1']);
  await broker.resumeConsuming();
  await eventually(() => given.length === 31);
  assert.equal(new Set(given).size, 31);
});

test('a pause in the middle of deliveries leaves no message held: another process gets each', async (t) => {
  const vhost = await testVhost(t);
  const [one, two] = [vhost.broker(), vhost.broker()];
  const given = new Set<string>();
  one.consume(QUEUE, async (envelope) => {
    given.add(envelope.id);
    return done;
  });
  await eventually(() => one.ready() && two.ready());
  for (let round = 0; round < 5; round += 1) {
    const publishes = Array.from({ length: 60 }, (_, n) => two.publish(command(round * 60 + n)));
    await publishes[5];
    const pausing = one.pauseConsuming();
    await Promise.all([pausing, ...publishes]);
    // Nothing is unacked any more once the paused process has finished what it had begun.
    await eventually(async () => {
      const { messages_unacknowledged: unacked } = (await vhost.management(`queues/{vhost}/${QUEUE}`)) as Record<string, number>;
      return unacked === 0;
    });
    await one.resumeConsuming();
  }
  await eventually(() => given.size === 300);
});

test('begun paused, and through a lost connection, nothing is taken until the resume', async (t) => {
  const vhost = await testVhost(t);
  const proxy = await startChaosProxy({ targetPort: vhost.port });
  t.after(() => proxy.close());
  const broker = vhost.broker({ url: vhost.urlVia(proxy.port) });
  await broker.pauseConsuming();
  const given: string[] = [];
  broker.consume(QUEUE, async (envelope) => {
    given.push(envelope.id);
    return done;
  });
  await eventually(() => broker.ready());
  assert.equal(await broker.publish(command(1)), 'confirmed');
  proxy.cut();
  await eventually(async () => assert.equal(await broker.publish(command(2)), 'confirmed'));
  await eventually(() => broker.ready());
  assert.deepEqual(given, []);
  await broker.resumeConsuming();
  await eventually(() => given.length === 2);
});
