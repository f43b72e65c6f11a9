import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@malote/testkit/eventually';
import { dead, done, type Outcome, retry } from '../consumer.ts';
import { command, movableClock, QUEUE, TOPOLOGY, testVhost } from './broker-under-test.ts';

test('a done message is acked and gone, and its handler gets the envelope and a labelled log', async (t) => {
  const vhost = await testVhost(t);
  const broker = vhost.broker();
  const seen: unknown[] = [];
  broker.consume(QUEUE, async (envelope, ctx) => {
    ctx.log.info('seen');
    seen.push([envelope.id, 'documentId' in envelope.payload && envelope.payload.documentId, ctx.attempt, ctx.redelivered]);
    return done;
  });
  await eventually(() => broker.ready());
  assert.equal(await broker.publish(command(1)), 'confirmed');
  await eventually(() => seen.length === 1);
  assert.deepEqual(seen, [['m1', command(1).correlationId, 1, false]]);
  const line = vhost.logLines().find((each) => each.msg === 'seen');
  assert.equal(line?.trace, '4bf92f3577b34da6a3ce929d0e0e4736');
  assert.deepEqual([line?.doc, line?.conta, line?.empresa, line?.attempt], [command(1).correlationId, 'conta-teste', '11222333000181', 1]);
  await broker.close({ timeoutMs: 1000 });
  assert.deepEqual(await vhost.drain(QUEUE), []);
});

test('a retry comes back after its step with the next attempt, the rest of the message unchanged', async (t) => {
  const vhost = await testVhost(t);
  const broker = vhost.broker();
  const seen: { at: number; attempt: number; body: unknown }[] = [];
  broker.consume(QUEUE, async (envelope, ctx) => {
    seen.push({ at: performance.now(), attempt: ctx.attempt, body: envelope });
    return ctx.attempt < 3 ? retry('not yet') : done;
  });
  await eventually(() => broker.ready());
  const sent = command(1);
  await broker.publish(sent);
  await eventually(() => seen.length === 3);
  const [first, second, third] = seen as [(typeof seen)[0], (typeof seen)[0], (typeof seen)[0]];
  assert.ok(second.at - first.at >= 150, `first pause ${second.at - first.at}`);
  assert.ok(third.at - second.at >= 400, `second pause ${third.at - second.at}`);
  assert.deepEqual(
    seen.map(({ attempt, body }) => ({ attempt, body })),
    [1, 2, 3].map((attempt) => ({ attempt, body: sent })),
  );
});

test('a poison message reaches dead after its attempts and its neighbours do not', async (t) => {
  const vhost = await testVhost(t);
  const broker = vhost.broker();
  const finished: string[] = [];
  const attempts: number[] = [];
  broker.consume(
    QUEUE,
    async (envelope, ctx) => {
      if (envelope.id === 'm7') {
        attempts.push(ctx.attempt);
        throw new Error('ECONNRESET by amqp://user:hunter2@host');
      }
      finished.push(envelope.id);
      return done;
    },
    { maxAttempts: 4 },
  );
  await eventually(() => broker.ready());
  await Promise.all(Array.from({ length: 20 }, (_, n) => broker.publish(command(n))));
  const [body, ...others] = await eventually(async () => {
    const found = await vhost.drain('dead');
    return found.length > 0 ? found : null;
  });
  assert.equal(others.length, 0);
  assert.deepEqual(attempts, [1, 2, 3, 4]);
  assert.equal(body?.properties.messageId, 'm7');
  const headers = body?.properties.headers ?? {};
  assert.match(String(headers['x-reason']), /^given up after 4 attempts: ECONNRESET/);
  assert.doesNotMatch(JSON.stringify(headers), /hunter2/);
  assert.equal(headers['x-queue'], QUEUE);
  assert.equal(finished.length, 19);
});

test('dead at once: the handler says so, a programming mistake (with its stack), an unknown type, a body that is no envelope', async (t) => {
  const vhost = await testVhost(t);
  const broker = vhost.broker();
  const outcomes: Record<string, () => Outcome> = {
    m1: () => dead('no such document'),
    m2: () => (undefined as unknown as { field: Outcome }).field,
  };
  let handled = 0;
  broker.consume(QUEUE, async (envelope) => {
    handled += 1;
    return outcomes[envelope.id]?.() ?? done;
  });
  await eventually(() => broker.ready());
  await broker.publish(command(1));
  await broker.publish(command(2));
  const raw = await vhost.rawChannel();
  raw.publish('work', QUEUE, Buffer.from('<nfe/>'));
  raw.publish('work', QUEUE, Buffer.from(JSON.stringify({ ...command(4), type: 'document.fold' })), { messageId: 'm4' });
  const found = new Map<string, Record<string, unknown>>();
  await eventually(async () => {
    for (const message of await vhost.drain('dead')) found.set(message.content.toString(), message.properties.headers ?? {});
    return found.size === 4;
  });
  const reasons = [...found.values()].map((headers) => String(headers['x-reason'])).sort();
  assert.equal(reasons.length, 4);
  assert.match(reasons[0] ?? '', /^Cannot read properties of undefined/);
  assert.deepEqual(reasons.slice(1), ['no such document', 'the body is not a message envelope', 'unknown message type document.fold']);
  const bug = [...found.values()].find((headers) => String(headers['x-reason']).startsWith('Cannot read'));
  assert.match(String(bug?.['x-stack']), /consumer\.int\.test\.ts/);
  assert.equal(handled, 2);
});

test('a newer version of a message is tried again until it is an hour old, then dead, without reaching the handler', async (t) => {
  const vhost = await testVhost(t);
  const clock = movableClock();
  const broker = vhost.broker({ clock });
  let handled = 0;
  broker.consume(QUEUE, async () => {
    handled += 1;
    return done;
  });
  await eventually(() => broker.ready());
  const raw = await vhost.rawChannel();
  raw.publish('work', QUEUE, Buffer.from(JSON.stringify({ ...command(1), version: 99 })), { messageId: 'm1' });
  const retries = () => vhost.logLines().filter((line) => line.msg === 'message to be tried again' || line.attempt === 3).length;
  await eventually(() => retries() >= 3);
  assert.deepEqual(await vhost.drain('dead'), []);
  clock.offsetMs = 3_600_000;
  const [message] = await eventually(async () => {
    const found = await vhost.drain('dead');
    return found.length > 0 ? found : null;
  });
  assert.match(String(message?.properties.headers?.['x-reason']), /^given up after 36\d\d s: document.emit version 99 is newer/);
  assert.equal(handled, 0);
});

test('a message is given up when it is too old, whatever its attempts', async (t) => {
  const vhost = await testVhost(t);
  const clock = movableClock();
  const broker = vhost.broker({ clock });
  broker.consume(
    QUEUE,
    async (_envelope, ctx) => {
      if (ctx.attempt === 2) clock.offsetMs = 86_400_000;
      return retry('SEFAZ away');
    },
    { maxAttempts: 1000 },
  );
  await eventually(() => broker.ready());
  await broker.publish(command(1));
  const [message] = await eventually(async () => {
    const found = await vhost.drain('dead');
    return found.length > 0 ? found : null;
  });
  assert.match(String(message?.properties.headers?.['x-reason']), /^given up after 8640\d s: SEFAZ away/);
  assert.equal(message?.properties.headers?.['x-attempt'], 2);
});

test('deleting the work queue makes the consumer rebuild it, bindings included', async (t) => {
  const vhost = await testVhost(t);
  const broker = vhost.broker();
  const seen: string[] = [];
  broker.consume(QUEUE, async (envelope) => {
    seen.push(envelope.id);
    return done;
  });
  await eventually(() => broker.ready());
  const raw = await vhost.rawChannel();
  await raw.deleteQueue(QUEUE);
  await eventually(() => broker.state().consumers[0]?.consuming === false, { everyMs: 1 });
  await eventually(async () => assert.equal(await broker.publish(command(1)), 'confirmed'));
  await eventually(() => seen.length === 1);
  const queue = (await vhost.management(`queues/{vhost}/${QUEUE}`)) as { type: string; arguments: Record<string, unknown> };
  assert.equal(queue.type, 'quorum');
  assert.equal(queue.arguments['x-delivery-limit'], TOPOLOGY.deliveryLimit);
});

test('a retry whose ladder queue was deleted is not lost: the ladder is declared again and the message comes back', async (t) => {
  const vhost = await testVhost(t);
  const broker = vhost.broker();
  const attempts: number[] = [];
  const raw = await vhost.rawChannel();
  broker.consume(QUEUE, async (_envelope, ctx) => {
    attempts.push(ctx.attempt);
    if (ctx.attempt > 1) return done;
    await raw.deleteQueue('retry.150ms');
    return retry('first time');
  });
  await eventually(() => broker.ready());
  await broker.publish(command(1));
  await eventually(() => attempts.length === 2);
  assert.deepEqual(attempts, [1, 2]);
});

test('no more than the prefetch is in work at a time', async (t) => {
  const vhost = await testVhost(t);
  const broker = vhost.broker();
  await eventually(() => broker.state().publishing);
  await Promise.all(Array.from({ length: 12 }, (_, n) => broker.publish(command(n))));
  let running = 0;
  let most = 0;
  let finished = 0;
  const consumer = broker.consume(
    QUEUE,
    async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running -= 1;
      finished += 1;
      return done;
    },
    { prefetch: 3 },
  );
  await eventually(() => finished === 12);
  assert.equal(most, 3);
  await eventually(() => consumer.inFlight() === 0);
});
