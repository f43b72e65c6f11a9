import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { loadConfig } from '@malote/runtime/config';
import { createSecretBox } from '@malote/runtime/secret-box';

const dir = mkdtempSync(join(tmpdir(), 'malote-secrets-'));
const secrets = join(dir, 'secrets');
const read = (name: string) => readFileSync(join(secrets, name), 'utf8');
const make = (...args: string[]) => execFileSync('sh', [join(dir, 'make-secrets.sh'), ...args], { encoding: 'utf8' });

before(() => {
  copyFileSync(join(import.meta.dirname, '../../deploy/make-secrets.sh'), join(dir, 'make-secrets.sh'));
  make('--simulator');
});
after(() => rmSync(dir, { recursive: true, force: true }));

test('the secrets are what the services accept, and only their owner can enter the folder', () => {
  const env = {
    MALOTE_MONGO_URL_FILE: join(secrets, 'mongo-url.txt'),
    MALOTE_RABBITMQ_URL_FILE: join(secrets, 'rabbitmq-url.txt'),
    MALOTE_REDIS_URL_FILE: join(secrets, 'redis-url.txt'),
    MALOTE_MASTER_KEY_FILE: join(secrets, 'master-key.txt'),
    MALOTE_OPERATOR_KEY_FILE: join(secrets, 'operator-key.txt'),
  };
  const config = loadConfig(['mongoUrl', 'rabbitmqUrl', 'redisUrl', 'masterKey', 'operatorKey'], env);
  assert.equal(config.operatorKey, read('operator-key.txt').trim());
  const password = read('mongo-password.txt').trim();
  assert.equal(new URL(config.mongoUrl).password, password);
  assert.ok(read('rabbitmq.conf').includes(`default_pass = ${new URL(config.rabbitmqUrl).password}\n`));
  assert.ok(read('redis.conf').includes(`requirepass ${new URL(config.redisUrl).password}\n`));
  const box = createSecretBox(config.masterKey);
  assert.equal(box.open(box.seal(Buffer.from('chave'), 'x'), 'x').toString(), 'chave');
  assert.equal(statSync(secrets).mode & 0o777, 0o700);
});

test('the certificates of the trial belong together', () => {
  const ca = new X509Certificate(read('simulator-ca.pem'));
  const server = new X509Certificate(read('simulator-server.pem'));
  assert.ok(server.verify(ca.publicKey) && server.checkIssued(ca));
  assert.ok(server.checkHost('simulator') !== undefined);
  const pfx = readFileSync(join(secrets, 'empresa.pfx'));
  assert.doesNotThrow(() => createSecureContext({ pfx, passphrase: read('empresa-senha.txt').trim() }));
});

test('a second run changes nothing', () => {
  const before = readdirSync(secrets).map((name) => [name, readFileSync(join(secrets, name), 'base64')]);
  make('--simulator');
  make();
  assert.deepEqual(
    readdirSync(secrets).map((name) => [name, readFileSync(join(secrets, name), 'base64')]),
    before,
  );
});

test('without the roots of ICP-Brasil it says what is still missing', () => {
  assert.match(make(), /icp-brasil\.pem/);
});
