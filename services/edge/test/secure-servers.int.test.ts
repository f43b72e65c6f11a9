import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Devstack, startDevstack } from '@malote/devstack/devstack';
import { connectRedis } from '@malote/redis/connect';
import { systemClock } from '@malote/runtime/clock';
import { environmentWith, loadConfig } from '@malote/runtime/config';
import { createLogger } from '@malote/runtime/logger';
import { connectStore } from '@malote/store/connect';
import { createCa, issueServerCertificate } from '@malote/testkit/certificates';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { postXml, type RunningEdge, runEdge } from './running-edge.ts';

const EMPRESA = '07385111000102';
const log = createLogger({ service: 'test', level: 'silent' });
const dir = mkdtempSync(join(tmpdir(), 'malote-tls-'));
const file = (name: string, text: string) => {
  writeFileSync(join(dir, name), text, { mode: 0o600 });
  return join(dir, name);
};
let stack: Devstack;
let edge: RunningEdge;
let otherCa: string;

before(async () => {
  const ca = createCa({ name: 'AC dos servidores' });
  const { certPem, keyPem } = issueServerCertificate(ca, { hosts: ['127.0.0.1'] });
  const tls = { certFile: file('server.pem', certPem), keyFile: file('server.key', keyPem), caFile: file('ca.pem', ca.certPem) };
  otherCa = file('other.pem', createCa({ name: 'Outra AC' }).certPem);
  const env = environmentWith({ MALOTE_MONGO_URL: '', MALOTE_REDIS_URL: '' });
  stack = await startDevstack({ dir: join(dir, 'servers'), log: () => {}, servers: ['mongo', 'redis'], tls, env });
  const { mongoUrl, redisUrl } = loadConfig(['mongoUrl', 'redisUrl'], {
    MALOTE_MONGO_URL: stack.mongoUrl,
    MALOTE_REDIS_URL: stack.redisUrl,
  });
  edge = await runEdge('tls', { mongoUrl, redisUrl });
});
after(async () => {
  await edge?.stop();
  await stack?.stop();
  rmSync(dir, { recursive: true, force: true });
});

test('an edge signs in, stores and reads over TLS, with user and password, at a MongoDB and a Redis that speak nothing else', async () => {
  assert.match(stack.mongoUrl, /^mongodb:\/\/malote:[^@]+@.*tls=true&tlsCAFile=/);
  assert.match(stack.redisUrl, /^rediss:\/\/:[^@]+@.*tlsCAFile=/);
  const session = await edge.signIn(await edge.account(EMPRESA));
  const docs = `${edge.url}/api/empresas/${EMPRESA}/docs/hom/55`;
  const posted = await postXml(
    docs,
    session,
    sampleNfe({ cnpj: EMPRESA, serie: 1, numero: 7, dhEmi: new Date('2026-11-21T10:00:00-03:00') }),
  );
  assert.equal(posted.status, 202, await posted.clone().text());
  const read = await fetch(`${edge.url}${posted.headers.get('location')}`, { headers: { 'x-auth-token': session } });
  assert.equal(((await read.json()) as { numero: number }).numero, 7);
  const ready = await fetch(`${edge.url}/health/ready`);
  assert.equal(ready.status, 200, await ready.text());
});

test('MongoDB without the authority, under another name, without TLS or with another password is refused', async () => {
  const url = new URL(stack.mongoUrl);
  const other = (change: (url: URL) => void) => {
    const copy = new URL(url);
    change(copy);
    return copy.href;
  };
  // The set says 127.0.0.1 of itself: only the node that is named is asked.
  const direct = (copy: URL) => {
    copy.searchParams.delete('replicaSet');
    copy.searchParams.set('directConnection', 'true');
  };
  const refused: [RegExp, string][] = [
    [/certificate/, other((copy) => copy.searchParams.delete('tlsCAFile'))],
    [/certificate/, other((copy) => copy.searchParams.set('tlsCAFile', otherCa))],
    [/does not match certificate|altnames/i, other((copy) => direct(Object.assign(copy, { hostname: 'localhost' })))],
    [/./, other((copy) => [copy.searchParams.delete('tls'), copy.searchParams.delete('tlsCAFile')])],
    [/Authentication failed/, other((copy) => Object.assign(copy, { password: 'outra' }))],
  ];
  for (const [why, address] of refused) {
    const connecting = connectStore({ url: address, database: 'nada', clock: systemClock, log, serverSelectionTimeoutMs: 1_500 });
    await assert.rejects(connecting, why, address.replace(url.password, '…'));
  }
  // Without a user one connects, and may do nothing.
  const nobody = await connectStore({
    url: other((copy) => Object.assign(copy, { username: '', password: '' })),
    database: 'nada',
    clock: systemClock,
    log,
  });
  await assert.rejects(nobody.contas.find('x'), /requires authentication/);
  await nobody.close();
});

test('Redis without the authority, under another name, without TLS or with another password is refused', async () => {
  const refused: [RegExp, (url: string) => string][] = [
    [/certificate/, (url) => url.replace(/\?.*/, '')],
    [/certificate/, (url) => url.replace(/tlsCAFile=.*/, `tlsCAFile=${encodeURIComponent(otherCa)}`)],
    [/does not match certificate|altnames/i, (url) => url.replace('127.0.0.1', 'localhost')],
    [/./, (url) => url.replace('rediss:', 'redis:')],
    [/WRONGPASS|invalid/, (url) => url.replace(/:[^:@]+@/, ':outra@')],
  ];
  for (const [why, change] of refused) {
    const redis = connectRedis(change(stack.redisUrl), log);
    try {
      const [error] = await Promise.race([once(redis, 'error'), once(redis, 'ready').then(() => [new Error('it was let in')])]);
      assert.match(String(error.message), why);
      assert.notEqual(redis.status, 'ready');
    } finally {
      redis.disconnect();
    }
  }
  assert.throws(() => connectRedis(stack.redisUrl.replace(/tlsCAFile=.*/, 'tlsCAFile=/nada.pem'), log), /nada\.pem/);
});
