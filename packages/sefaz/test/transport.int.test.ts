import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { connect } from 'node:tls';
import { createCa } from '@malote/testkit/certificates';
import { startChaosProxy } from '@malote/testkit/chaos-proxy';
import { eventually } from '@malote/testkit/eventually';
import { createConnections } from '../connections.ts';
import { type Failure, isFailure } from '../failure.ts';
import { createTransport, type TlsCredential, type Transport } from '../transport.ts';
import { credentialOf, RETORNO, startTrickyServer, type TrickyServer } from './tricky-server.ts';

let server: TrickyServer;
let credential: TlsCredential;
let transport: Transport;

before(async () => {
  server = await startTrickyServer();
  credential = credentialOf(server.ca);
  transport = createTransport({ ca: [server.ca.certPem], connectTimeoutMs: 5_000, maxAnswerBytes: 300_000 });
});
after(async () => {
  await transport.close();
  await server.close();
});

const send = (
  url: string,
  options: {
    credential?: TlsCredential;
    timeoutMs?: number;
    startWithinMs?: number;
    signal?: AbortSignal;
    bytes?: number;
    by?: Transport;
  } = {},
) =>
  (options.by ?? transport).send({
    url,
    credential: options.credential ?? credential,
    contentType: 'application/soap+xml; charset=utf-8; action="x"',
    body: Buffer.alloc(options.bytes ?? 3_000, '<a/>'),
    timeoutMs: options.timeoutMs ?? 10_000,
    startWithinMs: options.startWithinMs,
    signal: options.signal,
  });

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.then(
    () => assert.fail('an answer was given'),
    (reason: unknown) => reason,
  );
  if (!isFailure(error)) throw error;
  return error;
}

const summary = (failure: Failure) => `${failure.kind} ${failure.reason}`;

test('gives the retorno of a good answer', async () => {
  assert.deepEqual(await send(server.url('ok')), { httpStatus: 200, retorno: RETORNO });
});

describe('what a bad answer means', () => {
  const cases: [trick: string, expected: string, detail?: RegExp][] = [
    ['403', 'permanent http-403'],
    ['413', 'permanent http-413'],
    ['495', 'permanent http-495'],
    ['496', 'permanent http-496'],
    ['500', 'unknown http-inesperado', /HTTP 500/],
    ['503', 'unknown http-inesperado', /HTTP 503/],
    ['fault', 'unknown soap-fault', /HTTP 500: sem memória/],
    ['html', 'unknown resposta-ilegivel', /página HTML/],
    ['empty', 'unknown resposta-ilegivel', /vazia/],
    ['huge', 'unknown resposta-grande'],
    ['cut-answer', 'unknown resposta-interrompida'],
    ['reset-after-headers', 'unknown conexao-interrompida'],
    ['reset-after-read', 'unknown conexao-interrompida'],
  ];
  for (const [trick, expected, detail] of cases) {
    test(`${trick} is ${expected}`, async () => {
      const failure = await failureOf(send(server.url(trick)));
      assert.equal(summary(failure), expected);
      if (detail) assert.match(failure.detail ?? '', detail);
    });
  }

  test('a hanging server and a body that never ends are unknown after the deadline', async () => {
    const failures = await Promise.all(['hang', 'slow-body'].map((trick) => failureOf(send(server.url(trick), { timeoutMs: 300 }))));
    assert.deepEqual(failures.map(summary), ['unknown sem-resposta', 'unknown sem-resposta']);
  });

  test('a refusal given before a large body was read stays a refusal, or else is unknown', async () => {
    const failure = await failureOf(send(server.url('early-413'), { bytes: 2_000_000 }));
    assert.ok(['permanent http-413', 'unknown conexao-interrompida'].includes(summary(failure)), summary(failure));
  });
});

describe('nothing was sent', () => {
  test('connection refused, and a host name that does not exist', async () => {
    const proxy = await startChaosProxy({ targetPort: server.port, mode: 'refuse' });
    assert.equal(summary(await failureOf(send(server.url('ok', 'x', proxy.port)))), 'not-sent conexao-recusada');
    assert.equal(summary(await failureOf(send('https://nao-existe.invalid/a'))), 'not-sent host-nao-encontrado');
    await proxy.close();
  });

  test('a connection accepted, then reset', async () => {
    const proxy = await startChaosProxy({ targetPort: server.port, mode: 'reset' });
    assert.equal(summary(await failureOf(send(server.url('ok', 'y', proxy.port)))), 'not-sent conexao-interrompida');
    await proxy.close();
  });

  test('a connection that nobody answers, by the connect timeout and by the deadline', async (t) => {
    const proxy = await startChaosProxy({ targetPort: server.port, mode: 'hold' });
    const impatient = createTransport({ ca: [server.ca.certPem], connectTimeoutMs: 200 });
    t.after(() => Promise.all([impatient.close(), proxy.close()]));
    const url = server.url('ok', 'held', proxy.port);
    assert.equal(summary(await failureOf(send(url, { by: impatient }))), 'not-sent conexao-sem-resposta');
    assert.equal(summary(await failureOf(send(url, { timeoutMs: 100 }))), 'not-sent conexao-sem-resposta');
    // Told "not sent", the call must not go out when the connection comes about after all.
    await proxy.setMode('pass');
    await send(server.url('ok', 'later', proxy.port));
    assert.ok(!server.seen.includes('held'));
  });

  test('a request that did not begin in its time is not made, one that began is answered whenever', async (t) => {
    const proxy = await startChaosProxy({ targetPort: server.port, mode: 'hold' });
    t.after(() => proxy.close());
    const late = await failureOf(send(server.url('ok', 'too-late', proxy.port), { startWithinMs: 100 }));
    assert.equal(summary(late), 'not-sent prazo-de-envio');
    await proxy.setMode('pass');
    await send(server.url('ok', 'after-too-late', proxy.port), { startWithinMs: 5_000 });
    assert.ok(!server.seen.includes('too-late'));
    await send(server.url('ok', 'warm'));
    assert.equal(summary(await failureOf(send(server.url('ok', 'over'), { startWithinMs: -1 }))), 'not-sent prazo-de-envio');
    assert.ok(!server.seen.includes('over'));
    const began = await failureOf(send(server.url('hang', 'began'), { startWithinMs: 2_000, timeoutMs: 2_500 }));
    assert.equal(summary(began), 'unknown sem-resposta');
  });

  test('a server that speaks no TLS', async () => {
    const plain = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n').on('error', () => {}));
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const { port } = plain.address() as AddressInfo;
    assert.equal(summary(await failureOf(send(`https://localhost:${port}/ok`))), 'not-sent tls-recusado');
    plain.close();
  });

  test('cancelled before the connection stands; cancelled later it is unknown', async (t) => {
    const proxy = await startChaosProxy({ targetPort: server.port, mode: 'hold' });
    t.after(() => proxy.close());
    const early = new AbortController();
    const held = failureOf(send(server.url('ok', 'z', proxy.port), { signal: early.signal }));
    await eventually(() => proxy.connections().accepted > 0, { everyMs: 2 });
    early.abort();
    assert.equal(summary(await held), 'not-sent cancelada');

    const late = new AbortController();
    const hanging = failureOf(send(server.url('hang', 'late'), { signal: late.signal }));
    await eventually(() => server.seen.includes('late'), { everyMs: 2 });
    late.abort();
    assert.equal(summary(await hanging), 'unknown cancelada');
    assert.equal(summary(await failureOf(send(server.url('ok'), { signal: AbortSignal.abort() }))), 'not-sent cancelada');
  });
});

describe('certificates', () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`${version}: the alert for a missing client certificate means not sent, and does not blame the host`, async (t) => {
      const strict = await startTrickyServer({ version, ca: server.ca });
      t.after(() => strict.close());
      const none = { thumbprint: `none-${version}`, keyPem: credential.keyPem, certPem: '', chainPem: [] };
      const failure = await failureOf(send(strict.url('ok', 'none'), { credential: none }));
      assert.equal(summary(failure), 'not-sent certificado-recusado');
      assert.equal(failure.blamesHost, false);
      assert.ok(!strict.seen.includes('none'));
    });

    test(`${version}: a client certificate of another authority never reaches the application`, async (t) => {
      const strict = await startTrickyServer({ version, ca: server.ca });
      t.after(() => strict.close());
      const failure = await failureOf(send(strict.url('ok', 'alien'), { credential: credentialOf(createCa()) }));
      // Node's server drops such a connection without an alert, so in TLS 1.3 it cannot be told from a lost answer.
      assert.equal(summary(failure), version === 'TLSv1.2' ? 'not-sent conexao-interrompida' : 'unknown conexao-interrompida');
      assert.ok(!strict.seen.includes('alien'));
    });
  }

  test('no common TLS version', async (t) => {
    const modern = await startTrickyServer({ version: 'TLSv1.3', ca: server.ca });
    const old = createTransport({
      ca: [server.ca.certPem],
      connectTimeoutMs: 5_000,
      profileOf: () => ({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }),
    });
    t.after(() => Promise.all([modern.close(), old.close()]));
    assert.equal(summary(await failureOf(send(modern.url('ok'), { by: old }))), 'not-sent tls-recusado');
    assert.equal((await send(modern.url('ok'))).httpStatus, 200);
  });

  test('a server whose authority is not trusted, or whose name is another, gets nothing', async (t) => {
    const alien = await startTrickyServer({ ca: server.ca, serverCa: createCa() });
    const misnamed = await startTrickyServer({ ca: server.ca, hosts: ['sefaz.example.org'] });
    t.after(() => Promise.all([alien.close(), misnamed.close()]));
    for (const bad of [alien, misnamed]) {
      const failure = await failureOf(send(bad.url('ok', 'bad')));
      assert.equal(summary(failure), 'not-sent certificado-do-servidor');
      assert.deepEqual(bad.seen, []);
    }
  });

  test('a certificate of an intermediate authority is sent with its chain, so that knowing the root is enough', async () => {
    const intermediate = createCa({ name: 'AC Intermediária', issuer: server.ca });
    const company = credentialOf(intermediate);
    const chainPem = company.chainPem.slice(0, 1);
    assert.equal((await send(server.url('ok'), { credential: { ...company, chainPem } })).httpStatus, 200);
    const failure = await failureOf(send(server.url('ok'), { credential: { ...company, thumbprint: 'no-chain', chainPem: [] } }));
    assert.equal(failure.reason, 'conexao-interrompida');
  });

  test('a key that does not belong to the certificate is said at once', async () => {
    const other = credentialOf(server.ca);
    const mixed = { ...credential, thumbprint: 'mixed', keyPem: other.keyPem };
    assert.equal(summary(await failureOf(send(server.url('ok'), { credential: mixed }))), 'not-sent certificado-invalido');
  });
});

test('the authorities given are trusted besides the own ones, by these connections alone', async (t) => {
  const connections = createConnections({ ca: [createCa().certPem, server.ca.certPem], connectTimeoutMs: 5_000 });
  t.after(() => connections.close());
  const origin = `https://localhost:${server.port}`;
  const answer = await connections.pool(origin, credential).request({ method: 'POST', path: '/ok', body: 'x' });
  assert.equal(answer.statusCode, 200);
  await answer.body.dump();
  // Another client of this process, with the certificate but without the authority.
  const { keyPem: key, certPem: cert } = credential;
  const other = connect({ host: 'localhost', port: server.port, key, cert });
  const [error] = await once(other, 'error');
  assert.match(String((error as NodeJS.ErrnoException).code), /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/);
});

test('the least recently used pools are closed, and one certificate never uses the connection of another', async (t) => {
  const connections = createConnections({ ca: [server.ca.certPem], connectTimeoutMs: 5_000, maxPools: 2 });
  t.after(() => connections.close());
  const [a, b, c] = [credentialOf(server.ca), credentialOf(server.ca), credentialOf(server.ca)];
  const origin = `https://localhost:${server.port}`;
  const first = connections.pool(origin, a);
  const second = connections.pool(origin, b);
  assert.notEqual(first, second);
  assert.equal(connections.pool(origin, a), first);
  connections.pool(origin, c);
  assert.equal(connections.size, 2);
  assert.equal(second.closed, true);
  assert.equal(first.closed, false);
});
