import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { testStack } from '@malote/devstack/devstack';
import { readIdentity } from '@malote/fiscal/emission/identity';
import { PROTECTED } from '@malote/fiscal/emission/protections';
import { parseXml } from '@malote/fiscal/xml/parse';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { createSecretBox } from '@malote/runtime/secret-box';
import { readPfx } from '@malote/sefaz/pfx';
import { connectStore } from '@malote/store/connect';
import { createCa, issueCompanyPfx } from '@malote/testkit/certificates';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { MongoClient } from 'mongodb';
import { createCredentials } from '../credentials.ts';
import { type DocumentDeps, documentHandler } from '../handle-document.ts';
import { createModos } from '../modos.ts';

const CNPJ = '11222333000181';
const log = createLogger({ service: 'test', level: 'silent' });
const { mongoUrl } = await testStack();
const database = `emission_${systemClock.uuid().replaceAll('-', '').slice(0, 12)}`;
const box = createSecretBox(`t:${Buffer.alloc(32, 1).toString('base64')}`);
const store = await connectStore({ url: mongoUrl, database, clock: systemClock, log, box });
await store.migrations.run();
const client = await MongoClient.connect(mongoUrl);
after(async () => {
  await client.db(database).dropDatabase();
  await client.close();
  await store.close();
});

const { _id: conta } = await store.contas.create({ nome: 'x' });
await store.empresas.put({ conta, documento: CNPJ, uf: 'SP', ie: '110042490114', razaoSocial: 'x' });
const { pfx, senha } = issueCompanyPfx(createCa(), { cnpj: CNPJ, razaoSocial: 'X', senha: 's' });
const { keyPem, certPem, chainPem, subject, issuer, serial, documento, notBefore, notAfter, thumbprint } = readPfx(pfx, senha);
const info = { subject, issuer, serial, documento, notBefore, notAfter, thumbprint };
const certificado = await store.certificados.put({ conta, empresa: CNPJ }, info, { keyPem, certPem, chainPem });
await store.empresas.useCertificado({ conta, documento: CNPJ }, certificado);

let next = 1;
async function accept() {
  const xml = sampleNfe({ cnpj: CNPJ, uf: 'SP', ie: '110042490114', numero: next++, dhEmi: systemClock.now() });
  const read = readIdentity(parseXml(xml), 'sefaz');
  assert.ok(read.ok);
  const { identity, fingerprint } = read;
  const accepted = await store.documentos.accept({
    conta,
    identity,
    fingerprint,
    layout: 'sefaz',
    entrada: Buffer.from(xml),
    traceparent: 't',
  });
  assert.ok(accepted.message);
  return { ...accepted, message: accepted.message };
}

const deps = (over: Partial<DocumentDeps>): DocumentDeps => ({
  store,
  credentials: createCredentials(store),
  validator: { validate: () => [], compile: () => assert.fail(), dispose: () => {} } as unknown as DocumentDeps['validator'],
  sefaz: {} as DocumentDeps['sefaz'],
  sefazTimeoutMs: 1000,
  clock: systemClock,
  modos: createModos({ store, clock: systemClock }),
  respTec: undefined,
  voided: { covering: async () => undefined, forget: () => {} },
  protections: PROTECTED,
  publish: async () => 'confirmed',
  nudge: () => {},
  ...over,
});
const context = () => ({ now: systemClock.now(), log, signal: new AbortController().signal, attempt: 1, redelivered: false });

test('a fault of our own goes to dead with its stack, and the document rests a quarter of an hour instead of coming back every minute', async () => {
  const { documento: accepted, message } = await accept();
  const validator = {
    validate() {
      throw new Error('schema nfe_v4.00.xsd is missing');
    },
  } as unknown as DocumentDeps['validator'];
  const outcome = await documentHandler(deps({ validator }))(message, context());
  assert.equal(outcome.kind, 'dead');
  assert.match(outcome.kind === 'dead' ? `${outcome.reason} ${outcome.stack}` : '', /nfe_v4.00.xsd is missing.*at /s);
  const after = await store.documentos.findById(accepted._id);
  assert.equal(after?.state, 'received');
  assert.ok((after?.nextAt?.getTime() ?? 0) > systemClock.now().getTime() + 14 * 60_000);
});

test('a database that does not answer is the ladder’s business: the error is thrown on and nothing is postponed', async () => {
  const { documento: accepted, message } = await accept();
  const away = Object.assign(new Error('no primary'), { name: 'MongoServerSelectionError' });
  const credentials = { of: () => Promise.reject(away), byId: () => Promise.reject(away) };
  await assert.rejects(documentHandler(deps({ credentials }))(message, context()), { name: 'MongoServerSelectionError' });
  const stored = await store.documentos.findById(accepted._id);
  assert.equal(stored?.version, accepted.version);
});

test('a message about a document that does not exist is dead, and one about a settled document is done', async () => {
  const { documento: accepted, message } = await accept();
  const unknown = { ...message, payload: { ...message.payload, documentId: 'nobody' } } as typeof message;
  assert.equal((await documentHandler(deps({}))(unknown, context())).kind, 'dead');
  await store.documentos.transition(accepted, { state: 'authorized', nextAt: undefined });
  assert.equal((await documentHandler(deps({}))(message, context())).kind, 'done');
});

test('whoever waits is nudged once the end is stored, without waiting for the broker, and only at the end', async () => {
  const { documento: accepted, message } = await accept();
  const seen: unknown[] = [];
  const nudge = (id: string) => void seen.push(store.documentos.findById(id).then((stored) => stored?.state));
  const never = () => assert.fail('published before the nudge');
  const validator = { validate: () => [{ code: 'XSD-PATTERN', path: 'NFe', message: 'x' }] } as unknown as DocumentDeps['validator'];
  const away = Object.assign(new Error('no primary'), { name: 'MongoServerSelectionError' });
  const credentials = { of: () => Promise.reject(away), byId: () => Promise.reject(away) };
  await assert.rejects(documentHandler(deps({ credentials, nudge }))(message, context()));
  assert.deepEqual(seen, []);
  const publish = () => (seen.length === 1 ? Promise.resolve('confirmed') : never());
  await documentHandler(deps({ validator, nudge, publish }))(message, context());
  assert.deepEqual(await Promise.all(seen), ['invalid']);
  assert.equal((await store.documentos.findById(accepted._id))?.state, 'invalid');
});
