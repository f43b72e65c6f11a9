import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { problemOf, type RunningEdge, runEdge } from './running-edge.ts';

const KEY = 'chave-de-operador-de-teste';
const operator = { 'x-operator-key': KEY };
/** GET and POST of the operator, the page first. */
const ASKED: [string, string][] = [
  ['GET', '/'],
  ['GET', '/api/admin'],
  ['GET', '/api/admin/situacao'],
  ['GET', '/api/admin/topology/print'],
  ['POST', '/api/admin/account/create'],
];

let elsewhere: RunningEdge;
let proxied: RunningEdge;
before(async () => {
  // The tests call from 127.0.0.1, which is none of these.
  elsewhere = await runEdge('from-elsewhere', { config: { operatorKey: KEY, operatorFrom: '10.0.0.0/8' } });
  proxied = await runEdge('from-proxied', { config: { operatorKey: KEY, trustProxy: 'loopback' } });
});
after(() => Promise.all([elsewhere, proxied].map((edge) => edge.stop())));

const call = (edge: RunningEdge, method: string, path: string, headers: Record<string, string> = {}) =>
  fetch(`${edge.url}${path}`, {
    method,
    headers: { ...operator, 'content-type': 'application/json', ...headers },
    ...(method === 'POST' ? { body: '{"name":"X"}' } : {}),
  });

test('to an address that is not named the operator’s paths do not exist, right key or not, whatever the method', async () => {
  for (const [method, path] of ASKED) {
    for (const verb of [method, 'OPTIONS', 'DELETE']) {
      const problem = await problemOf(await call(elsewhere, verb, path));
      assert.deepEqual([problem.status, problem.codigo], [404, 'rota-desconhecida'], `${verb} ${path}`);
    }
  }
});

test('behind a proxy that is trusted the caller’s address counts, not the proxy’s', async () => {
  for (const [method, path] of ASKED) {
    const far = await problemOf(await call(proxied, method, path, { 'x-forwarded-for': '203.0.113.9' }));
    assert.equal(far.codigo, 'rota-desconhecida', `${method} ${path}`);
    assert.equal((await call(proxied, method, path)).status, 200, `${method} ${path}`);
  }
});

test('a call that came through a proxy which is not trusted is not taken for one from this machine', async (t) => {
  const plain = await runEdge('from-plain', { config: { operatorKey: KEY } });
  t.after(() => plain.stop());
  assert.equal((await call(plain, 'GET', '/api/admin')).status, 200);
  for (const header of ['x-forwarded-for', 'forwarded']) {
    const problem = await problemOf(await call(plain, 'GET', '/api/admin', { [header]: '127.0.0.1' }));
    assert.equal(problem.codigo, 'rota-desconhecida', header);
  }
});

test('what a browser sends for a page of another site is no command, though it carries the key', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']) {
    const problem = await problemOf(await call(proxied, 'POST', '/api/admin/account/create', { 'content-type': type }));
    assert.deepEqual([problem.status, problem.codigo], [415, 'tipo-de-conteudo'], type);
  }
});
