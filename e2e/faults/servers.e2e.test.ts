import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startDevstack } from '@malote/devstack/devstack';
import { eventually } from '@malote/testkit/eventually';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { newCustomer } from '../customer.ts';
import { startHub } from '../hub.ts';
import { killServer } from '../kill-server.ts';
import { assertAllAuthorized, audit } from './audit.ts';
import { createErp, startLoad } from './erp.ts';
import { handled } from './metrics.ts';
import { untilFinal } from './until-final.ts';

const dir = mkdtempSync(join(tmpdir(), 'malote-servers-'));
const stack = await startDevstack({ dir, log: () => {} });
const hub = await startHub({ stack });
after(async () => {
  await hub.close();
  await stack.stop();
  rmSync(dir, { recursive: true, force: true });
});

test('a broker restarted between the answer of SEFAZ and the ack: the message comes again, and there is one authorisation', async () => {
  const customer = await newCustomer(hub, { cnpj: sampleCnpj(1) });
  await hub.simulator.fault({ fault: 'slow', match: { cnpj: customer.cnpj }, times: 1, delayMs: 3_000 });
  await customer.emit({ numero: 1 });
  await eventually(async () => (await hub.simulator.authorizations({ emitente: customer.cnpj })).length === 1);
  assert.equal((await customer.view(1)).status, 'Em processamento', 'the answer is still on its way');
  await killServer(stack.rabbitmq);
  await customer.untilStatus(1, 'Autorizada');
  assert.deepEqual(await handled(hub), { lost: 1 }, 'the message could not be acknowledged');
  await stack.rabbitmq.start();
  await eventually(async () => assert.deepEqual(await handled(hub), { lost: 1, done: 1 }), { timeoutMs: 30_000 });
  assert.equal((await hub.simulator.calls({ cnpj: customer.cnpj })).length, 1);
  assertAllAuthorized(await audit(hub, [{ cnpj: customer.cnpj, serie: 1, numero: 1 }]));
});

/** Notes of three authorisers at ten a second while `fault` happens, and for a second before and after it. */
async function underLoad(firstCnpj: number, fault: (accepted: () => number) => Promise<void>): Promise<Record<string, number>> {
  const ufs = ['SP', 'MG', 'SC'] as const;
  const customers = await Promise.all(ufs.map((uf, index) => newCustomer(hub, { cnpj: sampleCnpj(firstCnpj + index), uf })));
  const erp = createErp(hub);
  const load = startLoad(erp, customers, { perSecond: 10 });
  const more = async () => {
    const before = load.accepted.length;
    await eventually(() => load.accepted.length >= before + 10, { timeoutMs: 60_000 });
  };
  try {
    await more();
    await fault(() => load.accepted.length);
    await more();
  } finally {
    await load.stop();
  }
  assert.equal(await untilFinal(hub, { timeoutMs: 90_000 }), 0);
  assertAllAuthorized(await audit(hub, load.accepted));
  return erp.refusals;
}

test('mongod killed and restarted under load: what was accepted is authorised, and no post is answered with an error but 503', async () => {
  const refusals = await underLoad(10, async () => {
    await killServer(stack.mongo);
    await eventually(async () => (await fetch(`${hub.url()}/health/ready`)).status === 503);
    await stack.mongo.start();
  });
  const other = Object.keys(refusals).filter((answer) => answer !== '503');
  assert.deepEqual(other, [], 'a post waits for the database or is told to come again');
});

test('Redis flushed, then killed and restarted under load: sessions are lost, and nothing else', async () => {
  const refusals = await underLoad(20, async (accepted) => {
    await flush(stack.redisUrl);
    const flushed = accepted();
    await eventually(() => accepted() >= flushed + 10);
    await killServer(stack.redis);
    await eventually(async () => (await fetch(`${hub.url()}/health/ready`)).status === 503);
    await stack.redis.start();
  });
  assert.ok((refusals['401'] ?? 0) > 0 && (refusals['503'] ?? 0) > 0, JSON.stringify(refusals));
});

function flush(redisUrl: string): Promise<void> {
  const { hostname: host, port, password } = new URL(redisUrl);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ host, port: Number(port) }, () =>
      socket.write(`AUTH ${decodeURIComponent(password)}\r\nFLUSHALL\r\nQUIT\r\n`),
    );
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.once('error', reject);
    socket.once('close', () => (answer.startsWith('+OK\r\n+OK') ? resolve() : reject(new Error(answer))));
  });
}
