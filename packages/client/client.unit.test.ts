import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MaloteProblem, MaloteUnavailable } from './client.ts';
import { fakeHub, problem } from './test/fake-hub.ts';

const docs = { empresa: '11222333000181', ambiente: 'hom', modelo: '55' } as const;
const DOCS = '/api/empresas/11222333000181/docs/hom/55';
const CHAVE = '35261107385111000102550010000047111000047110';
const documento = (more: object = {}) => Response.json({ status: 'Autorizada', chaveAcesso: CHAVE, ...more });
const page = (numeros: number[], total: number) =>
  Response.json({ numeroElementos: numeros.length, totalElementos: total, registros: numeros.map((numero) => ({ numero })) });

test('it signs in when it has to, once for calls of the same moment, and sends the token with each', async () => {
  const { client, asked, signIns } = fakeHub([documento(), documento(), documento()]);
  assert.equal(signIns(), 0);
  await Promise.all([1, 2].map((numero) => client.documento({ ...docs, ano: 2026, serie: 1, numero })));
  await client.documento({ ...docs, chave: CHAVE });
  assert.equal(signIns(), 1);
  assert.equal(asked[0]?.headers.authorization, `Basic ${Buffer.from('t:ségredo').toString('base64')}`);
  assert.deepEqual(
    asked.slice(1).map(({ path, headers }) => [path, headers['x-auth-token']]),
    [
      [`${DOCS}/2026/1/1`, 'token-1'],
      [`${DOCS}/2026/1/2`, 'token-1'],
      [`${DOCS}/${CHAVE}`, 'token-1'],
    ],
  );
});

test('a session that the hub does not know any more is renewed once, a second refusal is the caller’s', async () => {
  const { client, signIns } = fakeHub([
    problem('sessao-invalida', 401),
    documento(),
    problem('sessao-invalida', 401),
    problem('sessao-invalida', 401),
  ]);
  assert.equal((await client.documento({ ...docs, chave: CHAVE })).status, 'Autorizada');
  assert.equal(signIns(), 2);
  await assert.rejects(
    client.documento({ ...docs, chave: CHAVE }),
    (error) => error instanceof MaloteProblem && error.codigo === 'sessao-invalida',
  );
});

test('an emission is the XML as it is given, with what was wished for it in query and headers', async () => {
  const { client, asked } = fakeHub([documento(), documento()]);
  await client.emit({ ...docs, xml: '<NFe/>', wait: 20, idempotencyKey: 'venda-1', layout: 'oobj' });
  await client.emit({ ...docs, xml: new Uint8Array([60, 62]) });
  const [, first, second] = asked;
  assert.deepEqual([first?.method, first?.path, first?.body], ['POST', `${DOCS}?layout=oobj`, '<NFe/>']);
  assert.deepEqual(first?.headers, {
    'content-type': 'application/xml',
    prefer: 'wait=20',
    'idempotency-key': 'venda-1',
    'x-auth-token': 'token-1',
  });
  assert.deepEqual([second?.path, second?.headers.prefer, second?.body], [DOCS, undefined, new Uint8Array([60, 62])]);
});

test('a refusal is told with everything the hub said, and not tried again', async () => {
  const faults = [{ code: 'xsd', path: '/NFe', message: 'm' }];
  const { client, paths } = fakeHub([
    problem('identidade-em-conflito', 409, { faults, cStat: '539', xMotivo: 'Duplicidade', linha: 3, coluna: 9 }),
  ]);
  await assert.rejects(client.emit({ ...docs, xml: '<NFe/>' }), (error) => {
    assert.ok(error instanceof MaloteProblem);
    const { status, codigo, title, detail, cStat, xMotivo, instance, linha, coluna } = error;
    assert.deepEqual([status, codigo, title, detail], [409, 'identidade-em-conflito', 'Título', 'O que houve.']);
    assert.deepEqual([error.faults, cStat, xMotivo, instance, linha, coluna], [faults, '539', 'Duplicidade', 'abc', 3, 9]);
    return true;
  });
  assert.equal(paths().length, 1);
});

const away = () => new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') });
const RECOVERS: [string, () => Response | Error][] = [
  ['a broken connection', away],
  ['503 with Retry-After', () => problem('armazenamento-indisponivel', 503, {}, { 'retry-after': '0' })],
  ['502 of a proxy', () => new Response('<html>', { status: 502, headers: { 'content-type': 'text/html' } })],
  ['429 that is nearly over', () => Response.json({ message: 'Too Many Requests' }, { status: 429, headers: { 'retry-after': '0' } })],
];
for (const [name, reply] of RECOVERS) {
  test(`${name}: the same emission is sent again`, async () => {
    const { client, asked } = fakeHub([reply(), reply(), documento()]);
    assert.equal((await client.emit({ ...docs, xml: '<NFe/>', idempotencyKey: 'k' })).status, 'Autorizada');
    const posts = asked.filter(({ path }) => path === DOCS);
    assert.equal(posts.length, 3);
    for (const post of posts) assert.deepEqual([post.body, post.headers['idempotency-key']], ['<NFe/>', 'k']);
  });
}

test('after its retries it says that the hub is away, why, and how long to wait', async () => {
  const { client, paths } = fakeHub([away(), away()], { retries: 1 });
  await assert.rejects(
    client.emit({ ...docs, xml: '<NFe/>' }),
    (error) => error instanceof MaloteUnavailable && error.reason === 'network' && error.cause instanceof TypeError,
  );
  assert.equal(paths().length, 2);

  const limited = fakeHub([Response.json({}, { status: 429, headers: { 'retry-after': '300' } })]);
  await assert.rejects(
    limited.client.sessao(),
    (error) =>
      error instanceof MaloteUnavailable && error.reason === 'rate-limit' && error.retryAfterMs === 300_000 && error.status === 429,
  );
  assert.equal(limited.paths().length, 1, 'five minutes are not waited for');

  const down = fakeHub([problem('sessoes-indisponiveis', 503)], { retries: 0 });
  await assert.rejects(down.client.sessao(), (error) => error instanceof MaloteUnavailable && error.cause instanceof MaloteProblem);
});

test('an answer that does not come in time is given up, and the caller’s signal ends everything', async () => {
  const late = fakeHub(['silence'], { retries: 0, timeoutMs: 20 });
  await assert.rejects(late.client.sessao(), (error) => error instanceof MaloteUnavailable && error.reason === 'timeout');

  const stop = new AbortController();
  const stopped = fakeHub(['silence']);
  const call = stopped.client.sessao({ signal: stop.signal });
  setImmediate(() => stop.abort(new Error('the user left')));
  await assert.rejects(call, /the user left/);
  await assert.rejects(stopped.client.sessao({ signal: stop.signal }), /the user left/);
  assert.equal(stopped.paths().length, 1);
});

test('a list is read page after page, only as far as it is read', async () => {
  const { client, paths } = fakeHub([page([1, 2], 5), page([3, 4], 5), page([5], 5), page([1], 9)]);
  const numeros: number[] = [];
  for await (const { numero } of client.documentos({ ...docs, status: 'Em recuperação', de: '2026-11-01', serie: 1 })) numeros.push(numero);
  assert.deepEqual(numeros, [1, 2, 3, 4, 5]);
  const query = 'status=Em+recupera%C3%A7%C3%A3o&de=2026-11-01&serie=1';
  assert.deepEqual(
    paths(),
    [1, 2, 3].map((pagina) => `GET ${DOCS}?${query}&pagina=${pagina}`),
  );
  for await (const row of client.emRecuperacao()) {
    assert.equal(row.numero, 1);
    break;
  }
  assert.equal(paths().at(-1), 'GET /api/conta/em-recuperacao?pagina=1');
  assert.equal(paths().length, 4);
});

test('a PDF and a preview are the bytes that came, in the form that is wished for', async () => {
  const bytes = new Uint8Array([0x25, 0x50, 0x44, 0x46, 0xff, 0xfe, 0x00, 0xef, 0xbb, 0xbf]);
  const { client, paths, asked } = fakeHub([new Response(bytes), new Response(bytes), new Response(bytes)]);
  assert.deepEqual(await client.pdf({ ...docs, chave: CHAVE }), bytes);
  assert.deepEqual(await client.pdf({ ...docs, ano: 2026, serie: 1, numero: 7, formato: 'etiqueta', largura: 58 }), bytes);
  assert.deepEqual(await client.previa({ ...docs, xml: '<NFe/>', formato: 'paisagem' }), bytes);
  assert.deepEqual(paths(), [
    `GET ${DOCS}/${CHAVE}.pdf`,
    `GET ${DOCS}/2026/1/7.pdf?formato=etiqueta&largura=58`,
    `POST ${DOCS}/previa?formato=paisagem`,
  ]);
  assert.equal(asked.at(-1)?.body, '<NFe/>');
});

test('XML and attempts, by number and by key', async () => {
  const ledger = { chaveAcesso: CHAVE, status: 'Autorizada', tentativas: [] };
  const { client, paths } = fakeHub([
    new Response('<nfeProc/>'),
    Response.json(ledger),
    documento(),
    Response.json(ledger),
    documento({ chaveAcesso: null, status: 'Arquivo inválido' }),
  ]);
  const numero = { ...docs, ano: 2026, serie: 1, numero: 7 };
  assert.equal(await client.xml({ ...docs, chave: CHAVE }), '<nfeProc/>');
  assert.deepEqual(await client.tentativas({ ...docs, chave: CHAVE }), ledger);
  assert.deepEqual(await client.tentativas(numero), ledger);
  assert.deepEqual(await client.tentativas(numero), { chaveAcesso: null, status: 'Arquivo inválido', tentativas: [] });
  assert.deepEqual(paths(), [
    `GET ${DOCS}/${CHAVE}.xml`,
    `GET ${DOCS}/${CHAVE}/tentativas`,
    `GET ${DOCS}/2026/1/7`,
    `GET ${DOCS}/${CHAVE}/tentativas`,
    `GET ${DOCS}/2026/1/7`,
  ]);
});

test('signing out ends the session that there is, and none that there is not', async () => {
  const { client, paths, signIns } = fakeHub([
    documento(),
    new Response(null, { status: 204 }),
    documento(),
    problem('sessao-invalida', 401),
  ]);
  await client.signOut();
  assert.deepEqual(paths(), []);
  await client.documento({ ...docs, chave: CHAVE });
  await client.signOut();
  await client.documento({ ...docs, chave: CHAVE });
  assert.equal(signIns(), 2);
  await client.signOut();
  assert.deepEqual(paths().filter((path) => path === 'DELETE /session').length, 2);
});
