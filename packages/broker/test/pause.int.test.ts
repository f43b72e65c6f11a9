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

test('what was delivered while the pause was being said is not begun and not kept: another process gets it', async (t) => {
  const vhost = await testVhost(t);
  const [one, two] = [vhost.broker(), vhost.broker()];
  await eventually(() => one.state().publishing);
  assert.ok(confirmed(await Promise.all(Array.from({ length: 60 }, (_, n) => one.publish(command(n))))));
  const begun: string[] = [];
  one.consume(
    QUEUE,
    async (envelope) => {
      // The deliveries behind the first are in the socket already.
      if (begun.push(envelope.id) === 1) void one.pauseConsuming();
      return done;
    },
    { prefetch: 60 },
  );
  await eventually(() => begun.length > 0);
  const elsewhere: string[] = [];
  two.consume(QUEUE, async (envelope) => {
    elsewhere.push(envelope.id);
    return done;
  });
  await eventually(() => begun.length + elsewhere.length === 60);
  assert.ok(begun.length < 60);
  assert.equal(new Set([...begun, ...elsewhere]).size, 60);
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
