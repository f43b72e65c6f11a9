import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startAmqpRelay } from '@malote/testkit/amqp-relay';
import { startChaosProxy } from '@malote/testkit/chaos-proxy';
import { eventually } from '@malote/testkit/eventually';
import type { Broker } from '../connection.ts';
import { dead, done, type Handler } from '../consumer.ts';
import { type DeadLetters, openDeadLetters } from '../dead.ts';
import { command, QUEUE, type TestVhost, TOPOLOGY, testVhost } from './broker-under-test.ts';

/** A broker whose handler answers dead until `heal()`, and counts what it was given by message id. */
async function failing(vhost: TestVhost, isPoison: (id: string) => boolean = () => true) {
  const given: string[] = [];
  let healed = false;
  const handler: Handler = async (envelope) => {
    given.push(envelope.id);
    return healed || !isPoison(envelope.id) ? done : dead('no such document');
  };
  const broker = vhost.broker();
  broker.consume(QUEUE, handler);
  await eventually(() => broker.ready());
  return {
    broker,
    given,
    heal() {
      healed = true;
      given.length = 0;
    },
  };
}

async function publishAll(broker: Broker, numbers: number[]): Promise<void> {
  assert.deepEqual(
    await Promise.all(numbers.map((n) => broker.publish(command(n)))),
    numbers.map(() => 'confirmed'),
  );
}

async function open(t: TestContext, url: string, timeoutMs = 5000): Promise<DeadLetters> {
  const letters = await openDeadLetters({ url, name: 'test/dead', timeoutMs });
  t.after(() => letters.close());
  return letters;
}

const untilDead = (letters: DeadLetters, total: number) => eventually(async () => (await letters.list()).total === total);
const ids = (messages: { id: string }[]) => messages.map(({ id }) => id).sort();

test('the list says of each dead message what it was, why and since when it is dead, and leaves all in place', async (t) => {
  const vhost = await testVhost(t);
  const { broker } = await failing(vhost, (id) => id === 'm2' || id === 'm3');
  const sent = [1, 2, 3, 4].map(command);
  for (const message of sent) assert.equal(await broker.publish(message), 'confirmed');
  const letters = await open(t, vhost.url);
  await untilDead(letters, 2);
  const { messages, total, complete } = await letters.list();
  assert.deepEqual([total, complete], [2, true]);
  assert.deepEqual(ids(messages), ['m2', 'm3']);
  const second = messages.find(({ id }) => id === 'm2');
  const { type, documentId, queue, reason, attempts, replays, body } = second ?? assert.fail('m2 is missing');
  assert.deepEqual(
    { type, documentId, queue, reason, attempts, replays, body },
    {
      type: 'document.emit',
      documentId: command(2).correlationId,
      queue: QUEUE,
      reason: 'no such document',
      attempts: 1,
      replays: 0,
      body: sent[1],
    },
  );
  assert.ok(Math.abs(Date.now() - Number(second?.deadAt)) < 60_000);
  assert.deepEqual(ids((await letters.list({ id: 'm3' })).messages), ['m3']);
  assert.deepEqual(ids((await letters.list({ type: 'document.authorized' })).messages), []);
  const cut = await letters.list({}, 1);
  assert.deepEqual([cut.messages.length, cut.total, cut.complete], [1, 2, false]);
  assert.deepEqual(ids((await letters.list()).messages), ['m2', 'm3']);
});

test('a replayed message comes back to its queue as a first attempt under its id, and leaves dead; the others stay', async (t) => {
  const vhost = await testVhost(t);
  const { broker, given, heal } = await failing(vhost);
  await publishAll(broker, [1, 2, 3]);
  const letters = await open(t, vhost.url);
  await untilDead(letters, 3);
  const first = await letters.replay({ id: 'm2' });
  assert.deepEqual([ids(first.replayed), first.kept, first.total], [['m2'], [], 3]);
  await untilDead(letters, 3);
  const back = (await letters.list({ id: 'm2' })).messages[0];
  assert.deepEqual([back?.replays, back?.attempts, back?.reason], [1, 1, 'no such document']);
  heal();
  assert.deepEqual(ids((await letters.replay({ queue: QUEUE, type: 'document.emit' })).replayed), ['m1', 'm2', 'm3']);
  await eventually(() => given.length === 3);
  assert.equal((await letters.list()).total, 0);
  assert.deepEqual(given.sort(), ['m1', 'm2', 'm3']);
});

test('messages that die again at once are replayed once each, not for ever', async (t) => {
  const vhost = await testVhost(t);
  const { broker, given } = await failing(vhost);
  const numbers = Array.from({ length: 20 }, (_, n) => n);
  await publishAll(broker, numbers);
  const letters = await open(t, vhost.url);
  await untilDead(letters, 20);
  assert.equal((await letters.replay()).replayed.length, 20);
  await untilDead(letters, 20);
  assert.equal(given.length, 40);
});

test('two replays at once deliver every message once', async (t) => {
  const vhost = await testVhost(t);
  const { broker, given, heal } = await failing(vhost);
  const numbers = Array.from({ length: 40 }, (_, n) => n);
  await publishAll(broker, numbers);
  const watcher = await openDeadLetters({ url: vhost.url, name: 'test/dead' });
  await untilDead(watcher, 40);
  await watcher.close();
  heal();
  const replayed = await Promise.all(
    [1, 2].map(async () => {
      const letters = await openDeadLetters({ url: vhost.url, name: 'test/dead' });
      const report = await letters.replay();
      await letters.close();
      return report.replayed.length;
    }),
  );
  assert.deepEqual(replayed.sort(), [0, 40]);
  await eventually(() => given.length === 40);
  assert.equal(new Set(given).size, 40);
  assert.equal((await (await open(t, vhost.url)).list()).total, 0);
});

test('while somebody works on the dead messages another waits its time and is told so', async (t) => {
  const vhost = await testVhost(t);
  await failing(vhost);
  const letters = await open(t, vhost.url);
  await assert.rejects(openDeadLetters({ url: vhost.url, name: 'test/dead', timeoutMs: 400 }), { name: 'DeadQueueBusy' });
  await letters.close();
  await open(t, vhost.url);
});

test('a message whose queue is gone stays dead and is told apart, and the others are replayed', async (t) => {
  const vhost = await testVhost(t);
  const { broker, given, heal } = await failing(vhost);
  await publishAll(broker, [1]);
  assert.equal(await broker.publish(command(2), { exchange: 'retry.150ms', key: 'test.gone' }), 'confirmed');
  const letters = await open(t, vhost.url);
  await untilDead(letters, 2);
  heal();
  const report = await letters.replay();
  assert.deepEqual(ids(report.replayed), ['m1']);
  assert.deepEqual(
    report.kept.map(({ message, why }) => [message.id, message.queue, message.reason, why]),
    [['m2', 'test.gone', 'no queue test.gone when it came back from the ladder', 'queue-gone']],
  );
  await eventually(() => given.length === 1);
  assert.deepEqual(ids((await letters.list()).messages), ['m2']);
});

test('a message that RabbitMQ moved by its delivery limit is named by its work queue and can be replayed', async (t) => {
  const vhost = await testVhost(t);
  const proxy = await startChaosProxy({ targetPort: vhost.port });
  t.after(() => proxy.close());
  const topology = { ...TOPOLOGY, deliveryLimit: 2 };
  const broker = vhost.broker({ url: vhost.urlVia(proxy.port), topology });
  let healed = false;
  const given: string[] = [];
  broker.consume(QUEUE, async (envelope) => {
    given.push(envelope.id);
    if (!healed) proxy.cut();
    return done;
  });
  const publisher = vhost.broker({ topology });
  await eventually(() => publisher.state().publishing && broker.ready());
  assert.equal(await publisher.publish(command(1)), 'confirmed');
  const letters = await open(t, vhost.url);
  await untilDead(letters, 1);
  const [message] = (await letters.list()).messages;
  assert.deepEqual([message?.queue, message?.id], [QUEUE, 'm1']);
  assert.match(String(message?.reason), /delivery limit/);
  healed = true;
  given.length = 0;
  assert.equal((await letters.replay()).replayed.length, 1);
  await eventually(() => given.length === 1);
});

test('a replay whose confirm never comes rejects, and the message is still in dead', async (t) => {
  const vhost = await testVhost(t);
  const { broker, given, heal } = await failing(vhost);
  await publishAll(broker, [1]);
  const watcher = await openDeadLetters({ url: vhost.url, name: 'test/dead' });
  await untilDead(watcher, 1);
  await watcher.close();
  heal();
  const relay = await startAmqpRelay(vhost.port);
  t.after(() => relay.close());
  const cutOff = await openDeadLetters({ url: vhost.urlVia(relay.port), name: 'test/dead', timeoutMs: 1000 });
  // The message is in our hands by now; only the confirm of its copy is lost.
  relay.swallowFromPublishOn = true;
  await assert.rejects(cutOff.replay(), /did not confirm/);
  relay.cut();
  await eventually(() => given.length === 1);
  const letters = await open(t, vhost.url);
  assert.deepEqual(ids((await letters.list()).messages), ['m1']);
  assert.equal((await letters.replay()).replayed.length, 1);
  await eventually(() => given.length === 2);
  assert.equal((await letters.list()).total, 0);
});

test('without a queue dead the virtual host is said not to be in use', async (t) => {
  const vhost = await testVhost(t);
  const letters = await open(t, vhost.url);
  await assert.rejects(letters.list(), { name: 'DeadQueueMissing' });
});
