import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startDevstack } from '@malote/devstack/devstack';
import { newCustomer } from './customer.ts';
import { startHub } from './hub.ts';

const dir = mkdtempSync(join(tmpdir(), 'malote-outage-'));
const stack = await startDevstack({ dir, log: () => {} });
const hub = await startHub({ stack });
after(async () => {
  await hub.close();
  await stack.stop();
  rmSync(dir, { recursive: true, force: true });
});
const customer = await newCustomer(hub, { cnpj: '11222333000181' });

test('a note posted while the broker is down is accepted, and is emitted once it is back', async () => {
  await stack.rabbitmq.kill('SIGKILL');
  const started = performance.now();
  const accepted = await customer.emit({ numero: 1 });
  assert.equal(accepted.status, 'Em processamento');
  assert.ok(performance.now() - started < 3_000, 'the answer does not wait for the broker');
  assert.equal((await customer.view(1)).status, 'Em processamento');
  await stack.rabbitmq.start();
  await customer.untilStatus(1, 'Autorizada', 60_000);
  assert.equal(await hub.simulator.doubled(), 0);
});

test('a note posted while no worker runs is emitted when one starts', async () => {
  assert.equal(await hub.stop('emission'), 0);
  await customer.emit({ numero: 2 });
  await hub.start('emission');
  await customer.untilStatus(2, 'Autorizada');
});

test('while Redis is away calls are answered 503 with the reason, and afterwards a new session sees everything', async () => {
  await customer.emit({ numero: 3 });
  await customer.untilStatus(3, 'Autorizada');
  await stack.redis.kill('SIGKILL');
  const answer = await customer.get(`${customer.path}/${hub.now().getFullYear()}/1/3`);
  assert.equal(answer.status, 503);
  assert.match(String(answer.headers.get('content-type')), /problem\+json/);
  await stack.redis.start();
});

test('while MongoDB is away nothing is accepted, and the same post succeeds afterwards', async () => {
  await stack.mongo.kill('SIGKILL');
  const again = { numero: 4 };
  await assert.rejects(customer.emit(again));
  await stack.mongo.start();
});
