import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { basic, problemOf, type RunningEdge, runEdge, type TestAccount } from './running-edge.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

let edge: RunningEdge;
let account: TestAccount;

before(async () => {
  edge = await runEdge('session');
  account = await edge.account(sampleCnpj(1));
});
after(() => edge.stop());

const open = (init: RequestInit = {}, path = '/session') =>
  fetch(`${edge.url}${path}`, {
    method: 'POST',
    ...init,
    headers: { authorization: basic(account.token, account.secret), ...(init.headers as Record<string, string>) },
  });
const withSession = (session: string, method: string, path = '/session') =>
  fetch(`${edge.url}${path}`, { method, headers: { 'x-auth-token': session } });

test('an old client that skips 14 characters and takes 36 gets a working token', async () => {
  for (const body of [undefined, '{}', '[{}]', 'not json']) {
    const answer = await open(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/);
    const text = await answer.text();
    assert.equal(text.length, 50);
    assert.equal(text.slice(0, 14), 'x-auth-token: ');
    const session = text.slice(14, 14 + 36);
    assert.match(session, UUID);
    assert.equal(answer.headers.get('x-auth-token'), session);
    assert.equal((await withSession(session, 'GET')).status, 200);
  }
});

test('a client that accepts anything, as java.net does, gets the text', async () => {
  for (const accept of ['*/*', 'text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2', 'text/plain, application/json;q=0.5']) {
    assert.match(await (await open({ headers: { accept } })).text(), /^x-auth-token: /, accept);
  }
});

test('a client that accepts JSON gets token, jwt and expiry in seconds', async () => {
  const before = Math.floor(Date.now() / 1000);
  const answer = await open({ headers: { accept: 'application/json' } });
  const body = (await answer.json()) as Record<string, unknown>;
  assert.deepEqual(Object.keys(body), ['x-auth-token', 'jwt', 'exp']);
  assert.match(String(body['x-auth-token']), UUID);
  assert.equal(body.jwt, body['x-auth-token']);
  assert.equal(answer.headers.get('x-auth-token'), body.jwt);
  assert.ok(typeof body.exp === 'number' && Math.abs(body.exp - before - 1800) <= 2, String(body.exp));
});

test('the newer names do the same, with Basic or with a JSON body', async () => {
  const session = (await (await open({}, '/api/authenticate')).text()).slice(14);
  assert.match(session, UUID);
  const json = await fetch(`${edge.url}/api/authenticate/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ token: account.token, secret: account.secret }),
  });
  assert.equal(json.status, 200);
  const me = (await (await withSession(session, 'GET', '/api/me')).json()) as Record<string, unknown>;
  assert.equal(me.conta, account.conta);
  const refreshed = await withSession(session, 'GET', '/api/refresh');
  assert.equal(await refreshed.text(), `x-auth-token: ${session}`);
});

test('a JSON sign-in that is malformed or lacks a field is told so', async () => {
  const post = (body: string) =>
    fetch(`${edge.url}/api/authenticate`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  for (const [body, status, codigo] of [
    ['{"token":', 400, 'json-malformado'],
    ['"texto"', 400, 'json-malformado'],
    ['{"token":"a"}', 401, 'credenciais-ausentes'],
    ['{"token":{"$ne":1},"secret":"x"}', 401, 'credenciais-ausentes'],
    [`{"token":"a","secret":"${'x'.repeat(20_000)}"}`, 413, 'corpo-grande-demais'],
    ['{"token":"a","secret":"b"}', 401, 'credenciais-invalidas'],
  ] as const) {
    const problem = await problemOf(await post(body));
    assert.deepEqual([problem.status, problem.codigo], [status, codigo], body.slice(0, 60));
  }
  const none = await problemOf(await fetch(`${edge.url}/session`, { method: 'POST' }));
  assert.deepEqual([none.status, none.codigo], [401, 'credenciais-ausentes']);
});

test('GET shows account, companies, creation and expiry; PUT renews the same token; DELETE ends it', async () => {
  const session = await edge.signIn(account);
  const shown = (await (await withSession(session, 'GET')).json()) as Record<string, string>;
  assert.equal(shown.conta, account.conta);
  assert.deepEqual(shown.empresas, [{ empresa: account.empresa, razaoSocial: 'Comercial Exemplo Ltda', uf: 'SP' }]);
  assert.ok(new Date(shown.expiraEm ?? '').getTime() - new Date(shown.criadaEm ?? '').getTime() >= 1800_000);

  const renewed = await fetch(`${edge.url}/session`, { method: 'PUT', headers: { 'x-auth-token': session, accept: 'application/json' } });
  const body = (await renewed.json()) as Record<string, unknown>;
  assert.equal(body['x-auth-token'], session);
  assert.ok(Number(body.exp) * 1000 >= new Date(shown.expiraEm ?? '').getTime() - 1000);

  assert.equal((await withSession(session, 'DELETE')).status, 204);
  for (const [method, path] of [
    ['GET', '/session'],
    ['PUT', '/session'],
    ['DELETE', '/session'],
    ['GET', '/api/me'],
  ] as const) {
    const dead = await withSession(session, method, path);
    assert.equal((await problemOf(dead)).codigo, 'sessao-invalida', `${method} ${path}`);
    assert.equal(dead.status, 401);
  }
});

test('a Bearer header works like x-auth-token', async () => {
  const session = await edge.signIn(account);
  const answer = await fetch(`${edge.url}/api/me`, { headers: { authorization: `Bearer ${session}` } });
  assert.equal(answer.status, 200);
});

test('an unknown token, a wrong secret and a header that is no Basic get the same 401', async () => {
  const attempts = [basic('nobody', 'x'), basic(account.token, `${account.secret}x`), basic(account.token, ''), 'Basic ***', 'Digest x'];
  const answers = await Promise.all(
    attempts.map(async (authorization) => {
      const answer = await fetch(`${edge.url}/session`, { method: 'POST', headers: { authorization } });
      const { instance, ...problem } = await problemOf(answer);
      assert.match(String(instance), /^[0-9a-f]{32}$/);
      return { problem, challenge: answer.headers.get('www-authenticate'), token: answer.headers.get('x-auth-token') };
    }),
  );
  for (const answer of answers) assert.deepEqual(answer, answers[0]);
  assert.equal(answers[0]?.problem.status, 401);
  assert.equal(answers[0]?.token, null);
});

test('an unknown token takes as long to refuse as a wrong secret', async () => {
  const time = async (authorization: string) => {
    const times: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      const began = performance.now();
      await (await fetch(`${edge.url}/session`, { method: 'POST', headers: { authorization } })).arrayBuffer();
      times.push(performance.now() - began);
    }
    return times.sort((a, b) => a - b)[2] ?? 0;
  };
  const unknown = await time(basic('nobody', account.secret));
  const wrong = await time(basic(account.token, 'wrong'));
  // Without the dummy hash the first is some 2 ms and the second some 100.
  assert.ok(unknown > wrong / 3, `unknown ${unknown} ms, wrong ${wrong} ms`);
});

test('a call without session is told so, and a made-up one is refused', async () => {
  const none = await problemOf(await fetch(`${edge.url}/api/me`));
  assert.deepEqual([none.status, none.codigo], [401, 'sessao-ausente']);
  for (const made of ['x', '00000000-0000-0000-0000-000000000000', 'a'.repeat(2000)]) {
    const refused = await problemOf(await withSession(made, 'GET'));
    assert.deepEqual([refused.status, refused.codigo], [401, 'sessao-invalida'], made);
  }
});

test('neither Redis nor the log holds a session token or a secret', async () => {
  const session = await edge.signIn(account);
  await withSession(session, 'GET');
  const keys = await edge.redis.keys(`${edge.redisPrefix}sessao:*`);
  assert.ok(keys.length > 0);
  const stored = [...keys, ...(await edge.redis.mget(keys))].join('\n');
  assert.ok(stored.includes(account.conta));
  assert.equal(stored.includes(session), false);
  assert.equal(stored.includes(account.secret), false);
  const text = edge.logged.join('\n');
  assert.ok(text.includes(account.conta));
  assert.equal(text.includes(session), false);
  assert.equal(text.includes(account.secret), false);
});
