import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startDevstack } from '@malote/devstack/devstack';
import { eventually } from '@malote/testkit/eventually';
import { type DocumentView, newCustomer, signIn } from './customer.ts';
import { startHub } from './hub.ts';
import { killServer } from './kill-server.ts';

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
  await killServer(stack.rabbitmq);
  const started = performance.now();
  const accepted = await customer.emit({ numero: 1 });
  assert.equal(accepted.status, 'Em processamento');
  assert.ok(performance.now() - started < 8_000, 'the answer does not wait for the broker');
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

test('while Redis is away calls are answered 503, and afterwards signing in again is all that was lost', async () => {
  await customer.emit({ numero: 3 });
  await customer.untilStatus(3, 'Autorizada');
  const path = `${customer.path}/${hub.now().getFullYear()}/1/3`;
  await killServer(stack.redis);
  const answer = await customer.get(path);
  assert.equal(answer.status, 503);
  assert.match(String(answer.headers.get('content-type')), /problem\+json/);
  await stack.redis.start();
  const session = await eventually(() => signIn(hub, customer.token, customer.secret));
  const again = await customer.get(path, { 'x-auth-token': session });
  assert.equal(((await again.json()) as DocumentView).status, 'Autorizada');
});

test('while MongoDB is away nothing is accepted, and the same post succeeds afterwards', async () => {
  const session = await signIn(hub, customer.token, customer.secret);
  const xml = customer.note({ numero: 4 });
  const post = () =>
    fetch(`${hub.url()}${customer.path}`, {
      method: 'POST',
      body: xml,
      headers: { 'x-auth-token': session, 'content-type': 'application/xml' },
    });
  await killServer(stack.mongo);
  assert.equal((await post()).status, 503);
  await stack.mongo.start();
  await eventually(async () => (await post()).status === 202, { timeoutMs: 30_000 });
  const fresh = { 'x-auth-token': session };
  const path = `${customer.path}/${hub.now().getFullYear()}/1/4`;
  await eventually(async () => ((await (await customer.get(path, fresh)).json()) as DocumentView).status === 'Autorizada', {
    timeoutMs: 30_000,
  });
  assert.equal((await hub.simulator.calls({ numero: 4, service: 'NFeAutorizacao4' })).length, 1);
  assert.equal(await hub.simulator.doubled(), 0);
});
