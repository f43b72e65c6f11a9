import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger, type Logger } from './logger.ts';

const SECRET = 'hunter2-do-not-print';

function capture(write: (log: Logger) => void): { text: string; lines: Record<string, unknown>[] } {
  const parts: string[] = [];
  write(createLogger({ service: 'edge', level: 'trace', destination: { write: (line: string) => void parts.push(line) } }));
  return { text: parts.join(''), lines: parts.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

/** Every place a secret was ever found in a log, each under a name or in a shape of its own. */
const PLANTED: Record<string, (log: Logger) => void> = {
  'a field': (log) => log.info({ password: SECRET }),
  'a Portuguese field': (log) => log.info({ senhaCertificado: SECRET }),
  'a deep field': (log) => log.info({ a: { b: [{ c: { d: { token: SECRET } } }] } }),
  'a header': (log) => log.info({ headers: { 'x-auth-token': SECRET, Authorization: `Bearer ${SECRET}`, 'Set-Cookie': SECRET } }),
  'a raw header list': (log) => log.info({ rawHeaders: ['Authorization', `Bearer ${SECRET}`] }),
  'a CSC': (log) => log.info({ empresa: { csc: SECRET, idCSC: '1', CSC_Producao: SECRET } }),
  'keys of any name': (log) =>
    log.info({ key: SECRET, masterKey: SECRET, privateKeyPem: SECRET, keyPem: SECRET, dek: SECRET, pfx: SECRET }),
  'bytes of a PFX': (log) => log.info({ arquivo: Buffer.from(SECRET) }),
  'a child binding': (log) =>
    log
      .child({ doc: 'x', auth: { token: SECRET } })
      .child({ senha: SECRET })
      .info('x'),
  'a URL in a field': (log) => log.info({ url: `amqp://user:${SECRET}@host/v`, href: new URL(`mongodb://u:${SECRET}@h/`) }),
  'a URL in the message': (log) => log.info(`connecting to redis://:${SECRET}@host`),
  'a formatted message': (log) => log.info('connecting to %s', `amqps://user:${SECRET}@host`),
  'the message of an error': (log) => log.error(new Error(`no answer of amqp://u:${SECRET}@h`)),
  'a property of an error': (log) => log.error({ err: Object.assign(new Error('x'), { config: { password: SECRET } }) }, 'x'),
  'the cause of an error': (log) => log.error({ err: new Error('x', { cause: Object.assign(new Error('y'), { token: SECRET }) }) }),
  'an aggregate error': (log) => log.error({ err: new AggregateError([Object.assign(new Error('y'), { senha: SECRET })]) }),
  'an error below another name': (log) => log.error({ failures: [{ reason: Object.assign(new Error('x'), { secret: SECRET }) }] }),
  'a private key in a text': (log) => log.info({ pem: `-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----` }),
  'a private key in the message': (log) => log.info(`-----BEGIN RSA PRIVATE KEY-----\n${SECRET}`),
  'a map': (log) => log.info({ map: new Map([['token', SECRET]]) }),
  'a toJSON': (log) => log.info({ thing: { toJSON: () => ({ token: SECRET }) } }),
};

for (const [place, write] of Object.entries(PLANTED)) {
  test(`a secret in ${place} does not reach the log`, () => {
    const { text, lines } = capture(write);
    assert.ok(lines.length > 0);
    assert.ok(!text.includes(SECRET), text);
    assert.ok(!text.includes(Buffer.from(SECRET).toString('base64')), text);
  });
}

test('what is no secret is logged as it is, with service, pid, level as a word and an ISO time', () => {
  const { lines } = capture((log) =>
    log.child({ doc: 'd1' }).warn({ chave: '3526', n: 3, at: new Date(0), list: [1, 'a', null] }, 'hello'),
  );
  const { time, ...rest } = lines[0] ?? {};
  assert.match(String(time), /^\d{4}-\d\d-\d\dT.*Z$/);
  const expected = { level: 'warn', service: 'edge', pid: process.pid, doc: 'd1', chave: '3526', n: 3, at: '1970-01-01T00:00:00.000Z' };
  assert.deepEqual(rest, { ...expected, list: [1, 'a', null], msg: 'hello' });
});

test('an error is logged with type, message, stack, code and causes', () => {
  const { lines } = capture((log) =>
    log.error({ err: Object.assign(new TypeError('a', { cause: new Error('b') }), { code: 'E1' }) }, 'failed'),
  );
  const err = lines[0]?.err as Record<string, unknown>;
  assert.deepEqual([err.type, err.message, err.code, (err.cause as Record<string, unknown>).message], ['TypeError', 'a', 'E1', 'b']);
  assert.match(String(err.stack), /logger\.unit\.test\.ts/);
});

test('a cycle and endless depth are cut', () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  assert.doesNotThrow(() => capture((log) => log.info({ cycle })));
});
