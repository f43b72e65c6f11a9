import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { loadConfig } from '@malote/runtime/config';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { problemOf, type RunningEdge, runEdge, type TestAccount } from './running-edge.ts';

const TOO_MANY = { message: 'Too Many Requests', error: { status_code: 429, retry_after: 300 } };
const defaults = loadConfig(['rateLimitIp', 'rateLimitConta', 'trustProxy'], {});

let edge: RunningEdge;
let account: TestAccount;
let session: string;

before(async () => {
  edge = await runEdge('rate', { config: defaults });
  account = await edge.account(sampleCnpj(51));
  session = await edge.signIn(account);
});
after(() => edge.stop());

const call = (token: string | undefined, url = edge.url, headers: Record<string, string> = {}) =>
  fetch(`${url}/api/conta/em-recuperacao`, { headers: { ...(token ? { 'x-auth-token': token } : {}), ...headers } });
const rateOf = (answer: Response) =>
  ['limit', 'remaining', 'reset'].map((name) => Number(answer.headers.get(`ratelimit-${name}`))) as [number, number, number];
/** As if so many calls had been made in the window that is running. */
const counted = (of: RunningEdge, name: string, calls: number) => of.redis.set(`${of.redisPrefix}limite:${name}`, calls, 'EX', 200);
const forget = async (of: RunningEdge) => {
  const keys = await of.redis.keys(`${of.redisPrefix}limite:*`);
  if (keys.length > 0) await of.redis.del(...keys);
};

async function assertRefused(answer: Response, limit: number): Promise<void> {
  assert.equal(answer.status, 429);
  assert.deepEqual(await answer.json(), TOO_MANY);
  const retryAfter = Number(answer.headers.get('retry-after'));
  assert.ok(retryAfter > 150 && retryAfter <= 200, String(retryAfter));
  assert.deepEqual(rateOf(answer).slice(0, 2), [limit, 0]);
}

test('by default an account has 60,000 calls in 5 minutes, and the next one is refused with the published body', async () => {
  await counted(edge, `conta:${account.conta}`, 59_999);
  const last = await call(session);
  assert.equal(last.status, 200);
  assert.deepEqual(rateOf(last).slice(0, 2), [60_000, 0]);
  await assertRefused(await call(session), 60_000);
  await forget(edge);
});

test('by default an address has 60,000 calls in 5 minutes, whoever calls', async () => {
  await counted(edge, 'ip:127.0.0.1', 59_999);
  assert.equal((await call(session)).status, 200);
  await assertRefused(await call(session), 60_000);
  // Nor does it cost the account anything: its one call is the one that was answered.
  assert.equal(await edge.redis.get(`${edge.redisPrefix}limite:conta:${account.conta}`), '1');
  // Over the limit it is not even said whether the session is good.
  await assertRefused(await call('00000000-0000-0000-0000-000000000000'), 60_000);
  await assertRefused(await call(undefined), 60_000);
  await forget(edge);
});

test('one account over its limit leaves the others alone, and its own sessions all count together', async () => {
  const other = await edge.signIn(await edge.account(sampleCnpj(52)));
  const second = await edge.signIn(account);
  await counted(edge, `conta:${account.conta}`, 60_000);
  await assertRefused(await call(session), 60_000);
  await assertRefused(await call(second), 60_000);
  assert.equal((await call(other)).status, 200);
  // Signing in and out is counted elsewhere.
  assert.equal((await fetch(`${edge.url}/session`, { headers: { 'x-auth-token': session } })).status, 200);
  await forget(edge);
});

test('every answer of a limited route says what is left of the tighter window', async () => {
  const narrow = await runEdge('rate-narrow', { config: { rateLimitIp: 10, rateLimitConta: 4 } });
  try {
    const token = await narrow.signIn(await narrow.account(sampleCnpj(53)));
    const first = await call(token, narrow.url);
    const [limit, remaining, reset] = rateOf(first);
    assert.deepEqual([limit, remaining], [4, 3]);
    assert.ok(reset > 290 && reset <= 300, String(reset));
    const refused = await call(undefined, narrow.url);
    assert.equal((await problemOf(refused)).codigo, 'sessao-ausente');
    assert.deepEqual(rateOf(refused).slice(0, 2), [10, 8]);
    const unknown = await fetch(`${narrow.url}/api/empresas/${sampleCnpj(53)}/docs/hom/55/2026/1/1`, {
      headers: { 'x-auth-token': token },
    });
    assert.deepEqual([unknown.status, ...rateOf(unknown).slice(0, 2)], [404, 4, 2]);
    await counted(narrow, 'ip:127.0.0.1', 7);
    assert.deepEqual(rateOf(await call(token, narrow.url)).slice(0, 2), [4, 1]);
    await counted(narrow, 'ip:127.0.0.1', 9);
    assert.deepEqual(rateOf(await call(token, narrow.url)).slice(0, 2), [10, 0]);
  } finally {
    await narrow.stop();
  }
});

test('two edges count together', async () => {
  const second = await runEdge('rate', { config: { ...defaults, redisPrefix: edge.redisPrefix } });
  try {
    const [, before] = rateOf(await call(session));
    const [, between] = rateOf(await call(session, second.url));
    const [, later] = rateOf(await call(session));
    assert.deepEqual([between, later], [before - 1, before - 2]);
  } finally {
    await second.stop();
  }
});

test('X-Forwarded-For is believed from nobody by default, and from the proxies that are named', async () => {
  const forwarded = { 'x-forwarded-for': '203.0.113.9' };
  await counted(edge, 'ip:127.0.0.1', 60_000);
  await assertRefused(await call(session, edge.url, forwarded), 60_000);
  assert.equal(await edge.redis.exists(`${edge.redisPrefix}limite:ip:203.0.113.9`), 0);
  await forget(edge);

  const behind = await runEdge('rate-proxy', { config: { ...defaults, trustProxy: 'loopback' } });
  try {
    await counted(behind, 'ip:203.0.113.9', 60_000);
    await assertRefused(await call(undefined, behind.url, forwarded), 60_000);
    assert.equal((await call(undefined, behind.url, { 'x-forwarded-for': '203.0.113.10' })).status, 401);
    // What the caller itself put into the header stands left of what the proxy saw.
    await assertRefused(await call(undefined, behind.url, { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' }), 60_000);
  } finally {
    await behind.stop();
  }
});

test('every window ends: no counter is left without an expiry', async () => {
  await call(session);
  const keys = await edge.redis.keys(`${edge.redisPrefix}limite:*`);
  assert.ok(keys.length >= 2);
  for (const key of keys) assert.ok((await edge.redis.ttl(key)) > 0, key);
});
