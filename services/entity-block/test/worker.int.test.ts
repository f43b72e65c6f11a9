import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { connectBroker } from '@malote/broker/connection';
import { createVhost } from '@malote/devstack/devstack';
import { deleteVhost } from '@malote/devstack/management-api';
import { createProcessGuard } from '@malote/devstack/process-guard';
import { TOPOLOGY } from '@malote/messages/routes';
import { systemClock } from '@malote/runtime/clock';
import type { Bloqueio } from '@malote/store/bloqueios';
import type { Entidade } from '@malote/store/entidades';
import { eventually } from '@malote/testkit/eventually';
import { log, MASTER_KEY, manyEntidades, openScene, row, rowOf } from './scene.ts';

const ROWS = 1_000;
const END = { timeoutMs: 60_000 };
const scene = await openScene();
const { raw, stack, name, prefix, store } = scene;
const guard = createProcessGuard();
const rabbitmqUrl = await createVhost(stack, name);
const broker = connectBroker({ url: rabbitmqUrl, name: 'test', log, clock: systemClock, topology: TOPOLOGY });
after(async () => {
  await broker.close();
  await guard.close();
  await deleteVhost(stack, name);
});

async function startWorker() {
  const bare = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('MALOTE_')));
  const env = {
    ...bare,
    ...{ MALOTE_MODE: 'test', MALOTE_MONGO_URL: stack.mongoUrl, MALOTE_MONGO_DATABASE: name, MALOTE_RABBITMQ_URL: rabbitmqUrl },
    ...{ MALOTE_REDIS_URL: stack.redisUrl, MALOTE_REDIS_PREFIX: prefix, MALOTE_MASTER_KEY: MASTER_KEY, MALOTE_SWEEP_MS: '100' },
    MALOTE_OUTBOX_LEASE_MS: '500',
  };
  const child = guard.spawn({ command: process.execPath, args: [`${import.meta.dirname}/../main.ts`], env });
  const url = await new Promise<string>((resolve, reject) => {
    const last: string[] = [];
    createInterface({ input: child.process.stdout as NodeJS.ReadableStream }).on('line', (text) => {
      last.push(text);
      const line = JSON.parse(text) as { msg?: string; url?: string };
      if (line.msg === 'ready' && line.url) resolve(line.url);
    });
    child.process.once('close', () => reject(new Error(last.join('\n'))));
  });
  await eventually(async () => (await fetch(`${url}/health/ready`)).ok, END);
  return { child, url };
}

const request = async (rows: ReturnType<typeof row>[]) => {
  const { pedido, message } = await scene.ask({ kind: 'bloqueio', rows });
  assert.equal(await broker.publish(message), 'confirmed');
  return pedido;
};
const many = (parametro: 1 | 2) => Array.from({ length: ROWS }, (_, n) => rowOf(n, parametro));
const finished = (pedido: Bloqueio) =>
  eventually(async () => {
    const found = await scene.load(pedido);
    return found.state === 'done' ? found : null;
  }, END);

const first = await startWorker();

test('a command whose message was lost goes out again, and the list in Redis is kept without anybody asking', async () => {
  const where = { conta: 'c', documento: row(1).documento, uf: row(1).uf, ie: row(1).ie };
  const registered = await scene.ask({ kind: 'cadastro', cadastro: where });
  await broker.publish(registered.message);
  assert.equal((await finished(registered.pedido)).entidadeId?.split('.').at(-1), '000001');
  // Stored with its command, never published: its writer died.
  const { pedido } = await scene.ask({ kind: 'bloqueio', contrato: '12345', rows: [row(1)] });
  await finished(pedido);
  assert.deepEqual(await store.entidades.blocked(where), { contrato: '12345' });
  await scene.redis.del(`${prefix}bloqueios`);
  assert.deepEqual(await scene.reader.isBlocked(where), { contrato: '12345' });
  await eventually(async () => (await scene.redis.hget(`${prefix}bloqueios`, `c.${row(1).documento}.SP.${row(1).ie}`)) === '12345', END);
});

test('a worker killed within a request of 1,000 rows: the one that stood by ends it whole, once, and goes on with the next', async () => {
  await manyEntidades(scene, ROWS);
  const second = await startWorker();
  const [blocked, freed, last] = [await request(many(1)), await request(many(2)), await request(many(1))];
  // As soon as it has begun, wherever it is by then.
  await eventually(async () => (await raw.collection('entidades').findOne({ 'historico.pedido': blocked._id })) !== null, {
    ...END,
    everyMs: 1,
  });
  first.child.kill('SIGKILL');
  for (const pedido of [blocked, freed, last]) {
    const { result } = await finished(pedido);
    assert.equal(result?.filter(({ OK }) => OK).length, ROWS);
  }
  const entidades = (await raw.collection('entidades').find({ pedido: 'p' }).toArray()) as unknown as Entidade[];
  for (const { bloqueada, historico } of entidades) {
    assert.equal(bloqueada, true);
    assert.deepEqual(
      historico.map(({ pedido }) => pedido),
      [blocked._id, freed._id, last._id],
    );
  }
  const metrics = await (await fetch(`${second.url}/metrics`)).text();
  assert.match(metrics, /malote_entity_requests_total\{kind="bloqueio",outcome="ok",service="entity-block"\} [123]/);
});
