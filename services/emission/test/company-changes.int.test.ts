import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { testStack } from '@malote/devstack/devstack';
import { readIdentity } from '@malote/fiscal/emission/identity';
import { parseXml } from '@malote/fiscal/xml/parse';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { createSecretBox } from '@malote/runtime/secret-box';
import { readPfx } from '@malote/sefaz/pfx';
import { connectStore } from '@malote/store/connect';
import { createCa, issueCompanyPfx } from '@malote/testkit/certificates';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { MongoClient } from 'mongodb';
import { createCredentials } from '../credentials.ts';
import { createModos } from '../modos.ts';
import { type PrepareDeps, prepareDocument } from '../prepare-document.ts';

const CNPJ = '11222333000181';
const { mongoUrl } = await testStack();
const database = `changes_${systemClock.uuid().replaceAll('-', '').slice(0, 12)}`;
const log = createLogger({ service: 'test', level: 'silent' });
const box = createSecretBox(`t:${Buffer.alloc(32, 1).toString('base64')}`);
const open = () => connectStore({ url: mongoUrl, database, clock: systemClock, log, box });
/** Two processes: one changes the company, one works for it all the time. */
const [office, worker] = [await open(), await open()];
await office.migrations.run();
const client = await MongoClient.connect(mongoUrl);
after(async () => {
  await client.db(database).dropDatabase();
  await Promise.all([client.close(), office.close(), worker.close()]);
});

const where = { conta: 'a', documento: CNPJ };
const owner = { conta: 'a', empresa: CNPJ, tpAmb: '2' } as const;
await office.empresas.put({ ...where, uf: 'SP', ie: '110042490114', razaoSocial: 'x' });
const { pfx, senha } = issueCompanyPfx(createCa(), { cnpj: CNPJ, razaoSocial: 'X', senha: 's' });
const { keyPem, certPem, chainPem, ...info } = readPfx(pfx, senha);
const { subject, issuer, serial, documento, notBefore, notAfter, thumbprint } = info;
const certificado = await office.certificados.put(
  { conta: 'a', empresa: CNPJ },
  { subject, issuer, serial, documento, notBefore, notAfter, thumbprint },
  { keyPem, certPem, chainPem },
);
await office.empresas.useCertificado(where, certificado);

const deps = {
  store: worker,
  credentials: createCredentials(worker),
  validator: { validate: () => [] },
  clock: systemClock,
  modos: createModos({ store: worker, clock: systemClock }),
  respTec: undefined,
  voided: { covering: async () => undefined, forget: () => {} },
} as unknown as PrepareDeps;

let next = 1;
/** The next NFC-e of the company as the worker signs it: its QR code and where a consumer looks it up. */
async function issue(): Promise<{ qrCode: string; urlChave: string }> {
  const xml = sampleNfce({ cnpj: CNPJ, uf: 'SP', ie: '110042490114', numero: next++, dhEmi: systemClock.now() });
  const read = readIdentity(parseXml(xml), 'sefaz');
  assert.ok(read.ok);
  const { identity, fingerprint } = read;
  const novo = { conta: 'a', identity, fingerprint, layout: 'sefaz', entrada: Buffer.from(xml), traceparent: 't' } as const;
  const prepared = await prepareDocument((await office.documentos.accept(novo)).documento, deps);
  assert.ok(prepared.ok, JSON.stringify(prepared));
  const [, qrCode = ''] = /<qrCode>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?<\/qrCode>/.exec(prepared.signedXml) ?? [];
  const [, urlChave = ''] = /<urlChave>(.*?)<\/urlChave>/.exec(prepared.signedXml) ?? [];
  return { qrCode, urlChave };
}

test('a change of a company or of its CSC is in the very next document of a worker that runs', async () => {
  assert.match((await issue()).qrCode, /\?p=\d{44}\|3\|2$/);
  await office.csc.put(owner, { id: '1', codigo: '0A1B2C3D4E5F67890A1B' });
  const first = (await issue()).qrCode;
  assert.match(first, /\?p=\d{44}\|2\|2\|1\|[0-9A-F]{40}$/);
  // SEFAZ numbers them in order: the newer one is in new notes while both are valid.
  await office.csc.put(owner, { id: '2', codigo: 'F1E2D3C4B5A697887766' });
  assert.match((await issue()).qrCode, /\|2\|2\|2\|[0-9A-F]{40}$/);
  await office.csc.remove(owner, '2');
  assert.match((await issue()).qrCode, /\|2\|2\|1\|[0-9A-F]{40}$/);

  const urls = { qrCode: 'https://nfce.exemplo.gov.br/qr', urlChave: 'www.exemplo.gov.br/consulta' };
  await office.empresas.save(where, { nfceUrls: { '2': urls } });
  const elsewhere = await issue();
  assert.ok(elsewhere.qrCode.startsWith(`${urls.qrCode}?p=`), elsewhere.qrCode);
  assert.equal(elsewhere.urlChave, urls.urlChave);
  await office.empresas.save(where, { nfceUrls: { '2': null }, qrVersion: '3' });
  const back = await issue();
  assert.match(back.qrCode, /\|3\|2$/);
  assert.notEqual(back.urlChave, urls.urlChave);
});
