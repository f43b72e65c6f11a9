import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { testStack } from '@malote/devstack/devstack';
import { buildChave } from '@malote/fiscal/chave/chave-acesso';
import { readIdentity } from '@malote/fiscal/emission/identity';
import type { DocumentState } from '@malote/fiscal/emission/lifecycle-state';
import { JUSTIFICATIVA_PADRAO } from '@malote/fiscal/inutilizacao/politica';
import { parseXml } from '@malote/fiscal/xml/parse';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { createMetrics } from '@malote/runtime/metrics';
import { connectStore } from '@malote/store/connect';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { MongoClient } from 'mongodb';
import { voidByPolicy, voidByPolicySweep } from '../void-by-policy.ts';

let now = new Date('2026-10-20T15:00:00Z');
const clock = { ...systemClock, now: () => now };
const log = createLogger({ service: 'test', level: 'silent' });
const { mongoUrl } = await testStack();
const database = `policy_${systemClock.uuid().replaceAll('-', '').slice(0, 12)}`;
const store = await connectStore({ url: mongoUrl, database, clock, log });
await store.migrations.run();
after(async () => {
  const client = await MongoClient.connect(mongoUrl);
  await client.db(database).dropDatabase();
  await client.close();
  await store.close();
});
const { _id: conta } = await store.contas.create({ nome: 'x' });
const metrics = createMetrics('test');
const deps = { store, clock, log, metrics };
const at = (text: string) => {
  now = new Date(text);
};

async function company(n: number, politica?: 'inutilizar' | 'propor') {
  const cnpj = sampleCnpj(n);
  await store.empresas.put({ conta, documento: cnpj, uf: 'SP', ie: '110042490114', razaoSocial: 'x' });
  if (politica) assert.ok(await store.empresas.save({ conta, documento: cnpj }, { lacunas: politica }));
  return cnpj;
}

/** A document as it stands in the store, emitted and received at the clock's time; `offline` adds a round signed with tpEmis 9. */
async function note(cnpj: string, numero: number, state: DocumentState = 'authorized', { offline = false } = {}) {
  const xml = sampleNfe({ cnpj, uf: 'SP', ie: '110042490114', numero, dhEmi: now });
  const read = readIdentity(parseXml(xml), 'sefaz');
  assert.ok(read.ok);
  const { identity, fingerprint } = read;
  const entrada = Buffer.from(xml);
  const { documento } = await store.documentos.accept({ conta, identity, fingerprint, layout: 'sefaz', entrada, traceparent: 't' });
  const parts = { cUF: '35', aamm: '2610', documento: cnpj, modelo: '55', serie: '001', numero: String(numero).padStart(9, '0') } as const;
  const chave = buildChave({ ...parts, tpEmis: '9', cNF: '12345678' });
  const rodadas = offline ? [{ fingerprint: 'x', chave, attempts: [], faults: [], endedAt: now }] : [];
  assert.ok(await store.documentos.transition(documento, { state, rodadas, nextAt: undefined, nextAction: undefined }));
}

const requests = async (cnpj: string) => {
  const { inutilizacoes } = await store.inutilizacoes.list({ conta, empresa: cnpj, tpAmb: '2', skip: 0, limit: 100 });
  return inutilizacoes.map(({ numeroInicial, numeroFinal }) => `${numeroInicial}-${numeroFinal}`).sort();
};
const reset = async (cnpj: string) => assert.ok(await store.empresas.save({ conta, documento: cnpj }, { lacunas: null }));

test('the gaps of last month are asked for once, by the company that chose it alone, and no number of uncertain fate', async () => {
  at('2026-10-20T15:00:00Z');
  const [on, off, unset] = [await company(1, 'inutilizar'), await company(2, 'propor'), await company(3)];
  for (const cnpj of [on, off, unset]) {
    for (const numero of [1, 4, 7, 10, 13, 16]) await note(cnpj, numero);
    await note(cnpj, 5, 'rejected');
    await note(cnpj, 8, 'uncertain');
    await note(cnpj, 11, 'rejected', { offline: true });
    await note(cnpj, 14, 'received');
    await note(cnpj, 15, 'conflict');
  }
  at('2026-10-31T15:00:00Z');
  assert.equal(await voidByPolicy(deps), 0, 'in its own month nothing is asked for');
  // The first of November in São Paulo begins at 03:00 UTC.
  at('2026-11-01T02:59:00Z');
  assert.equal(await voidByPolicy(deps), 0);
  at('2026-11-01T03:01:00Z');
  assert.equal(await voidByPolicy(deps), 4);
  assert.deepEqual(await requests(on), ['12-12', '2-3', '5-6', '9-9'].sort());
  assert.deepEqual([await requests(off), await requests(unset)], [[], []]);
  const asked = await store.inutilizacoes.findById(`${on}.2.55.35.26.001.000000002.000000003`);
  assert.ok(asked);
  assert.deepEqual([asked.conta, asked.state, asked.outbox.length], [conta, 'received', 1]);
  assert.match(String(await store.inutilizacoes.entradaOf(asked)), new RegExp(`<xJust>${JUSTIFICATIVA_PADRAO}</xJust>`));
  assert.match(await metrics.registry.metrics(), /malote_inutilizacoes_by_policy_total\{[^}]*\} 4\n/);

  assert.equal(await voidByPolicy(deps), 0, 'under way: not asked again');
  assert.ok(await store.inutilizacoes.transition(asked, { state: 'rejected', nextAt: undefined }));
  assert.equal(await voidByPolicy(deps), 0, 'refused: for a person');
  assert.equal((await store.inutilizacoes.findById(asked._id))?.state, 'rejected');
  await reset(on);
});

test('a gap of this month waits, one whose day has passed is left to a person, and so is a jump of the numbering', async () => {
  at('2026-10-20T15:00:00Z');
  const cnpj = await company(4, 'inutilizar');
  for (const numero of [1, 3, 30_000]) await note(cnpj, numero);
  at('2026-11-02T15:00:00Z');
  for (const numero of [30_001, 30_003]) await note(cnpj, numero);
  at('2026-11-11T15:00:00Z');
  assert.equal(await voidByPolicy(deps), 0);
  at('2026-11-10T15:00:00Z');
  assert.equal(await voidByPolicy(deps), 0, 'nothing below the jump of thirty thousand is looked at');
  at('2026-12-01T15:00:00Z');
  assert.equal(await voidByPolicy(deps), 1);
  assert.deepEqual(await requests(cnpj), ['30002-30002']);
  await reset(cnpj);
});

test('gaps beyond ten thousand numbers of this month are found', async () => {
  at('2026-10-20T15:00:00Z');
  const cnpj = await company(5, 'inutilizar');
  for (const numero of [1, 3]) await note(cnpj, numero);
  at('2026-11-02T15:00:00Z');
  for (const numero of [9_000, 18_000, 27_000]) await note(cnpj, numero);
  assert.equal(await voidByPolicy(deps), 1);
  assert.deepEqual(await requests(cnpj), ['2-2']);
  await reset(cnpj);
});

test('a number whose neighbour came, or that was refused, less than a day ago may still be used', async () => {
  at('2026-11-01T02:30:00Z');
  const cnpj = await company(6, 'inutilizar');
  for (const numero of [1, 3]) await note(cnpj, numero);
  at('2026-11-02T02:00:00Z');
  assert.equal(await voidByPolicy(deps), 0);
  at('2026-11-02T02:30:00Z');
  assert.equal(await voidByPolicy(deps), 1);
  at('2026-10-25T15:00:00Z');
  for (const numero of [10, 12]) await note(cnpj, numero);
  at('2026-11-05T15:00:00Z');
  await note(cnpj, 11, 'rejected');
  const before = await requests(cnpj);
  await voidByPolicy(deps);
  assert.deepEqual(await requests(cnpj), [...before, '4-9'].sort(), 'the refused one may be corrected yet');
  at('2026-11-06T15:00:00Z');
  assert.equal(await voidByPolicy(deps), 1);
  assert.ok((await requests(cnpj)).includes('11-11'));
  await reset(cnpj);
});

test('one pass an hour by the injected clock, and twenty requests of a company in each', async () => {
  at('2026-10-20T15:00:00Z');
  const cnpj = await company(7, 'inutilizar');
  for (let numero = 1; numero <= 47; numero += 2) await note(cnpj, numero);
  at('2026-11-05T15:00:00Z');
  const sweep = voidByPolicySweep(deps);
  assert.equal(await sweep(), 20);
  at('2026-11-05T15:59:00Z');
  assert.equal(await sweep(), 0);
  at('2026-11-05T16:00:00Z');
  assert.equal(await sweep(), 3);
  await reset(cnpj);
});
