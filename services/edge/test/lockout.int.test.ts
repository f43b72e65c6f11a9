import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { loadConfig } from '@malote/runtime/config';
import { HUB } from '@malote/store/auditoria';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { basic, type RunningEdge, runEdge, type TestAccount } from './running-edge.ts';

const TOO_MANY = { message: 'Too Many Requests', error: { status_code: 429, retry_after: 300 } };
const config = { ...loadConfig(['lockoutToken', 'lockoutIp'], {}), trustProxy: 'loopback' };

let edge: RunningEdge;
let account: TestAccount;

before(async () => {
  edge = await runEdge('lockout', { config });
  account = await edge.account(sampleCnpj(61));
});
after(() => edge.stop());

let addresses = 0;
/** One that nobody has failed from yet. */
const newAddress = () => {
  addresses += 1;
  return `203.0.113.${addresses}`;
};

const signIn = (token: string, secret: string, from: string, url = edge.url) =>
  fetch(`${url}/session`, { method: 'POST', headers: { authorization: basic(token, secret), 'x-forwarded-for': from } });
const keyOf = (token: string) => `${edge.redisPrefix}trava:${hash('sha256', `credencial:${token}`)}`;

/** Fails so often; every answer is the 401. */
async function fail(token: string, from: string, times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) assert.equal((await signIn(token, 'errado', from)).status, 401);
}

/** As if a token, or an address, had failed so often already: a secret takes a tenth of a second to check. */
const failed = (key: string, times: number) => edge.redis.set(`${key}:falhas`, times, 'EX', 200);
const addressKey = (from: string) => `${edge.redisPrefix}trava:ip:${from}`;

/** What a caller can see of an answer that refuses. */
async function seen(answer: Response) {
  const headers = ['retry-after', 'ratelimit-limit', 'www-authenticate', 'x-auth-token'].map((name) => answer.headers.get(name));
  return { status: answer.status, headers, body: ((await answer.json()) as { codigo?: string }).codigo ?? 'too many' };
}

test('after five wrong secrets a token waits a minute, even with the right one, and no answer tells whether it exists', async () => {
  const from = [newAddress(), newAddress()] as const;
  const other = '5e0b1f0a-6f3c-4f0e-9d0b-2d3f8a7c1b9e';
  for (const token of [account.token, other]) await failed(keyOf(token), 3);
  for (let i = 0; i < 2; i += 1) {
    const known = await seen(await signIn(account.token, 'errado', from[0]));
    assert.deepEqual(known, await seen(await signIn(other, 'errado', from[1])));
    assert.deepEqual([known.status, known.body], [401, 'credenciais-invalidas']);
  }
  // From another address as well, and at every edge that shares the Redis.
  const second = await runEdge('lockout', { config: { ...config, redisPrefix: edge.redisPrefix } });
  try {
    for (const [token, secret] of [
      [account.token, account.secret],
      [account.token, 'errado'],
      [other, 'errado'],
    ] as const) {
      for (const url of [edge.url, second.url]) {
        const answer = await signIn(token, secret, newAddress(), url);
        assert.equal(answer.status, 429);
        assert.equal(answer.headers.get('x-auth-token'), null);
        const wait = Number(answer.headers.get('retry-after'));
        assert.ok(wait > 0 && wait <= 60, String(wait));
        assert.deepEqual(await answer.json(), TOO_MANY);
      }
    }
  } finally {
    await second.stop();
  }
  await edge.redis.del(keyOf(account.token));
  assert.equal((await signIn(account.token, account.secret, newAddress())).status, 200);
});

test('each further failure doubles the wait, up to fifteen minutes; a success makes it forget', async () => {
  const { token, secret } = await edge.account(sampleCnpj(62));
  await failed(keyOf(token), 4);
  for (const seconds of [60, 120, 240, 480, 900, 900]) {
    await fail(token, newAddress(), 1);
    const left = await edge.redis.ttl(keyOf(token));
    assert.ok(left > seconds - 30 && left <= seconds, `${left} of ${seconds}`);
    await edge.redis.del(keyOf(token));
  }
  assert.equal((await signIn(token, secret, newAddress())).status, 200);
  assert.equal(await edge.redis.exists(`${keyOf(token)}:falhas`), 0);
});

test('after twenty failures an address waits, whatever it tries, save with a token that was right from there', async () => {
  const from = newAddress();
  const [used, unused] = [await edge.account(sampleCnpj(63)), await edge.account(sampleCnpj(64))];
  assert.equal((await signIn(used.token, used.secret, from)).status, 200);
  await failed(addressKey(from), 18);
  await fail('nobody', from, 1);
  assert.equal((await signIn(unused.token, 'errado', from)).status, 401);
  const refused = await signIn(unused.token, unused.secret, from);
  assert.deepEqual(await refused.json(), TOO_MANY);
  assert.equal((await signIn('nobody-again', 'x', from)).status, 429);
  assert.equal((await signIn(used.token, used.secret, from)).status, 200);
  assert.equal((await signIn(unused.token, unused.secret, newAddress())).status, 200);
});

test('sign-ins and locks stand in the audit trail, single failures do not, and no secret does', async () => {
  const mine = await edge.account(sampleCnpj(65));
  const from = newAddress();
  await signIn(mine.token, mine.secret, from);
  await failed(keyOf(mine.token), 3);
  await fail(mine.token, from, 2);
  const misplaced = 'um-secret-no-lugar-do-token';
  await failed(keyOf(misplaced), 4);
  await failed(addressKey(from), 19);
  await fail(misplaced, from, 1);
  const of = async (conta: string) => (await edge.store.auditoria.list({ conta, skip: 0, limit: 100 })).registros.reverse();
  const own = (await of(mine.conta)).map(({ acao, alvo, resultado, quem, detalhe }) => ({ acao, alvo, resultado, quem, detalhe }));
  const quem = { tipo: 'credencial', id: mine.token, ip: from };
  assert.deepEqual(own, [
    { acao: 'sessao.abrir', alvo: undefined, resultado: 'ok', quem, detalhe: undefined },
    { acao: 'sessao.travar', alvo: mine.token, resultado: 'recusado', quem, detalhe: '60 s' },
  ]);
  const hub = (await of(HUB)).filter(({ quem }) => quem.ip === from);
  assert.deepEqual(
    hub.map(({ acao, alvo }) => [acao, alvo]),
    [
      ['sessao.travar', 'desconhecida'],
      ['endereco.travar', from],
    ],
  );
  const said = JSON.stringify([own, hub, edge.logged]);
  for (const secret of [mine.secret, misplaced]) assert.equal(said.includes(secret), false);
  assert.equal((await edge.store.auditoria.verify({ conta: mine.conta })).integra, true);
});

test('every count and every lock ends by itself', async () => {
  const keys = await edge.redis.keys(`${edge.redisPrefix}trava:*`);
  assert.ok(keys.length > 5);
  for (const key of keys) assert.ok((await edge.redis.ttl(key)) > 0, key);
});
