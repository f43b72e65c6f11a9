import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ConfigError, type ConfigKey, describeCatalogue, loadConfig, redactedConfig } from './config.ts';

function problemsOf(keys: readonly ConfigKey[], env: Record<string, string>): readonly string[] {
  try {
    loadConfig(keys, env);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.problems;
    throw thrown;
  }
  return [];
}

function secretFile(t: TestContext, content: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'malote-config-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'secret');
  writeFileSync(file, content);
  return file;
}

test('a service gets exactly its part, typed, with defaults; empty means absent', () => {
  const config = loadConfig(['httpPort', 'mongoUrl', 'sefazUrlOverride', 'sefazRate'], {
    MALOTE_HTTP_PORT: '81',
    MALOTE_MONGO_URL: 'mongodb://a:1,b:2/?replicaSet=rs0',
    MALOTE_SEFAZ_URL_OVERRIDE: '',
    MALOTE_REDIS_URL: 'nonsense of another service',
    PATH: '/bin',
  });
  const port: number = config.httpPort;
  const override: string | undefined = config.sefazUrlOverride;
  assert.deepEqual(config, { httpPort: 81, mongoUrl: 'mongodb://a:1,b:2/?replicaSet=rs0', sefazUrlOverride: undefined, sefazRate: 50 });
  assert.deepEqual([port, override], [81, undefined]);
});

test('all mistakes are told at once, each with the variable, the rule and an example', () => {
  const problems = problemsOf(['mongoUrl', 'httpPort', 'logLevel', 'sefazUrlOverride'], {
    MALOTE_HTTP_PORT: '70000',
    MALOTE_LOG_LEVEL: 'loud',
    MALOTE_SEFAZ_URL_OVERRIDE: 'http://plain',
  });
  assert.equal(problems.length, 4);
  assert.match(problems[0] ?? '', /^MALOTE_MONGO_URL não foi definida; deve ser um endereço mongodb:.*exemplo: mongodb:/);
  assert.match(problems[1] ?? '', /^MALOTE_HTTP_PORT=70000: deve ser um número inteiro de 0 a 65535 \(exemplo: 8080\)$/);
  assert.match(problems[2] ?? '', /^MALOTE_LOG_LEVEL=loud/);
  assert.match(problems[3] ?? '', /^MALOTE_SEFAZ_URL_OVERRIDE=http:\/\/plain: deve ser um endereço https/);
});

test('a name in no part of the catalogue is an error with the nearest name', () => {
  assert.deepEqual(problemsOf([], { MALOTE_HTTP_PRT: '1', MALOTE_SOMETHING_ENTIRELY_DIFFERENT: '1' }), [
    'MALOTE_HTTP_PRT não existe; seria MALOTE_HTTP_PORT?',
    'MALOTE_SOMETHING_ENTIRELY_DIFFERENT não existe',
  ]);
});

test('what Kubernetes injects is ignored, even when a Service takes the name of a variable of ours', () => {
  const injected = {
    MALOTE_SERVICE_HOST: '10.0.0.1',
    MALOTE_EDGE_SERVICE_PORT: '80',
    MALOTE_EDGE_SERVICE_PORT_WEB: '80',
    MALOTE_EDGE_PORT: 'tcp://10.0.0.1:80',
    MALOTE_EDGE_PORT_80_TCP: 'tcp://10.0.0.1:80',
    MALOTE_EDGE_PORT_80_TCP_PROTO: 'tcp',
    MALOTE_EDGE_PORT_80_TCP_PORT: '80',
    MALOTE_EDGE_PORT_80_TCP_ADDR: '10.0.0.1',
    MALOTE_HTTP_PORT: 'tcp://10.0.0.1:80',
  };
  assert.deepEqual(loadConfig(['httpPort'], injected), { httpPort: 8080 });
  assert.equal(problemsOf([], { MALOTE_EDGE_PORT: '8080' }).length, 1);
});

test('the test clock is refused in production, which is the default mode; other test variables are nobody’s business', () => {
  assert.match(problemsOf([], { MALOTE_TEST_CLOCK_FILE: '/tmp/c' })[0] ?? '', /^MALOTE_TEST_CLOCK_FILE não é aceita em produção/);
  assert.deepEqual(problemsOf([], { MALOTE_TEST_STACK: '/tmp/s' }), []);
  const env = { MALOTE_MODE: 'test', MALOTE_TEST_CLOCK_FILE: '/tmp/c' };
  assert.deepEqual(loadConfig(['mode', 'testClockFile'], env), { mode: 'test', testClockFile: '/tmp/c' });
});

test('protections are taken out in test mode only, by known names', () => {
  const without = (names: string, mode: string) => problemsOf(['testWithout'], { MALOTE_MODE: mode, MALOTE_TEST_WITHOUT: names });
  assert.deepEqual(without('digest,version', 'test'), []);
  for (const mode of ['production', 'development']) assert.match(without('digest', mode)[0] ?? '', /^MALOTE_TEST_WITHOUT só é aceita/);
  assert.match(without('disgest', 'test')[0] ?? '', /^MALOTE_TEST_WITHOUT=disgest: deve ser uma lista.*open-attempt, digest/);
  assert.deepEqual(problemsOf([], { MALOTE_TEST_WITHOUT: 'digest' }).length, 1, 'a process that reads none refuses it too');
});

test('TLS is verified, whatever a variable or an address says', () => {
  const off = ['tlsInsecure=true', 'tlsAllowInvalidCertificates=true', 'tlsallowinvalidhostnames=true', 'rejectUnauthorized=false'];
  for (const parameter of off) {
    const [problem, ...more] = problemsOf(['mongoUrl'], {
      MALOTE_MONGO_URL: `mongodb://u:segredo@a:1,b:2/?replicaSet=r&tls=true&${parameter}`,
    });
    assert.match(problem ?? '', /MALOTE_MONGO_URL deve ser .* sem opção que desligue a verificação do TLS/);
    assert.deepEqual([more, problem?.includes('segredo')], [[], false]);
  }
  for (const parameter of ['rejectUnauthorized=false', 'tls=x', 'enableOfflineQueue=true'])
    assert.equal(problemsOf(['redisUrl'], { MALOTE_REDIS_URL: `rediss://u:p@a:1/0?${parameter}` }).length, 1, parameter);
  const good = {
    MALOTE_MONGO_URL: 'mongodb://u:p@a:1,b:2/?replicaSet=r&tls=true&tlsCAFile=%2Fca.pem',
    MALOTE_REDIS_URL: 'rediss://u:p@a:1/0?tlsCAFile=/ca.pem',
  };
  assert.deepEqual(problemsOf(['mongoUrl', 'redisUrl'], good), []);
  const variable = 'NODE_TLS_REJECT_UNAUTHORIZED';
  assert.match(problemsOf([], { [variable]: '0' })[0] ?? '', /desliga a verificação do TLS/);
  assert.deepEqual(problemsOf([], { [variable]: '1' }), []);
});

test('a secret may come in a file whose last line break does not count', (t) => {
  const file = secretFile(t, 'amqp://u:p@h/v\n');
  assert.deepEqual(loadConfig(['rabbitmqUrl'], { MALOTE_RABBITMQ_URL_FILE: file }), { rabbitmqUrl: 'amqp://u:p@h/v' });
  assert.match(
    problemsOf(['rabbitmqUrl'], { MALOTE_RABBITMQ_URL_FILE: file, MALOTE_RABBITMQ_URL: 'amqp://x' })[0] ?? '',
    /use só uma das duas/,
  );
  assert.match(problemsOf(['rabbitmqUrl'], { MALOTE_RABBITMQ_URL_FILE: '/does/not/exist' })[0] ?? '', /ENOENT/);
  assert.match(problemsOf(['rabbitmqUrl'], { MALOTE_RABBITMQ_URL_FILE: secretFile(t, '\n') })[0] ?? '', /está vazio/);
  assert.equal(problemsOf([], { MALOTE_HTTP_PORT_FILE: file }).length, 1);
});

test('a wrong secret is told without its value', () => {
  const env = { MALOTE_MASTER_KEY: 'k1:hunter2', MALOTE_RESP_TEC: '{"cnpj":"hunter2"}', MALOTE_MONGO_URL: 'hunter2://' };
  const problems = problemsOf(['masterKey', 'respTec', 'mongoUrl'], env);
  assert.equal(problems.length, 3);
  assert.doesNotMatch(problems.join('\n'), /hunter2/);
});

test('respTec is parsed, and idCSRT without csrt refused', () => {
  const contact = { cnpj: '12345678000195', xContato: 'Suporte', email: 'nfe@exemplo.com.br', fone: '1133334444' };
  assert.deepEqual(loadConfig(['respTec'], { MALOTE_RESP_TEC: JSON.stringify(contact) }).respTec, contact);
  assert.equal(problemsOf(['respTec'], { MALOTE_RESP_TEC: JSON.stringify({ ...contact, idCSRT: '01' }) }).length, 1);
  assert.equal(problemsOf(['respTec'], { MALOTE_RESP_TEC: 'not json' }).length, 1);
});

test('an origin is taken as browsers write it only: anything else would never be equal', () => {
  const read = (value: string) => loadConfig(['corsOrigins'], { MALOTE_CORS_ORIGINS: value }).corsOrigins;
  for (const value of ['', 'https://erp.exemplo.com.br', 'http://127.0.0.1:3000, https://a.b']) assert.equal(read(value), value);
  for (const value of ['*', 'https://*.b', 'https://a.b/', 'https://A.b', 'https://a.b:443', 'null', 'a.b', 'https://a.b,', 'file:///x']) {
    assert.equal(problemsOf(['corsOrigins'], { MALOTE_CORS_ORIGINS: value }).length, 1, value);
  }
});

test('a printed configuration shows no secret', () => {
  const shown = redactedConfig({ httpPort: 80, mongoUrl: 'mongodb://u:p@h', masterKey: 'k', sefazUrlOverride: undefined });
  assert.deepEqual(shown, { httpPort: 80, mongoUrl: '***', masterKey: '***', sefazUrlOverride: undefined });
});

test('the catalogue is whole: names unique and prefixed, every default and every example passes its own rule', () => {
  const rows = describeCatalogue();
  assert.equal(new Set(rows.map((row) => row.name)).size, rows.length);
  for (const row of rows) {
    assert.match(row.name, /^MALOTE_[A-Z0-9_]+$/);
    assert.match(row.description, /^[A-Z].*\.$/, row.name);
    const example = row.key === 'masterKey' ? `2026a:${Buffer.alloc(32).toString('base64')}` : row.example;
    assert.deepEqual(problemsOf([row.key], { MALOTE_MODE: 'test', [row.name]: example }), [], row.name);
    if (row.default !== undefined && row.default !== '') {
      assert.deepEqual(problemsOf([row.key], { [row.name]: String(row.default) }), [], row.name);
    }
  }
});
