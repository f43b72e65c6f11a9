import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '@malote/testkit/eventually';
import { done, retry } from '../consumer.ts';
import { command, QUEUE, testVhost } from './broker-under-test.ts';

test('a shutdown takes no new message, waits for running handlers, and their acks and retries arrive', async (t) => {
  const vhost = await testVhost(t);
  const broker = vhost.broker();
  const started: string[] = [];
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  broker.consume(
    QUEUE,
    async (envelope) => {
      started.push(envelope.id);
      await held;
      return envelope.id === 'm0' ? done : retry('later');
    },
    { prefetch: 2 },
  );
  await eventually(() => broker.ready());
  for (let n = 0; n < 4; n += 1) assert.equal(await broker.publish(command(n)), 'confirmed');
  await eventually(() => started.length === 2);
  const closed = broker.close({ timeoutMs: 5000 });
  let isClosed = false;
  void closed.then(() => {
    isClosed = true;
  });
  await eventually(() => broker.state().consumers[0]?.consuming === false);
  assert.equal(await broker.publish(command(4)), 'confirmed');
  assert.equal(isClosed, false);
  release();
  await closed;
  assert.deepEqual(started, ['m0', 'm1']);
  const left: unknown[][] = [];
  await eventually(async () => {
    for (const { properties } of await vhost.drain(QUEUE)) left.push([properties.messageId, properties.headers?.['x-attempt']]);
    return left.length === 4;
  });
  assert.deepEqual(left.sort(), [
    ['m1', 2],
    ['m2', undefined],
    ['m3', undefined],
    ['m4', undefined],
  ]);
});

test('a shutdown that cannot wait aborts the handlers and leaves their messages to be delivered again', async (t) => {
  const vhost = await testVhost(t);
  const broker = vhost.broker();
  let reason: unknown;
  let started = false;
  broker.consume(QUEUE, async (_envelope, ctx) => {
    started = true;
    await new Promise<void>((resolve) => ctx.signal.addEventListener('abort', () => resolve()));
    reason = ctx.signal.reason;
    return await new Promise(() => {});
  });
  await eventually(() => broker.ready());
  await broker.publish(command(1));
  await eventually(() => started);
  const begun = performance.now();
  await broker.close({ timeoutMs: 300 });
  const took = performance.now() - begun;
  assert.ok(took >= 300 && took < 15_000, `closed after ${took} ms`);
  assert.match(String(reason), /shutdown/);
  const [message] = await eventually(async () => {
    const found = await vhost.drain(QUEUE);
    return found.length > 0 ? found : null;
  });
  assert.equal(message?.properties.messageId, 'm1');
  assert.equal(await broker.publish(command(2)), 'unknown');
});
