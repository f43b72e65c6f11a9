import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { testStack } from '@malote/devstack/devstack';
import { createLogger } from '@malote/runtime/logger';
import { startChaosProxy } from '@malote/testkit/chaos-proxy';
import { eventually } from '@malote/testkit/eventually';
import { connectRedis, type Redis } from '../connect.ts';
import { nudgePublisher, nudgeSubscriber } from '../nudges.ts';

const { redisUrl } = await testStack();
const log = createLogger({ service: 'test', level: 'silent' });
const prefix = `nudges-${process.pid}:`;
const connections: Redis[] = [];
after(() => {
  for (const redis of connections) redis.disconnect();
});

async function connect(url = redisUrl): Promise<Redis> {
  const redis = connectRedis(url, log);
  connections.push(redis);
  await eventually(() => redis.status === 'ready');
  return redis;
}

/** Subscribers of a document's channel, as Redis itself counts them. */
async function subscribers(redis: Redis, documentId: string): Promise<number> {
  const [, count] = (await redis.pubsub('NUMSUB', `${prefix}doc:${documentId}`)) as [string, number];
  return count;
}

test('a nudge ends the wait, and one that came before the wait is not lost', async () => {
  const redis = await connect();
  const subscriber = nudgeSubscriber({ redis, prefix });
  const publish = nudgePublisher({ redis, prefix });
  const nudge = subscriber.subscribe('a');
  await eventually(async () => (await subscribers(redis, 'a')) === 1);
  const waiting = nudge.wait(30_000);
  publish('a');
  assert.equal(await waiting, 'nudged');
  publish('a');
  // Redis delivers in order: the second subscriber's nudge has arrived, so the first has.
  const other = subscriber.subscribe('b');
  await eventually(async () => (await subscribers(redis, 'b')) === 1);
  publish('b');
  assert.equal(await other.wait(30_000), 'nudged');
  assert.equal(await nudge.wait(30_000), 'nudged');
  assert.equal(await nudge.wait(1), 'timeout', 'each nudge counts once');
  subscriber.close();
});

test('two who wait for one document share a channel, which goes with the last of them', async () => {
  const redis = await connect();
  const subscriber = nudgeSubscriber({ redis, prefix });
  const publish = nudgePublisher({ redis, prefix });
  const [one, two] = [subscriber.subscribe('c'), subscriber.subscribe('c')];
  await eventually(async () => (await subscribers(redis, 'c')) === 1);
  one.close();
  one.close();
  assert.equal(subscriber.channels(), 1);
  publish('c');
  assert.equal(await two.wait(30_000), 'nudged');
  two.close();
  assert.equal(subscriber.channels(), 0);
  await eventually(async () => (await subscribers(redis, 'c')) === 0);
  subscriber.close();
});

test('an abort ends the wait', async () => {
  const redis = await connect();
  const subscriber = nudgeSubscriber({ redis, prefix });
  const nudge = subscriber.subscribe('d');
  const controller = new AbortController();
  const waiting = nudge.wait(30_000, controller.signal);
  controller.abort();
  assert.equal(await waiting, 'aborted');
  assert.equal(await nudge.wait(30_000, controller.signal), 'aborted');
  subscriber.close();
});

test('Redis away: subscribing and publishing cost nothing, and everybody is woken when it is back', async () => {
  const direct = await connect();
  const target = new URL(redisUrl);
  const proxy = await startChaosProxy({ targetPort: Number(target.port) });
  target.port = String(proxy.port);
  const redis = await connect(target.href);
  const subscriber = nudgeSubscriber({ redis, prefix });
  const before = subscriber.subscribe('e');
  await eventually(async () => (await subscribers(direct, 'e')) === 1);

  await proxy.setMode('refuse');
  proxy.cut();
  await eventually(() => redis.status !== 'ready');
  nudgePublisher({ redis, prefix })('e');
  const meanwhile = subscriber.subscribe('f');
  assert.equal(await meanwhile.wait(1), 'timeout');

  await proxy.setMode('pass');
  assert.equal(await before.wait(30_000), 'nudged');
  assert.equal(await meanwhile.wait(30_000), 'nudged');
  nudgePublisher({ redis: direct, prefix })('f');
  assert.equal(await meanwhile.wait(30_000), 'nudged');
  subscriber.close();
  redis.disconnect();
  await proxy.close();
});
