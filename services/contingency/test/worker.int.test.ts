import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { connectBroker } from '@malote/broker/connection';
import { createVhost } from '@malote/devstack/devstack';
import { deleteVhost } from '@malote/devstack/management-api';
import { createProcessGuard } from '@malote/devstack/process-guard';
import type { Uf } from '@malote/fiscal/model/uf';
import { type AnyEnvelope, envelope } from '@malote/messages/envelope';
import { TOPOLOGY } from '@malote/messages/routes';
import type { SefazCallPayload } from '@malote/messages/types';
import { connectRedis } from '@malote/redis/connect';
import { situacaoSefazReader } from '@malote/redis/situacao-sefaz';
import { systemClock } from '@malote/runtime/clock';
import { createCa } from '@malote/testkit/certificates';
import { eventually } from '@malote/testkit/eventually';
import { log, MASTER_KEY, openScene, TRACE } from './scene.ts';

const END = { timeoutMs: 60_000 };
const scene = await openScene(['SP', 'GO']);
const { store, stack, database, raw } = scene;
const prefix = `${database}:`;
const guard = createProcessGuard();
const rabbitmqUrl = await createVhost(stack, database);
const broker = connectBroker({ url: rabbitmqUrl, name: 'test', log, clock: systemClock, topology: TOPOLOGY });
const redis = connectRedis(stack.redisUrl, log);
const dir = mkdtempSync(join(tmpdir(), 'malote-contingency-'));
writeFileSync(join(dir, 'ca.pem'), createCa().certPem);
after(async () => {
  redis.disconnect();
  await broker.close();
  await guard.close();
  await deleteVhost(stack, database);
  rmSync(dir, { recursive: true, force: true });
});

/** Every authoriser is at an address where nobody listens. */
async function startWorker() {
  const bare = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('MALOTE_')));
  const env = {
    ...bare,
    ...{ MALOTE_MODE: 'test', MALOTE_MONGO_URL: stack.mongoUrl, MALOTE_MONGO_DATABASE: database, MALOTE_RABBITMQ_URL: rabbitmqUrl },
    ...{ MALOTE_REDIS_URL: stack.redisUrl, MALOTE_REDIS_PREFIX: prefix, MALOTE_MASTER_KEY: MASTER_KEY, MALOTE_SWEEP_MS: '100' },
    ...{ MALOTE_SEFAZ_URL_OVERRIDE: 'https://127.0.0.1:9', MALOTE_SEFAZ_CA_FILE: join(dir, 'ca.pem') },
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

async function see(uf: Uf, n: number): Promise<void> {
  const autorizador = uf === 'SP' ? 'SP' : 'GO';
  const about = { autorizador, modelo: '65', ambiente: 'prod' } as const;
  const payload: SefazCallPayload = {
    at: systemClock.now().toISOString(),
    calls: [{ ...about, uf, answered: 0, failures: 1, local: 0, paused: 0, documents: [`${uf}${n}`] }],
    services: [{ ...about, service: 'NFeAutorizacao4', durations: [[500, 3]], failures: 1, circuit: 'closed' }],
    opened: [],
  };
  const facts = { id: systemClock.uuid(), at: systemClock.now(), traceparent: TRACE, correlationId: 'x' };
  assert.equal(await broker.publish(envelope('sefaz.call', payload, facts) as AnyEnvelope), 'confirmed');
}
const offLine = (uf: Uf) =>
  eventually(async () => {
    const row = await store.contingencias.find(scene.keyFor(uf, '65'));
    return row?.situacao.mode.modo === 'OFFLINE' ? row : null;
  }, END);

test('one process decides and keeps the board; killed between two failures, the one that stood by goes on with what was stored', async () => {
  await eventually(() => broker.ready(), END);
  const first = await startWorker();
  const standby = startWorker();
  for (const n of [1, 2, 3]) await see('SP', n);
  assert.equal((await offLine('SP')).historico.length, 1);
  const { read } = situacaoSefazReader({ redis, prefix });
  const board = await eventually(async () => (await read()) ?? null, END);
  const sp = board.servicos.find(({ autorizador, servico }) => autorizador === 'SP' && servico === 'NFeAutorizacao4');
  assert.deepEqual([sp?.respostas, sp?.falhas, sp?.p50Ms, sp?.estado], [9, 3, 500, 'instavel']);
  const shown = async () => {
    const text = await (await fetch(`${first.url}/metrics`)).text();
    return /malote_contingencia_modo\{modelo="65",uf="SP",ambiente="prod",modo="OFFLINE",/.test(text);
  };
  await eventually(shown, END);
  await standby;

  for (const n of [1, 2]) await see('GO', n);
  await eventually(async () => ((await store.contingencias.find(scene.keyFor('GO', '65')))?.situacao.evidence.failed.length ?? 0) > 0, END);
  first.child.kill('SIGKILL');
  await see('GO', 3);
  assert.equal((await offLine('GO')).historico.length, 1);
  // SP is looked at by the clockwork meanwhile: its command is carried out, and its next look is in the future again.
  await raw
    .collection('contingencias')
    .updateOne({ _id: '*.65.SP.1' as never }, { $set: { nextAt: new Date(0) }, $unset: { dueSentAt: '' } });
  await eventually(async () => {
    const { nextAt } = (await store.contingencias.find(scene.keyFor('SP', '65'))) ?? {};
    return nextAt !== undefined && nextAt.getTime() > 0;
  }, END);
});
