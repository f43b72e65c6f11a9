import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { createCa, issueCompanyPfx } from '@malote/testkit/certificates';
import type { Route } from '../routing.ts';
import { authorizedDocument } from './authorized-document.ts';
import { emptyTable } from './empty-table.ts';
import { insertEntidade } from './inserted-entidade.ts';
import { postJson, registerEvento, registerInutilizacao } from './registered.ts';
import { basic, problemOf, type RunningEdge, runEdge } from './running-edge.ts';

/** Of the samples of the routing table. */
const EMPRESA = '07385111000102';
const ORIGIN = 'https://erp.exemplo.com.br';

const table = emptyTable();
let edge: RunningEdge;
let session: string;
/** Of the samples that alone are not enough: the path that is. */
const real = new Map<string, string>();
const pathOf = ({ sample }: Route, end = ''): string => {
  const [path, query] = (real.get(sample) ?? sample).split('?');
  return `${path}${end}${query === undefined ? '' : `?${query}`}`;
};

before(async () => {
  edge = await runEdge('every', { config: { corsOrigins: ` ${ORIGIN}, https://erp.exemplo.com.br:8443` } });
  const account = await edge.account(EMPRESA);
  const { conta } = account;
  session = await edge.signIn(account);
  await edge.store.csc.put({ conta, empresa: EMPRESA, tpAmb: '2' }, { id: '1', codigo: '0A1B2C3D4E5F67890A1B' });
  const [chave] = await Promise.all(
    (['55', '65'] as const).map((modelo) => authorizedDocument(edge, { cnpj: EMPRESA, numero: 4711, session, modelo })),
  );
  const { pfx, senha } = issueCompanyPfx(createCa(), { cnpj: EMPRESA, razaoSocial: 'Comercial Exemplo', senha: 'segredo' });
  await postJson(`${edge.url}/api/empresas/${EMPRESA}/certificado`, session, { conteudo: pfx.toString('base64'), senha });
  const docs = `${edge.url}/api/empresas/${EMPRESA}/docs`;
  await postJson(`${docs}/hom/55/${chave}/eventos`, session, { tipo: 'carta-correcao', correcao: 'Onde se lê A, leia-se B.' });
  await registerEvento(edge, { documentoId: `${EMPRESA}.2.55.35.001.000004711`, tpEvento: '110110', nSeqEvento: 1 });
  const faixa = { ano: '26', serie: 1, numeroInicial: 4712, numeroFinal: 4715 };
  await postJson(`${docs}/inutilizacoes/hom/55`, session, { ...faixa, uf: 'SP', justificativa: 'Números pulados pelo sistema' });
  await registerInutilizacao(edge, { ...faixa, emitente: EMPRESA, tpAmb: '2', modelo: '55', cUF: '35' });
  await insertEntidade(edge, { conta, documento: EMPRESA, uf: 'SP', ie: '110042490114', entidade: '000001' });
  const tss = '?registrationType=1&registrationNumber=07385111000102&ie=110042490114&uf=SP';
  real.set('/rest/WSTSSSETUP/v1', `/rest/WSTSSSETUP/v1${tss}`);
  const asked = { conta, quem: { tipo: 'cli' }, traceparent: '', kind: 'bloqueio', rows: [] } as const;
  const { pedido } = await edge.store.bloqueios.insert({ ...asked, rows: [] });
  await edge.store.bloqueios.transition(pedido, { state: 'done', result: [] });
  const key = { conta, modelo: '55', uf: 'SP', ambiente: 'hom' } as const;
  const drill = { id: '0b8f8c1e-5d5c-4f8e-9a39-2f6c1d1f7a10', desde: new Date(0), ate: new Date(1), quem: 'x' };
  await edge.store.contingencias.transition(await edge.store.contingencias.obtain(key, ''), { simulacoes: [drill] });
  const id = pedido._id.slice(conta.length + 1);
  for (const { sample, path } of table) if (path.endsWith('/:pedido')) real.set(sample, path.replace(':pedido', id));
});
after(() => edge.stop());

interface Answered {
  status: number;
  headers: Record<string, unknown>;
  body: Buffer;
}

/** As it goes over the wire: fetch would add headers and take the compression away. */
function call(method: string, path: string, headers: Record<string, string> = {}, url = edge.url): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }));
    });
    sent.on('error', reject).end();
  });
}

const own = (route: Route): Record<string, string> => (/session|tss/.test(route.access) ? { 'x-auth-token': session } : {});
/** What differs from call to call. */
const steady = ({ headers }: Answered) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(date|traceparent|ratelimit-remaining|ratelimit-reset)$/.test(name)));

test('HEAD of every GET answers the same headers, compressed or not, and no body', async () => {
  for (const route of table.filter(({ method }) => method === 'GET')) {
    for (const encoding of ['identity', 'gzip']) {
      const headers = { ...own(route), 'accept-encoding': encoding };
      const [got, head] = [await call('GET', pathOf(route), headers), await call('HEAD', pathOf(route), headers)];
      assert.equal(got.status, 200, route.sample);
      assert.ok(got.body.length > 0 && Number(got.headers['content-length']) === got.body.length, route.sample);
      assert.equal(head.status, 200, route.sample);
      assert.deepEqual(steady(head), steady(got), `${route.sample} ${encoding}`);
      assert.equal(head.body.length, 0);
    }
  }
});

test('HEAD of what is refused is refused in the same way, without the problem', async () => {
  const path = `/api/empresas/${EMPRESA}/docs/hom/55/2026/1/999`;
  const head = await call('HEAD', path, { 'x-auth-token': session });
  assert.deepEqual([head.status, head.headers['content-type'], head.body.length], [404, 'application/problem+json; charset=utf-8', 0]);
  assert.equal((await call('HEAD', path)).status, 401);
});

test('every row answers alike with trailing slashes', async () => {
  for (const route of table.filter(({ method }) => method === 'GET')) {
    const plain = await call('GET', pathOf(route), own(route));
    for (const end of ['/', '//']) {
      const slashed = await call('GET', pathOf(route, end), own(route));
      assert.equal(slashed.status, 200, `${route.sample}${end}`);
      assert.equal(slashed.headers['content-type'], plain.headers['content-type'], route.sample);
      if (!route.limit) assert.deepEqual(slashed.body, plain.body, `${route.sample}${end}`);
    }
  }
  // The other methods too; without what they need they are refused by their own row.
  for (const route of table.filter(({ method, access }) => method !== 'GET' && /session|tss/.test(access))) {
    for (const end of ['', '/'])
      assert.equal((await call(route.method, `${route.sample}${end}`)).status, 401, `${route.method} ${route.sample}${end}`);
  }
  const opened = await fetch(`${edge.url}/session/`, { method: 'POST', headers: { authorization: basic('x', 'y') } });
  assert.equal((await problemOf(opened)).codigo, 'credenciais-invalidas');
});

test('OPTIONS of every path says what it may be asked, and needs nothing', async () => {
  for (const { sample } of table) {
    const methods = table.filter((route) => route.sample === sample).map(({ method }) => method as string);
    const expected = [...new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])].sort();
    for (const path of [sample, `${sample}/`]) {
      const { status, headers, body } = await call('OPTIONS', path);
      assert.deepEqual([status, headers.allow, body.length], [204, expected.join(', '), 0], path);
      assert.equal(
        Object.keys(headers).some((name) => name.startsWith('access-control')),
        false,
      );
    }
  }
  assert.equal((await call('OPTIONS', '/api/nada')).status, 404);
});

test('without origins in the configuration no answer ever has an Access-Control header', async () => {
  const closed = await runEdge('every-closed');
  try {
    const asked = { origin: ORIGIN, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-auth-token' };
    for (const { method, sample } of table) {
      for (const verb of ['OPTIONS', method]) {
        const { headers } = await call(verb, sample, asked, closed.url);
        assert.deepEqual(
          Object.keys(headers).filter((name) => name.startsWith('access-control')),
          [],
          `${verb} ${sample}`,
        );
        assert.doesNotMatch(String(headers.vary ?? ''), /origin/i);
      }
    }
  } finally {
    await closed.stop();
  }
});

test('a page of a named origin may ask, call and read; of any other one it may not', async () => {
  const path = `/api/empresas/${EMPRESA}/docs/hom/55`;
  const asking = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-auth-token, content-type' };
  const { status, headers } = await call('OPTIONS', path, { ...asking, origin: ORIGIN });
  assert.equal(status, 204);
  assert.equal(headers['access-control-allow-origin'], ORIGIN);
  assert.equal(headers['access-control-allow-methods'], 'GET, HEAD, OPTIONS, POST');
  const allowed = String(headers['access-control-allow-headers']).toLowerCase().split(', ');
  for (const name of ['x-auth-token', 'content-type', 'authorization', 'idempotency-key', 'prefer', 'if-none-match'])
    assert.ok(allowed.includes(name), name);
  assert.equal(headers['access-control-allow-credentials'], undefined);

  const read = await call('GET', path, { origin: `${ORIGIN}:8443`, 'x-auth-token': session });
  assert.equal(read.headers['access-control-allow-origin'], `${ORIGIN}:8443`);
  assert.match(String(read.headers['access-control-expose-headers']), /Location/);
  const refused = await call('GET', path, { origin: ORIGIN });
  assert.deepEqual([refused.status, refused.headers['access-control-allow-origin']], [401, ORIGIN]);

  for (const origin of ['https://erp.exemplo.com.br.malicioso.com', 'http://erp.exemplo.com.br', 'null', `${ORIGIN}/`]) {
    for (const answer of [
      await call('OPTIONS', path, { ...asking, origin }),
      await call('GET', path, { origin, 'x-auth-token': session }),
    ]) {
      assert.deepEqual(
        Object.keys(answer.headers).filter((name) => name.startsWith('access-control')),
        [],
        origin,
      );
      // A cache between must not give one origin the answer of another.
      assert.match(String(answer.headers.vary), /Origin/);
    }
  }
});
