import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startAmqpRelay } from '@malote/testkit/amqp-relay';
import { startChaosProxy } from '@malote/testkit/chaos-proxy';
import { eventually } from '@malote/testkit/eventually';
import { command, QUEUE, testVhost } from './broker-under-test.ts';

/** Far under the publisher's own 10 s, far over what a busy machine needs. */
const AT_ONCE_MS = 5000;

test('a confirmed message is in its queue, persistent, with its ids and trace in the AMQP properties', async (t) => {
  const vhost = await testVhost(t);
  const broker = vhost.broker();
  await eventually(() => broker.state().publishing);
  const sent = command(1);
  assert.equal(await broker.publish(sent), 'confirmed');
  const [message, ...others] = await vhost.drain(QUEUE);
  assert.equal(others.length, 0);
  assert.deepEqual(JSON.parse(String(message?.content)), sent);
  const { messageId, correlationId, type, deliveryMode, appId, headers } = message?.properties ?? assert.fail('no message');
  assert.deepEqual(
    { messageId, correlationId, type, deliveryMode, appId },
    { messageId: 'm1', correlationId: sent.correlationId, type: 'document.emit', deliveryMode: 2, appId: 'test' },
  );
  assert.equal(headers?.traceparent, sent.traceparent);
});

test('a message that no queue takes is reported as unroutable, and only that one of many in flight', async (t) => {
  const vhost = await testVhost(t);
  const broker = vhost.broker();
  await eventually(() => broker.state().publishing);
  const results = await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      n % 4 === 0 ? broker.publish(command(n), { exchange: 'commands', key: 'nobody.listens' }) : broker.publish(command(n)),
    ),
  );
  assert.deepEqual(
    results,
    Array.from({ length: 40 }, (_, n) => (n % 4 === 0 ? 'unroutable' : 'confirmed')),
  );
  assert.equal((await vhost.drain(QUEUE)).length, 30);
});

test('the same message in flight to two routes gets the result of each route', async (t) => {
  const vhost = await testVhost(t);
  const broker = vhost.broker();
  await eventually(() => broker.state().publishing);
  const results = await Promise.all([
    broker.publish(command(1)),
    broker.publish(command(1), { exchange: 'commands', key: 'nobody.listens' }),
    broker.publish(command(1)),
  ]);
  assert.deepEqual(results, ['confirmed', 'unroutable', 'confirmed']);
});

test('publishing to an exchange that does not exist is unknown, and the publisher comes back', async (t) => {
  const vhost = await testVhost(t);
  const broker = vhost.broker();
  await eventually(() => broker.state().publishing);
  assert.equal(await broker.publish(command(1), { exchange: 'nowhere', key: 'x' }), 'unknown');
  await eventually(async () => assert.equal(await broker.publish(command(2)), 'confirmed'));
});

test('publishing while disconnected is unknown at once', async (t) => {
  const vhost = await testVhost(t);
  const proxy = await startChaosProxy({ targetPort: vhost.port, mode: 'refuse' });
  t.after(() => proxy.close());
  const broker = vhost.broker({ url: vhost.urlVia(proxy.port) });
  const begun = performance.now();
  assert.equal(await broker.publish(command(1)), 'unknown');
  assert.ok(performance.now() - begun < AT_ONCE_MS);
  assert.equal(broker.ready(), false);
  await proxy.setMode('pass');
  await eventually(async () => assert.equal(await broker.publish(command(1)), 'confirmed'));
  assert.equal(broker.ready(), true);
});

test('when the confirm is lost the result is unknown within the timeout, and publishing again may double the message under one id', async (t) => {
  const vhost = await testVhost(t);
  const relay = await startAmqpRelay(vhost.port);
  t.after(() => relay.close());
  const broker = vhost.broker({ url: vhost.urlVia(relay.port), publishTimeoutMs: 500 });
  await eventually(() => broker.state().publishing);
  relay.swallowAnswers = true;
  const begun = performance.now();
  assert.equal(await broker.publish(command(1)), 'unknown');
  const waited = performance.now() - begun;
  assert.ok(waited >= 490 && waited < AT_ONCE_MS, `waited ${waited} ms`);
  relay.swallowAnswers = false;
  relay.cut();
  await eventually(async () => assert.equal(await broker.publish(command(1)), 'confirmed'));
  const taken = await vhost.drain(QUEUE);
  assert.deepEqual(
    taken.map((message) => message.properties.messageId),
    ['m1', 'm1'],
  );
});

test('messages in flight when the connection is cut are unknown, none is called confirmed that is not in the queue', async (t) => {
  const vhost = await testVhost(t);
  const relay = await startAmqpRelay(vhost.port);
  t.after(() => relay.close());
  const broker = vhost.broker({ url: vhost.urlVia(relay.port) });
  await eventually(() => broker.state().publishing);
  const publish = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => broker.publish(command(from + n)).then((result) => ({ id: `m${from + n}`, result })));
  // How many of these are answered before the cut is for RabbitMQ to say: all at once when its disk is slow.
  const raced = publish(0, 200);
  await Promise.race(raced);
  relay.swallowAnswers = true;
  const unanswered = publish(200, 300);
  relay.cut();
  const lost = await Promise.all(unanswered);
  relay.swallowAnswers = false;
  assert.deepEqual([...new Set(lost.map(({ result }) => result))], ['unknown']);
  const confirmed = (await Promise.all(raced)).filter(({ result }) => result === 'confirmed');
  assert.ok(confirmed.length > 0);
  const stored = new Set((await vhost.drain(QUEUE)).map((message) => message.properties.messageId));
  assert.deepEqual(
    confirmed.filter(({ id }) => !stored.has(id)),
    [],
  );
  assert.equal(broker.state().publishesInFlight, 0);
});

test('while RabbitMQ refuses publishes the result is unknown at once, for those in flight too', async (t) => {
  const vhost = await testVhost(t);
  const relay = await startAmqpRelay(vhost.port);
  t.after(() => relay.close());
  const broker = vhost.broker({ url: vhost.urlVia(relay.port) });
  await eventually(() => broker.state().publishing);
  assert.equal(await broker.publish(command(1)), 'confirmed');
  relay.swallowAnswers = true;
  const inFlight = broker.publish(command(2));
  relay.sendBlocked('low on memory');
  assert.equal(await inFlight, 'unknown');
  assert.equal(broker.state().blocked, 'low on memory');
  const begun = performance.now();
  assert.equal(await broker.publish(command(3)), 'unknown');
  assert.ok(performance.now() - begun < AT_ONCE_MS);
  relay.sendUnblocked();
  relay.swallowAnswers = false;
  await eventually(async () => assert.equal(await broker.publish(command(3)), 'confirmed'));
});
