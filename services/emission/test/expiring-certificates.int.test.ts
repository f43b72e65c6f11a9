import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '@malote/runtime/logger';
import { createMetrics } from '@malote/runtime/metrics';
import { expiringSweep, THRESHOLDS } from '../expiring-certificates.ts';
import { openCertificateScene } from './certificate-scene.ts';

const scene = await openCertificateScene();
const { store, clock } = scene;
const DAY_MS = 86_400_000;
const lines: { msg: string; limiar: number; certificado: string }[] = [];
const log = createLogger({ service: 'test', level: 'warn', destination: { write: (line) => void lines.push(JSON.parse(line)) } });
const metrics = createMetrics('test');
const deps = { store, clock, log, metrics, publish: async () => assert.fail('nobody listens') };
const told = () => lines.splice(0).map(({ limiar }) => limiar);

test('each threshold is told once, whichever process looks, and the gauge follows', async () => {
  const { id } = await scene.install({ notAfter: new Date(clock.now().getTime() + 61 * DAY_MS) });
  const [one, other] = [expiringSweep(deps), expiringSweep({ ...deps, metrics: createMetrics('test') })];
  const days: number[] = [];
  for (let day = 0; day < 62; day += 1) {
    const done = await Promise.all([one.sweep(), other.sweep()]);
    const limits = told();
    assert.equal(limits.length, done[0] + done[1]);
    days.push(...limits);
    clock.advance(DAY_MS);
  }
  assert.deepEqual(days, [...THRESHOLDS]);
  assert.deepEqual((await store.certificados.history(scene.owner)).find(({ _id }) => _id === id)?.avisos, [...THRESHOLDS]);
  await one.sweep();
  const { values } = await metrics.gauge('certificate_days_left', '').get();
  assert.ok(values.length === 1 && (values[0]?.value ?? 0) < 0, JSON.stringify(values));
  assert.deepEqual(told(), [], 'after the end there is nothing left to announce');
});

test('installed shortly before its end, only the nearest threshold is told; one that was replaced is not told at all', async () => {
  await scene.install({ notAfter: new Date(clock.now().getTime() + 5 * DAY_MS) });
  const sweep = expiringSweep(deps);
  assert.equal(await sweep.sweep(), 1);
  assert.deepEqual(told(), [7]);
  await scene.install();
  clock.advance(4 * DAY_MS + 1);
  assert.equal(await sweep.sweep(), 0);
  const { values } = await metrics.gauge('certificate_days_left', '').get();
  assert.deepEqual([told(), values], [[], []]);
});

test('it works once an hour of the injected clock, and at once where it takes over', async () => {
  const { id } = await scene.install({ notAfter: new Date(clock.now().getTime() + 30 * DAY_MS) });
  const sweep = expiringSweep(deps);
  assert.equal(await sweep.sweep(), 1);
  await store.certificados.put(scene.owner, (await store.certificados.open(scene.owner, id)) as never, {
    keyPem: '',
    certPem: '',
    chainPem: [],
  });
  told();
  const { thumbprint } = await scene.install({ notAfter: new Date(clock.now().getTime() + 6 * DAY_MS) });
  assert.equal(await sweep.sweep(), 0);
  sweep.onIdle();
  assert.equal(await sweep.sweep(), 1);
  assert.ok(thumbprint && told().length === 1);
});
