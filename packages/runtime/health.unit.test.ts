import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Check, startHealth } from './health.ts';
import { createLogger } from './logger.ts';
import { createMetrics } from './metrics.ts';

const log = createLogger({ service: 'test', level: 'silent' });

test('live answers while a check fails; ready tells which one, without credentials, and recovers', async (t) => {
  let broker: true | string = true;
  const checks: Record<string, Check> = {
    mongo: async () => {
      if (broker !== true) throw new Error('no answer of mongodb://u:hunter2@h');
      return true;
    },
    broker: () => broker,
  };
  const health = await startHealth({ host: '127.0.0.1', port: 0, log, metrics: createMetrics('test'), checks });
  t.after(() => health.close());
  const ready = async () => {
    const answer = await fetch(`${health.url}/health/ready`);
    return { status: answer.status, body: (await answer.json()) as unknown };
  };
  assert.deepEqual(await ready(), { status: 200, body: { status: 'ok', checks: { mongo: true, broker: true } } });
  broker = 'not consuming';
  assert.deepEqual(await ready(), {
    status: 503,
    body: { status: 'unavailable', checks: { mongo: 'no answer of mongodb://***@h', broker: 'not consuming' } },
  });
  assert.equal((await fetch(`${health.url}/health/live`)).status, 200);
  broker = true;
  assert.equal((await ready()).status, 200);
});

test('a check that hangs is a failing one after 2 s', async (t) => {
  const checks = { redis: () => new Promise<true>(() => {}) };
  const health = await startHealth({ host: '127.0.0.1', port: 0, log, metrics: createMetrics('test'), checks });
  t.after(() => health.close());
  const answer = await fetch(`${health.url}/health/ready`);
  assert.equal(answer.status, 503);
  assert.match(await answer.text(), /no answer within 2000 ms/);
});

test('metrics are served with the service label, and a name asked for twice is one metric', async (t) => {
  const metrics = createMetrics('edge');
  const health = await startHealth({ host: '127.0.0.1', port: 0, log, metrics, checks: {} });
  t.after(() => health.close());
  metrics.counter('documents_total', 'Documents', ['modelo']).inc({ modelo: '55' });
  metrics.counter('documents_total', 'Documents', ['modelo']).inc({ modelo: '55' });
  metrics.histogram('wait_seconds', 'Waits', [], [1, 2]).observe(1.5);
  metrics.gauge('queue_length', 'Length').set(3);
  const text = await (await fetch(`${health.url}/metrics`)).text();
  assert.match(text, /malote_documents_total\{modelo="55",service="edge"\} 2/);
  assert.match(text, /malote_wait_seconds_bucket\{le="2",service="edge"\} 1/);
  assert.match(text, /malote_queue_length\{service="edge"\} 3/);
  assert.match(text, /malote_process_cpu_seconds_total|malote_nodejs_eventloop_lag_seconds/);
});

test('a port that is taken is an error of the start', async (t) => {
  const first = await startHealth({ host: '127.0.0.1', port: 0, log, metrics: createMetrics('a'), checks: {} });
  t.after(() => first.close());
  const again = startHealth({ host: '127.0.0.1', port: Number(new URL(first.url).port), log, metrics: createMetrics('b'), checks: {} });
  await assert.rejects(again, /EADDRINUSE/);
});
