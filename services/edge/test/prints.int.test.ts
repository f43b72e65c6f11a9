import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { authorizedDocument } from './authorized-document.ts';
import { problemOf, type RunningEdge, runEdge, type TestAccount } from './running-edge.ts';

/** A PNG of one point. */
const PICTURE = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQAY3Y2wAAAAAElFTkSuQmCC', 'base64');
const CNPJ = sampleCnpj(81);
let edge: RunningEdge;
let account: TestAccount;
let session: string;

before(async () => {
  edge = await runEdge('prints');
  account = await edge.account(CNPJ);
  session = await edge.signIn(account);
});
after(() => edge.stop());

const make = (made: Partial<Parameters<typeof authorizedDocument>[1]> & { numero: number }) =>
  authorizedDocument(edge, { cnpj: CNPJ, session, ...made });
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${edge.url}/api/empresas/${CNPJ}/docs/hom/${path}`, { headers: { 'x-auth-token': session, ...headers } });

async function bytesOf(answer: Response): Promise<Buffer> {
  const bytes = Buffer.from(await answer.arrayBuffer());
  assert.equal(answer.status, 200, bytes.toString('latin1').slice(0, 500));
  return bytes;
}
const textOf = (pdf: Buffer): string => execFileSync('pdftotext', ['-raw', '-enc', 'UTF-8', '-', '-'], { input: pdf, encoding: 'utf8' });
const pageOf = (pdf: Buffer): string =>
  /Page size:\s+(.*)/.exec(execFileSync('pdfinfo', ['-'], { input: pdf, encoding: 'utf8' }))?.[1] ?? '';

test('the DANFE of an authorised note, by number and by key, in the form that is asked for', async () => {
  const chave = await make({ numero: 1 });
  const answer = await get(`55/${chave}.pdf`);
  assert.equal(answer.headers.get('content-type'), 'application/pdf');
  assert.equal(answer.headers.get('content-disposition'), `inline; filename="danfe-${chave}.pdf"`);
  assert.equal(answer.headers.get('cache-control'), 'private, no-cache');
  const pdf = await bytesOf(answer);
  const text = textOf(pdf);
  assert.match(text, /135260000000001/);
  assert.ok(text.replace(/\s/g, '').includes(chave));
  assert.deepEqual(await bytesOf(await get('55/26/001/000000001.pdf')), pdf);
  assert.match(pageOf(pdf), /595\.\d+ x 841/);
  assert.match(pageOf(await bytesOf(await get(`55/${chave}.pdf?formato=paisagem`))), /841\.\d+ x 595/);
  assert.match(textOf(await bytesOf(await get(`55/${chave}.pdf?formato=etiqueta&largura=58`))), /Etiqueta/);
});

test('the tag is that of the bytes: another form or another state has another one', async () => {
  const chave = await make({ numero: 2 });
  const tags = new Set<string>();
  for (const query of ['', '?formato=paisagem', '?formato=simplificado', '?formato=simplificado&largura=58']) {
    const first = await get(`55/${chave}.pdf${query}`);
    const tag = first.headers.get('etag') ?? '';
    assert.match(tag, /^"[\w-]{43}"$/);
    tags.add(tag);
    const again = await get(`55/${chave}.pdf${query}`, { 'if-none-match': tag });
    assert.deepEqual([again.status, await again.text()], [304, '']);
  }
  const stored = await edge.store.documentos.findById(`${CNPJ}.2.55.35.001.000000002`);
  assert.ok(stored);
  await edge.store.documentos.transition(stored, { state: 'cancelled' });
  const cancelled = await get(`55/${chave}.pdf`, { 'if-none-match': [...tags].join(', ') });
  assert.match(textOf(await bytesOf(cancelled)), /CANCELADA/);
  tags.add(cancelled.headers.get('etag') ?? '');
  assert.equal(tags.size, 5);
});

test('a cancelled NFC-e is marked on the roll and on the till', async () => {
  const chave = await make({ numero: 3, modelo: '65', state: 'cancelled' });
  assert.match(textOf(await bytesOf(await get(`65/${chave}.pdf`))), /CANCELADA/);
  assert.match((await bytesOf(await get(`65/${chave}.escpos`))).toString('latin1'), /CANCELADA/);
});

test('a denied note carries its mark', async () => {
  const chave = await make({ numero: 4, state: 'denied' });
  assert.match(textOf(await bytesOf(await get(`55/${chave}.pdf`))), /USO DENEGADO/);
});

test('what was issued off-line is printed while it waits for its transmission', async () => {
  for (const [numero, state] of [
    [5, 'signed'],
    [6, 'uncertain'],
    [19, 'issued'],
  ] as const) {
    const chave = await make({ numero, state, modelo: '65', tpEmis: '9' });
    const text = textOf(await bytesOf(await get(`65/${chave}.pdf`)));
    assert.match(text, /EMITIDA EM CONTINGÊNCIA\s+Pendente de autorização/);
    assert.match(text, /Via do Estabelecimento/);
    assert.match((await bytesOf(await get(`65/${chave}.escpos`))).toString('latin1'), /Via do Estabelecimento/);
  }
});

test('a note issued by EPEC is printed with its protocol once that is registered, and not before', async () => {
  const desde = new Date('2026-11-21T12:00:00Z');
  const epec = { nProt: '891260000000012', dhRegistro: '2026-11-21T10:00:07-03:00' };
  const waiting = await make({ numero: 20, tpEmis: '4', state: 'signed', contingencia: { modo: 'EPEC', desde } });
  const problem = await problemOf(await get(`55/${waiting}.pdf`));
  assert.deepEqual([problem.status, problem.codigo], [404, 'impressao-indisponivel']);
  for (const [numero, state] of [
    [21, 'issued'],
    [22, 'uncertain'],
  ] as const) {
    const chave = await make({ numero, tpEmis: '4', state, contingencia: { modo: 'EPEC', desde, epec } });
    const text = textOf(await bytesOf(await get(`55/${chave}.pdf`)));
    assert.match(text, /PROTOCOLO DE AUTORIZAÇÃO DO EPEC\s+891260000000012\s+21\/11\/2026 10:00:07/);
    const refused = await problemOf(await get(`55/${chave}.pdf?formato=simplificado`));
    assert.deepEqual([refused.status, refused.codigo], [400, 'parametro-invalido']);
  }
});

test('the till gets the commands for its roll', async () => {
  const chave = await make({ numero: 7, modelo: '65' });
  const answer = await get('65/2026/1/7.escpos?largura=58');
  assert.equal(answer.headers.get('content-type'), 'application/octet-stream');
  assert.equal(answer.headers.get('content-disposition'), `inline; filename="danfe-${chave}.escpos"`);
  const narrow = await bytesOf(answer);
  const wide = await bytesOf(await get(`65/${chave}.escpos`));
  for (const bytes of [narrow, wide]) assert.deepEqual([...bytes.subarray(0, 2)], [0x1b, 0x40]);
  const longest = (bytes: Buffer) => Math.max(...(bytes.toString('latin1').match(/-{20,}/g) ?? []).map((rule) => rule.length));
  assert.deepEqual([longest(narrow), longest(wide)], [32, 48]);
});

test('what has not been answered is no DANFE, and its tag is not said', async () => {
  for (const [numero, state, status] of [
    [8, 'signed', 'Em processamento'],
    [9, 'uncertain', 'Em recuperação'],
    [10, 'rejected', 'Rejeitada'],
    [11, 'conflict', 'Conflito'],
  ] as const) {
    const chave = await make({ numero, state });
    const answer = await get(`55/${chave}.pdf`, { 'if-none-match': '*' });
    const problem = await problemOf(answer);
    assert.deepEqual([problem.status, problem.codigo], [404, 'impressao-indisponivel']);
    assert.match(problem.detail, new RegExp(`status é "${status}"`));
    assert.equal(answer.headers.get('etag'), null);
  }
});

test('a form that the document does not have is refused in words', async () => {
  const nfce = await make({ numero: 12, modelo: '65' });
  const nfe = await make({ numero: 13 });
  const refused = await Promise.all(
    [`65/${nfce}.pdf?formato=retrato`, `55/${nfe}.pdf?formato=carta`, `55/${nfe}.pdf?largura=70`, `55/${nfe}.escpos`].map(async (path) => {
      const { status, codigo, detail } = await problemOf(await get(path));
      return [status, codigo, detail];
    }),
  );
  assert.deepEqual(
    refused.map(([status, codigo]) => [status, codigo]),
    [
      [400, 'parametro-invalido'],
      [400, 'parametro-invalido'],
      [400, 'parametro-invalido'],
      [404, 'impressao-indisponivel'],
    ],
  );
  assert.match(String(refused[0]?.[2]), /largura=210/);
  assert.match(String(refused[2]?.[2]), /58, 80, 100, 210/);
});

test('the logo of the company is on its paper, and changes the tag', async () => {
  const chave = await make({ numero: 15 });
  const images = (pdf: Buffer) => execFileSync('pdfimages', ['-list', '-'], { input: pdf, encoding: 'utf8' }).trim().split('\n').length - 2;
  const without = await get(`55/${chave}.pdf`);
  assert.equal(images(await bytesOf(without)), 0);
  const logo = await edge.store.conteudos.put(PICTURE, { emitente: CNPJ, aamm: 'logo' });
  const where = { conta: account.conta, documento: CNPJ };
  assert.ok(await edge.store.empresas.save(where, { logo }));
  const drawn = await get(`55/${chave}.pdf`, { 'if-none-match': without.headers.get('etag') ?? '' });
  assert.equal(images(await bytesOf(drawn)), 1);
  // One that is gone does not keep a note from being printed.
  await edge.store.empresas.save(where, { logo: `${CNPJ}.logo.gone` });
  assert.equal(images(await bytesOf(await get(`55/${chave}.pdf`))), 0);
  assert.ok(edge.logged.some((line) => line.includes('logo left out')));
  await edge.store.empresas.save(where, { logo: null });
  assert.equal((await get(`55/${chave}.pdf`, { 'if-none-match': without.headers.get('etag') ?? '' })).status, 304);
  assert.equal(await edge.store.empresas.save({ conta: 'another', documento: CNPJ }, { logo }), undefined);
});

test('what the company says of its paper holds where the call says nothing, and changes the tag', async () => {
  const where = { conta: account.conta, documento: CNPJ };
  const chave = await make({ numero: 16 });
  const till = await make({ numero: 17, modelo: '65' });
  const [before, roll] = [await get(`55/${chave}.pdf`), await bytesOf(await get(`65/${till}.escpos`))];
  const whole = textOf(await bytesOf(before));
  await edge.store.empresas.save(where, { danfe: { orientacao: 'paisagem', larguraCupom: 58, semCanhoto: true } });
  try {
    const pdf = await bytesOf(await get(`55/${chave}.pdf`, { 'if-none-match': before.headers.get('etag') ?? '' }));
    assert.match(pageOf(pdf), /841\.\d+ x 595/);
    assert.match(whole, /RECEBEMOS DE/);
    assert.doesNotMatch(textOf(pdf), /RECEBEMOS DE/);
    assert.match(pageOf(await bytesOf(await get(`55/${chave}.pdf?formato=retrato`))), /595\.\d+ x 841/);
    assert.match(pageOf(await bytesOf(await get(`65/${till}.pdf`))), /^164\.\d+ x/);
    assert.match(pageOf(await bytesOf(await get(`65/${till}.pdf?largura=80`))), /^226\.\d+ x/);
    const narrow = await bytesOf(await get(`65/${till}.escpos`));
    assert.deepEqual(narrow, await bytesOf(await get(`65/${till}.escpos?largura=58`)));
    assert.notDeepEqual(narrow, roll);
    // Only A4 has an orientation, only the coupon this paper.
    assert.match(pageOf(await bytesOf(await get(`55/${chave}.pdf?formato=etiqueta`))), /^283\.\d+ x/);
  } finally {
    await edge.store.empresas.save(where, { danfe: null });
  }
  assert.equal((await get(`55/${chave}.pdf`, { 'if-none-match': before.headers.get('etag') ?? '' })).status, 304);
});

test('an NFC-e stays printable, byte for byte, when its CSC is replaced and taken away', async () => {
  const owner = { conta: account.conta, empresa: CNPJ, tpAmb: '2' } as const;
  await edge.store.csc.put(owner, { id: '1', codigo: '0A1B2C3D4E5F67890A1B' });
  const chave = await make({ numero: 18, modelo: '65' });
  const papers = () => Promise.all(['pdf', 'escpos'].map(async (end) => bytesOf(await get(`65/${chave}.${end}`))));
  const first = await papers();
  const csc = `${edge.url}/api/empresas/${CNPJ}/csc/1?ambiente=hom`;
  const headers = { 'x-auth-token': session, 'content-type': 'application/json' };
  const replaced = await fetch(csc, { method: 'PUT', headers, body: JSON.stringify({ codigo: 'F1E2D3C4B5A697887766' }) });
  assert.equal(replaced.status, 200);
  assert.deepEqual(await papers(), first);
  assert.equal((await fetch(csc, { method: 'DELETE', headers })).status, 204);
  assert.deepEqual(await papers(), first);
});

test('another account gets nothing printed', async () => {
  const chave = await make({ numero: 14 });
  const stranger = await edge.signIn(await edge.account(sampleCnpj(82)));
  for (const end of ['.pdf', '.escpos']) {
    const answer = await get(`55/${chave}${end}`, { 'x-auth-token': stranger });
    assert.equal((await problemOf(answer)).codigo, 'documento-desconhecido');
  }
});
