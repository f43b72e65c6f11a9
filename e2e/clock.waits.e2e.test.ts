import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventually } from '@malote/testkit/eventually';
import { newCustomer } from './customer.ts';
import { createWrongClock } from './faketime.ts';
import { startHub } from './hub.ts';

const hub = await startHub({ env: { MALOTE_OUTBOX_LEASE_MS: '1000' } });
after(() => hub.close());
const wrong = createWrongClock(-90);
after(() => wrong.remove());
const customer = await newCustomer(hub, { cnpj: '11222333000181' });

const emissionAt = (path: string) => fetch(`${String(hub.service('emission').ready.url).replace(/\/$/, '')}${path}`);
const readiness = async () => {
  const answer = await emissionAt('/health/ready');
  return { ready: answer.ok, clock: String(((await answer.json()) as { checks: Record<string, unknown> }).checks.clock) };
};
const skew = async () => Number(/^malote_clock_skew_seconds\{[^}]*\} (\S+)$/m.exec(await (await emissionAt('/metrics')).text())?.[1]);
const alarms = () => hub.service('emission').lines.filter(({ alarm }) => alarm === 'clock-skew');

/** Neither its queues nor the relay nor the clockwork: the note stays as it was posted. */
async function isLeftAlone(numero: number): Promise<void> {
  const leases = { _id: { $in: ['outbox:documentos', 'due:documentos'] as never[] } };
  // At the next pass of each sweep, a tenth of a second after the verdict.
  await eventually(async () => assert.equal(await hub.raw.collection('leases').countDocuments(leases), 0, 'the sweeps are given up'));
  const before = await hub.raw.collection('documentos').findOne({ numero });
  // Twice the lease of the outbox and many sweeps later.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  assert.deepEqual(await hub.raw.collection('documentos').findOne({ numero }), before);
  assert.equal(before?.state, 'received');
  assert.deepEqual(await hub.simulator.calls({ numero }), []);
}

test('a worker started with a clock 90 s behind the database is not ready, takes no work and gives the alarm, until the clock is right', async () => {
  await hub.stop('emission');
  await hub.start('emission', wrong.env, { unready: true });
  const { ready, clock } = await readiness();
  assert.equal(ready, false);
  assert.match(clock, /^clock (89\.\d|90|90\.\d) s behind the database's, limit 60 s$/);
  assert.ok(Math.abs((await skew()) + 90) < 2);
  assert.equal(alarms().length, 1);
  await customer.emit({ numero: 1 });
  await isLeftAlone(1);
  wrong.set(0);
  await customer.untilStatus(1, 'Autorizada');
  assert.deepEqual(await readiness(), { ready: true, clock: 'true' });
  assert.ok(Math.abs(await skew()) < 2);
});

test('a clock that jumps ahead while the worker runs is noticed within 30 s', async () => {
  wrong.set(120);
  await eventually(async () => (await readiness()).ready === false, { timeoutMs: 35_000, everyMs: 500 });
  assert.match((await readiness()).clock, /^clock (119\.\d|120|120\.\d) s ahead of the database's/);
  await customer.emit({ numero: 2 });
  await isLeftAlone(2);
  wrong.set(0);
  await customer.untilStatus(2, 'Autorizada');
});

test('the test clock by itself, which moves every process alike, makes no worker unready', async () => {
  hub.advance(3_600_000);
  await hub.stop('emission');
  await hub.start('emission');
  assert.deepEqual(await readiness(), { ready: true, clock: 'true' });
  await customer.emit({ numero: 3 });
  await customer.untilStatus(3, 'Autorizada');
});
