import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@malote/runtime/clock';
import { startChaosProxy } from '@malote/testkit/chaos-proxy';
import { eventually } from '@malote/testkit/eventually';
import { done, retry } from '../consumer.ts';
import { command, QUEUE, TOPOLOGY, testVhost } from './broker-under-test.ts';

test('a blackholed connection is noticed within 20 s, a publish into it is unknown within 10 s, and all works again after', async (t) => {
  const vhost = await testVhost(t);
  const proxy = await startChaosProxy({ targetPort: vhost.port });
  t.after(() => proxy.close());
  const broker = vhost.broker({ url: vhost.urlVia(proxy.port) });
  const seen = new Set<string>();
  broker.consume(QUEUE, async (envelope) => {
    seen.add(envelope.id);
    return done;
  });
  await eventually(() => broker.ready());
  await proxy.setMode('blackhole');
  const begun = performance.now();
  assert.equal(await broker.publish(command(1)), 'unknown');
  const unknownAfter = performance.now() - begun;
  assert.ok(unknownAfter >= 9000 && unknownAfter <= 10_500, `unknown after ${unknownAfter} ms`);
  await eventually(() => !broker.state().publishing && broker.state().consumers[0]?.consuming === false, {
    timeoutMs: 20_000 - unknownAfter,
  });
  await proxy.setMode('pass');
  await eventually(async () => assert.equal(await broker.publish(command(2)), 'confirmed'));
  await eventually(() => seen.has('m2'));
});

test('after cuts of the connection every confirmed message is handled and the consumer goes on', async (t) => {
  const vhost = await testVhost(t);
  const proxy = await startChaosProxy({ targetPort: vhost.port });
  t.after(() => proxy.close());
  const broker = vhost.broker({ url: vhost.urlVia(proxy.port) });
  const seen = new Set<string>();
  broker.consume(QUEUE, async (envelope, ctx) => {
    if (ctx.attempt === 1 && Number(envelope.id.slice(1)) % 5 === 0) return retry('every fifth once more');
    seen.add(envelope.id);
    return done;
  });
  await eventually(() => broker.ready());
  const confirmed: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const publishes = Array.from({ length: 40 }, async (_, n) => {
      const message = command(round * 40 + n);
      if ((await broker.publish(message)) === 'confirmed') confirmed.push(message.id);
    });
    await Promise.race(publishes);
    proxy.cut();
    await Promise.all(publishes);
    await eventually(() => broker.state().publishing);
  }
  assert.ok(confirmed.length >= 3, `${confirmed.length} confirmed`);
  await eventually(() =>
    assert.deepEqual(
      confirmed.filter((id) => !seen.has(id)),
      [],
    ),
  );
  assert.deepEqual(await vhost.drain('dead'), []);
});

test('a handler that outlives its connection does not ack on the new one: the message comes again', async (t) => {
  const vhost = await testVhost(t);
  const proxy = await startChaosProxy({ targetPort: vhost.port });
  t.after(() => proxy.close());
  const broker = vhost.broker({ url: vhost.urlVia(proxy.port) });
  const deliveries: boolean[] = [];
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  broker.consume(QUEUE, async (_envelope, ctx) => {
    deliveries.push(ctx.redelivered);
    if (deliveries.length === 1) await held;
    return done;
  });
  await eventually(() => broker.ready());
  await broker.publish(command(1));
  await eventually(() => deliveries.length === 1);
  proxy.cut();
  await eventually(() => deliveries.length === 2);
  release();
  await eventually(async () => assert.equal(await broker.publish(command(2)), 'confirmed'));
  await eventually(() => deliveries.length === 3);
  assert.deepEqual(deliveries, [false, true, false]);
  await eventually(() => broker.state().consumers[0]?.inFlight === 0);
  assert.equal(vhost.logLines().filter((line) => line.msg === 'broker channel failed').length, 0);
});

test('ready is false before the first connection, and while away only after 30 s', async (t) => {
  const vhost = await testVhost(t);
  const proxy = await startChaosProxy({ targetPort: vhost.port, mode: 'reset' });
  t.after(() => proxy.close());
  let aheadMs = 0;
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + aheadMs };
  const broker = vhost.broker({ url: vhost.urlVia(proxy.port), clock });
  broker.consume(QUEUE, async () => done);
  await eventually(() => vhost.logLines().some((line) => line.msg === 'broker connection failed, trying again'));
  assert.equal(broker.ready(), false);
  await proxy.setMode('pass');
  await eventually(() => broker.ready());
  await proxy.setMode('refuse');
  proxy.cut();
  await eventually(() => !broker.state().publishing && broker.state().consumers[0]?.consuming === false);
  assert.equal(broker.ready(), true);
  aheadMs = 31_000;
  assert.equal(broker.ready(), false);
});

test('a message whose deliveries keep ending in a lost connection is moved to dead by RabbitMQ itself after the delivery limit', async (t) => {
  const vhost = await testVhost(t);
  const proxy = await startChaosProxy({ targetPort: vhost.port });
  t.after(() => proxy.close());
  const publisher = vhost.broker({ topology: { ...TOPOLOGY, deliveryLimit: 2 } });
  await eventually(() => publisher.state().publishing);
  assert.equal(await publisher.publish(command(1)), 'confirmed');
  const broker = vhost.broker({ url: vhost.urlVia(proxy.port), topology: { ...TOPOLOGY, deliveryLimit: 2 } });
  let deliveries = 0;
  broker.consume(QUEUE, async () => {
    deliveries += 1;
    proxy.cut();
    return await new Promise(() => {});
  });
  const [message] = await eventually(async () => {
    const found = await vhost.drain('dead');
    return found.length > 0 ? found : null;
  });
  assert.equal(deliveries, 3);
  assert.equal(message?.properties.messageId, 'm1');
  assert.equal(message?.properties.deliveryMode, 2);
  assert.match(JSON.stringify(message?.properties.headers?.['x-death']), /"reason":"delivery_limit"/);
});
