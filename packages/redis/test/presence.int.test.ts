import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { after, type TestContext, test } from 'node:test';
import { testStack } from '@malote/devstack/devstack';
import { systemClock } from '@malote/runtime/clock';
import { createErrorRing } from '@malote/runtime/error-ring';
import { createLogger } from '@malote/runtime/logger';
import { VERSION } from '@malote/runtime/version';
import { startChaosProxy } from '@malote/testkit/chaos-proxy';
import { eventually } from '@malote/testkit/eventually';
import { connectRedis, type Redis } from '../connect.ts';
import { type PresenceOptions, startPresence } from '../presence.ts';
import { readProcesses } from '../processes.ts';

const { redisUrl } = await testStack();
const silent = createLogger({ service: 'test', level: 'silent' });
const connections: Redis[] = [];
after(() => {
  for (const redis of connections) redis.disconnect();
});

async function connect(url = redisUrl): Promise<Redis> {
  const redis = connectRedis(url, silent);
  connections.push(redis);
  await eventually(() => redis.status === 'ready');
  return redis;
}

const reader = await connect();
const TIMES = { everyMs: 50, ttlMs: 400, vanishedMs: 1_000 };
let prefixes = 0;

/** A process with a Redis prefix and a connection of its own. */
async function processOf(t: TestContext, options: Partial<PresenceOptions> = {}) {
  const prefix = options.prefix ?? `presence-${process.pid}-${++prefixes}:`;
  const errors = createErrorRing();
  const log = createLogger({ service: 'emission', level: 'info', destination: { write() {} }, errors });
  const redis = options.redis ?? (await connect());
  const presence = startPresence({ redis, prefix, service: 'emission', clock: systemClock, errors, times: TIMES, ...options });
  t.after(() => presence.stop());
  return { presence, redis, log, prefix, read: () => readProcesses({ redis: reader, prefix }) };
}

test('a process is told of from its start, with its checks, circuits, broker and last errors, until it says goodbye', async (t) => {
  const ending = new AbortController();
  const { presence, log, read } = await processOf(t, { signal: ending.signal });
  await eventually(async () => (await read())[0]?.state === 'starting');
  let mongodb: true | string = true;
  const since = new Date();
  presence.running({
    checks: { mongodb: () => mongodb, redis: () => true },
    breakers: () => [{ autorizador: 'SP', service: 'NFeAutorizacao4', ambiente: '2', state: 'open', since }],
    broker: () => ({
      publishing: true,
      blocked: undefined,
      consumers: [
        { queue: 'a', inFlight: 3 },
        { queue: 'b', inFlight: 0 },
      ],
    }),
  });
  log.error({ err: new Error('no answer of amqp://u:hunter2@h'), doc: 'd1' }, 'message dead');
  const up = await eventually(async () => {
    const [view] = await read();
    return view?.state === 'up' && view.beat && view.beat.errors.length > 0 ? view : null;
  });
  assert.deepEqual([up.service, up.host, up.pid, up.version], ['emission', hostname(), process.pid, VERSION]);
  assert.deepEqual(up.beat?.breakers, [
    { autorizador: 'SP', service: 'NFeAutorizacao4', ambiente: '2', state: 'open', since: since.toISOString() },
  ]);
  assert.deepEqual(up.beat?.broker, { publishing: true, inFlight: { a: 3 } });
  assert.deepEqual(
    up.beat?.errors.map(({ msg, reason, doc }) => [msg, reason, doc]),
    [['message dead', 'no answer of amqp://***@h', 'd1']],
  );
  mongodb = 'mongodb does not answer';
  const ill = await eventually(async () => (await read()).find(({ state }) => state === 'not-ready') ?? null);
  assert.deepEqual(ill.beat?.failing, { mongodb: 'mongodb does not answer' });
  ending.abort();
  await eventually(async () => (await read())[0]?.state === 'ending');
  await presence.stop();
  assert.deepEqual(await read(), []);
});

test('a process that goes without a goodbye is vanished, and after a while it is no longer told of', async (t) => {
  const { redis, prefix, read } = await processOf(t);
  const staying = await processOf(t, { prefix });
  staying.presence.running({ checks: {} });
  await eventually(async () => (await read()).length === 2);
  redis.disconnect();
  const states = async () => (await read()).map(({ state }) => state).sort();
  const vanished = await eventually(async () => (await read()).find(({ state }) => state === 'vanished') ?? null);
  assert.equal(vanished.pid, process.pid);
  assert.equal(vanished.beat, undefined);
  assert.deepEqual(await states(), ['up', 'vanished']);
  await eventually(async () => (await states()).join() === 'up');
});

test('a process that ends after a fatal error leaves it behind instead of a goodbye', async (t) => {
  const { presence, log, read } = await processOf(t);
  presence.running({ checks: {} });
  log.fatal({ err: new Error('boom') }, 'uncaught exception');
  await presence.stop();
  const [view] = await read();
  assert.deepEqual([view?.state, view?.beat?.errors[0]?.reason], ['failed', 'boom']);
});

test('while Redis is away the process goes on undisturbed, and is told of again afterwards', async (t) => {
  const proxy = await startChaosProxy({ targetPort: Number(new URL(redisUrl).port) });
  t.after(() => proxy.close());
  const redis = await connect(Object.assign(new URL(redisUrl), { port: String(proxy.port) }).href);
  const { presence, read } = await processOf(t, { redis });
  presence.running({ checks: {} });
  await eventually(async () => (await read())[0]?.state === 'up');
  for (const mode of ['refuse', 'blackhole'] as const) {
    await proxy.setMode(mode);
    proxy.cut();
    await eventually(async () => ['vanished', undefined].includes((await read())[0]?.state));
    await proxy.setMode('pass');
    proxy.cut();
    await eventually(async () => (await read())[0]?.state === 'up', { timeoutMs: 20_000 });
  }
  await proxy.setMode('refuse');
  proxy.cut();
  await presence.stop();
});
