import assert from 'node:assert/strict';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { authorizedDocument } from './authorized-document.ts';
import { postXml, problemOf, type RunningEdge, runEdge, type TestAccount } from './running-edge.ts';

const CNPJ = sampleCnpj(71);
let edge: RunningEdge;
let account: TestAccount;
let session: string;
let docs: string;
let chave: string;

before(async () => {
  edge = await runEdge('caching');
  account = await edge.account(CNPJ);
  session = await edge.signIn(account);
  docs = `${edge.url}/api/empresas/${CNPJ}/docs/hom/55`;
  chave = await authorizedDocument(edge, { cnpj: CNPJ, numero: 1, session });
  await authorizedDocument(edge, { cnpj: CNPJ, numero: 101, session });
  await authorizedDocument(edge, { cnpj: CNPJ, numero: 102, session });
});
after(() => edge.stop());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${docs}${path}`, { headers: { 'x-auth-token': session, ...headers } });

/** Without the decompression and the headers that fetch adds by itself. */
function raw(url: string, headers: Record<string, string>): Promise<{ answer: IncomingMessage; body: Buffer }> {
  return new Promise((resolve, reject) => {
    httpGet(url, { headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve({ answer, body: Buffer.concat(chunks) }));
    }).on('error', reject);
  });
}
const rawGet = (path: string, acceptEncoding?: string) =>
  raw(`${docs}${path}`, { 'x-auth-token': session, ...(acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding }) });

test('who has a document, its XML, its attempts or a list is told so without a body', async () => {
  const tags = new Set<string>();
  for (const path of ['/2026/1/1', '/2026/1/1.xml', `/${chave}/tentativas`, '', '?pagina=2']) {
    const first = await get(path);
    assert.equal(first.headers.get('cache-control'), 'private, no-cache', path);
    const tag = first.headers.get('etag') ?? '';
    assert.match(tag, path === '' || path.startsWith('?') ? /^W\/"[\w-]{43}"$/ : /^"[\w-]{43}(-gzip)?"$/, path);
    tags.add(tag);
    for (const held of [tag, `W/${tag.replace('W/', '')}`, `"outro", ${tag}`, tag.replace('-gzip', '')]) {
      const again = await get(path, { 'if-none-match': held });
      assert.equal(again.status, 304, `${path} ${held}`);
      assert.equal(await again.text(), '');
      assert.equal(again.headers.get('etag')?.replace('-gzip', ''), tag.replace('-gzip', ''));
      assert.equal(again.headers.get('cache-control'), 'private, no-cache');
      assert.equal(again.headers.get('content-type'), null);
    }
    assert.equal((await get(path, { 'if-none-match': '"outro"' })).status, 200, path);
  }
  assert.equal(tags.size, 5);
});

test('a change of the document changes its tags, and those of the lists it is on', async () => {
  await postXml(docs, session, sampleNfe({ cnpj: CNPJ, numero: 2, dhEmi: '2026-11-21T10:00:00-03:00' }));
  const [document, list] = [await get('/2026/1/2'), await get('?status=em-processamento')];
  const stored = await edge.store.documentos.findById(`${CNPJ}.2.55.35.001.000000002`);
  assert.ok(stored);
  await edge.store.documentos.transition(stored, { state: 'uncertain' });
  for (const [path, before] of [
    ['/2026/1/2', document],
    ['?status=em-processamento', list],
  ] as const) {
    assert.equal((await get(path, { 'if-none-match': before.headers.get('etag') ?? '' })).status, 200, path);
  }
});

test('what has not changed is answered without reading the XML', async () => {
  await postXml(docs, session, sampleNfe({ cnpj: CNPJ, numero: 3, dhEmi: '2026-11-21T10:00:00-03:00' }));
  const stored = await edge.store.documentos.findById(`${CNPJ}.2.55.35.001.000000003`);
  assert.ok(stored);
  const retorno = { class: 'authorized', cStat: '100', xMotivo: 'x', nProt: '1', protocolo: '<protNFe/>' } as const;
  await edge.store.documentos.transition(stored, { state: 'authorized', conteudo: 'missing', retorno, chave });
  for (const path of ['/2026/1/3', '/2026/1/3.xml']) {
    assert.equal((await get(path, { 'if-none-match': '*' })).status, 304, path);
    // The XML of this one cannot be read, so this is what reading it looks like; a failure carries no tag.
    const failed = await get(path);
    assert.equal(failed.status, 500);
    assert.equal(failed.headers.get('etag'), null);
    assert.equal(failed.headers.get('cache-control'), 'no-store');
  }
});

test('another account learns nothing by tags', async () => {
  const tag = (await get('/2026/1/1')).headers.get('etag') ?? '';
  const stranger = await edge.signIn(await edge.account(sampleCnpj(72)));
  for (const held of [tag, '*']) {
    const theirs = await get('/2026/1/1', { 'x-auth-token': stranger, 'if-none-match': held });
    assert.equal((await problemOf(theirs)).codigo, 'documento-desconhecido');
    assert.equal(theirs.headers.get('etag'), null);
  }
});

test('an answer of 1 kB or more is compressed for who accepts gzip, and says that it depends on it', async () => {
  for (const path of ['/2026/1/1', '/2026/1/1.xml', '?status=autorizada']) {
    const plain = await rawGet(path);
    assert.ok(plain.body.length >= 1024, `${path}: ${plain.body.length}`);
    assert.equal(plain.answer.headers['content-encoding'], undefined);
    for (const accept of ['gzip', 'br;q=1.0, gzip;q=0.8, *;q=0.1', 'gzip, deflate, br']) {
      const { answer, body } = await rawGet(path, accept);
      assert.equal(answer.headers['content-encoding'], 'gzip', accept);
      assert.ok(body.length < plain.body.length);
      assert.equal(answer.headers['content-length'], String(body.length));
      assert.deepEqual(gunzipSync(body), plain.body);
      assert.equal(answer.headers['content-type'], plain.answer.headers['content-type']);
    }
    for (const accept of ['identity', 'gzip;q=0', 'br', 'deflate']) {
      assert.equal((await rawGet(path, accept)).answer.headers['content-encoding'], undefined, accept);
    }
    for (const { answer } of [plain, await rawGet(path, 'gzip')]) assert.match(String(answer.headers.vary), /Accept-Encoding/i);
  }
});

test('bytes that differ have strong tags that differ', async () => {
  const [plain, packed] = [
    (await rawGet('/2026/1/1.xml')).answer.headers.etag,
    (await rawGet('/2026/1/1.xml', 'gzip')).answer.headers.etag,
  ];
  assert.notEqual(plain, packed);
  assert.equal(packed, plain?.replace(/"$/, '-gzip"'));
});

test('a short answer and a session are never compressed', async () => {
  const short = await rawGet('/2026/1/2', 'gzip');
  assert.ok(short.body.length < 1024);
  assert.equal(short.answer.headers['content-encoding'], undefined);
  // Long enough by the name of its account and its companies.
  for (let i = 0; i < 40; i += 1) {
    await edge.store.empresas.put({
      conta: account.conta,
      documento: sampleCnpj(7100 + i),
      razaoSocial: 'Comercial Exemplo Ltda',
      uf: 'SP',
    });
  }
  const { answer, body } = await raw(`${edge.url}/session`, { 'x-auth-token': session, 'accept-encoding': 'gzip' });
  assert.ok(body.length > 2_000);
  assert.equal(answer.headers['content-encoding'], undefined);
  assert.equal(answer.headers['cache-control'], 'no-store');
});
