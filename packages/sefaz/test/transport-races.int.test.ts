import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { after, before, test } from 'node:test';
import { startChaosProxy } from '@malote/testkit/chaos-proxy';
import { eventually } from '@malote/testkit/eventually';
import { isFailure } from '../failure.ts';
import { createTransport, type TlsCredential, type Transport } from '../transport.ts';
import { credentialOf, startTrickyServer, type TrickyServer } from './tricky-server.ts';

let server: TrickyServer;
let credential: TlsCredential;

/** Paths whose head undici says it wrote: a witness that the transport itself does not use. */
const written: string[] = [];
const note = (message: unknown) => {
  written.push((message as { request: { path: string } }).request.path);
};

before(async () => {
  server = await startTrickyServer();
  credential = credentialOf(server.ca);
  subscribe('undici:client:sendHeaders', note);
});
after(async () => {
  unsubscribe('undici:client:sendHeaders', note);
  await server.close();
});

function open(): Transport {
  return createTransport({ ca: [server.ca.certPem], connectTimeoutMs: 5_000 });
}

/** `answered`, or kind and reason of the failure. */
async function outcome(transport: Transport, url: string, timeoutMs = 10_000): Promise<string> {
  const request = { contentType: 'application/soap+xml', body: Buffer.alloc(3_000, '<a/>'), credential, timeoutMs };
  return transport.send({ ...request, url }).then(
    () => 'answered',
    (error: unknown) => {
      if (!isFailure(error)) throw error;
      return `${error.kind} ${error.reason}`;
    },
  );
}

/** undici gives a connection back for use only some turns of the event loop after an answer. */
async function turns(n: number): Promise<void> {
  for (let turn = 0; turn < n; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Never "not sent" what the server saw or undici wrote, never "answered" without it, and nothing twice. */
function checkAgainstServer(results: Map<string, string>): void {
  for (const [path, result] of results) {
    const id = path.split('/').at(-1) as string;
    const seen = server.seen.filter((other) => other === id).length;
    const heads = written.filter((other) => other === path).length;
    assert.ok(seen <= 1 && heads <= 1, `${path}: seen ${seen} times, written ${heads} times`);
    if (result.startsWith('not-sent')) assert.deepEqual({ seen, heads }, { seen: 0, heads: 0 }, `${path}: ${result}`);
    else assert.equal(heads, 1, `${path}: ${result}`);
    if (result === 'answered' || result.startsWith('permanent')) assert.equal(seen, 1, `${path}: ${result}`);
  }
}

test('a connection that the server closed while idle is not used again', async (t) => {
  const proxy = await startChaosProxy({ targetPort: server.port });
  const transport = open();
  t.after(() => Promise.all([transport.close(), proxy.close()]));
  assert.equal(await outcome(transport, server.url('ok', 'idle-1', proxy.port)), 'answered');
  proxy.end();
  await eventually(() => proxy.connections().open === 0, { everyMs: 2 });
  assert.equal(await outcome(transport, server.url('ok', 'idle-2', proxy.port)), 'answered');
  proxy.cut();
  // A reset that is noticed while a request waits for its turn on the connection fails that request, unsent.
  const afterReset = await outcome(transport, server.url('ok', 'idle-3', proxy.port));
  assert.ok(['answered', 'not-sent conexao-interrompida'].includes(afterReset), afterReset);
  assert.equal(server.seen.includes('idle-3'), afterReset === 'answered');
  assert.equal(await outcome(transport, server.url('ok', 'idle-4', proxy.port)), 'answered');
  assert.ok(proxy.connections().accepted >= 3);
});

test('a kept connection that dies under the request: written, so unknown, though the server never saw it', async (t) => {
  const proxy = await startChaosProxy({ targetPort: server.port });
  const transport = open();
  t.after(() => Promise.all([transport.close(), proxy.close()]));
  assert.equal(await outcome(transport, server.url('ok', 'kept-1', proxy.port)), 'answered');
  await turns(5);
  await proxy.setMode('blackhole');
  const url = server.url('ok', 'kept-2', proxy.port);
  const result = outcome(transport, url);
  await eventually(() => written.includes('/ok/kept-2'), { everyMs: 2 });
  proxy.cut();
  assert.equal(await result, 'unknown conexao-interrompida');
  assert.ok(!server.seen.includes('kept-2'));
});

test('resets that race with requests on kept connections are classified by what was written', async (t) => {
  const proxy = await startChaosProxy({ targetPort: server.port });
  const transport = open();
  t.after(() => Promise.all([transport.close(), proxy.close()]));
  const results = new Map<string, string>();
  for (let round = 0; round < 84; round++) {
    const id = `race-${round}`;
    if (round % 3 === 0) proxy.cut();
    if (round % 3 === 1) proxy.end();
    // Shifts the request against the reset by a few turns of the event loop.
    await turns(round % 7);
    results.set(`/ok/${id}`, await outcome(transport, server.url('ok', id, proxy.port)));
  }
  checkAgainstServer(results);
  const answered = [...results.values()].filter((result) => result === 'answered').length;
  assert.ok(answered >= 28, `${answered} answered`);
  assert.ok(proxy.connections().accepted < results.size, 'no connection was used twice');
});

test('many calls at once, each failing in its own way, are each classified for themselves', async (t) => {
  const proxy = await startChaosProxy({ targetPort: server.port });
  const refused = await startChaosProxy({ targetPort: server.port, mode: 'refuse' });
  const reset = await startChaosProxy({ targetPort: server.port, mode: 'reset' });
  const held = await startChaosProxy({ targetPort: server.port, mode: 'hold' });
  const transport = open();
  t.after(() => Promise.all([transport.close(), proxy.close(), refused.close(), reset.close(), held.close()]));
  const expected: [trick: string, port: number, result: string][] = [
    ['ok', proxy.port, 'answered'],
    ['ok', refused.port, 'not-sent conexao-recusada'],
    ['reset-after-read', proxy.port, 'unknown conexao-interrompida'],
    ['403', server.port, 'permanent http-403'],
    ['ok', reset.port, 'not-sent conexao-interrompida'],
    ['hang', server.port, 'unknown sem-resposta'],
    ['500', proxy.port, 'unknown http-inesperado'],
    ['ok', held.port, 'not-sent conexao-sem-resposta'],
    ['html', server.port, 'unknown resposta-ilegivel'],
  ];
  const results = new Map<string, string>();
  const calls = Array.from({ length: 180 }, async (_, n) => {
    const [trick, port, result] = expected[n % expected.length] as (typeof expected)[number];
    const timeoutMs = result.endsWith('sem-resposta') ? 1_500 : 20_000;
    const got = await outcome(transport, server.url(trick, `many-${n}`, port), timeoutMs);
    results.set(`/${trick}/many-${n}`, got);
    assert.equal(got, result, `call ${n}: ${trick}`);
  });
  await Promise.all(calls);
  checkAgainstServer(results);
});
