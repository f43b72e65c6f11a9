import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { problemOf, type RunningEdge, runEdge, servers } from './running-edge.ts';

let edge: RunningEdge;
before(async () => {
  edge = await runEdge('http', { config: { sessionRateLimit: 100, trustProxy: 'loopback' } });
});
after(() => edge.stop());

test('every answer has the security headers, a trace, and no trace of the framework', async () => {
  for (const path of ['/api/me', '/nada', '/session']) {
    const answer = await fetch(`${edge.url}${path}`);
    assert.equal(answer.headers.get('x-powered-by'), null);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.match(answer.headers.get('traceparent') ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    const problem = await problemOf(answer);
    assert.equal(problem.instance, answer.headers.get('traceparent')?.slice(3, 35));
  }
});

test("the trace of the caller is the problem's instance and stands in the log lines of the call", async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const answer = await fetch(`${edge.url}/api/me`, { headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` } });
  assert.equal((await problemOf(answer)).instance, traceId);
  assert.ok(edge.logged.some((line) => JSON.parse(line).trace === traceId && JSON.parse(line).msg === 'http'));
});

test('what Express cannot read is a problem document too, without a stack', async () => {
  const { status, body } = await raw('GET /%E0%A4%A HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.equal(status, 404);
  assert.equal(JSON.parse(body).codigo, 'rota-desconhecida');
  const cut = await raw('GET / HTTP/9\r\n\r\n');
  assert.equal(cut.status, 400);
});

test('the 101st session call of an address within 5 minutes is refused with the published body, other addresses and routes are not', async () => {
  const call = (ip: string, path = '/session') => fetch(`${edge.url}${path}`, { headers: { 'x-forwarded-for': ip } });
  for (let i = 1; i <= 100; i += 1) {
    const answer = await call('203.0.113.7', i % 2 ? '/session' : '/api/me');
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get('ratelimit-remaining'), String(100 - i));
  }
  const refused = await call('203.0.113.7');
  assert.equal(refused.status, 429);
  assert.deepEqual(await refused.json(), { message: 'Too Many Requests', error: { status_code: 429, retry_after: 300 } });
  const retryAfter = Number(refused.headers.get('retry-after'));
  assert.ok(retryAfter > 250 && retryAfter <= 300);
  assert.equal(refused.headers.get('ratelimit-limit'), '100');
  assert.equal((await call('203.0.113.8')).status, 401);
  assert.equal((await call('203.0.113.7', '/api/nada')).status, 404);
});

test('health and metrics answer without a session', async () => {
  assert.deepEqual(await (await fetch(`${edge.url}/health/live`)).json(), { status: 'ok' });
  const ready = await fetch(`${edge.url}/health/ready`);
  assert.equal(ready.status, 200, await ready.text());
  const metrics = await (await fetch(`${edge.url}/metrics`)).text();
  const sample = metrics
    .split('\n')
    .find((line) => line.startsWith('malote_http_request_seconds_count') && line.includes('route="/session"'));
  assert.match(sample ?? '', /method="GET".* \d\d$/);
});

test('the process says where it is ready, serves, and on SIGTERM lets a running call end and exits 0', async () => {
  const stack = await servers();
  const child = spawn(process.execPath, [join(import.meta.dirname, '../main.ts')], {
    env: {
      PATH: process.env.PATH,
      MALOTE_MODE: 'test',
      MALOTE_HTTP_PORT: '0',
      MALOTE_MONGO_URL: stack.mongoUrl,
      MALOTE_MONGO_DATABASE: `edge-main-${process.pid}`,
      MALOTE_RABBITMQ_URL: edge.rabbitmqUrl,
      MALOTE_REDIS_URL: stack.redisUrl,
      MALOTE_REDIS_PREFIX: `edge-main-${process.pid}:`,
      MALOTE_MASTER_KEY: `http:${Buffer.alloc(32, 7).toString('base64')}`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`main.ts ended with ${code}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        const { msg, url: readyUrl } = JSON.parse(line);
        if (msg === 'ready' && readyUrl) resolve(readyUrl);
      });
    });
    assert.equal((await fetch(`${url}/health/live`)).status, 200);
    const unmigrated = await fetch(`${url}/health/ready`);
    assert.equal(unmigrated.status, 503);
    assert.match(await unmigrated.text(), /malote migrate/);

    // A call whose body is still on its way when the signal comes.
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    const body = JSON.stringify({ token: 'a', secret: 'b' });
    socket.write(
      `POST /api/authenticate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
    );
    await once(socket, 'data');
    child.kill('SIGTERM');
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.write(body);
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
    assert.match(received, /^HTTP\/1\.1 401 /);
  } finally {
    child.kill('SIGKILL');
  }
});

test('wrong configuration ends the process with all errors at once', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../main.ts')], {
    env: { PATH: process.env.PATH, MALOTE_HTTP_PORT: 'x', MALOTE_MONGO_URI: 'mongodb://x' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 2);
  for (const name of ['MALOTE_HTTP_PORT', 'MALOTE_MONGO_URI', 'MALOTE_RABBITMQ_URL', 'MALOTE_REDIS_URL'])
    assert.ok(text.includes(name), text);
});

/** One request as written, over a bare socket. */
async function raw(request: string): Promise<{ status: number; body: string }> {
  const socket = connect(Number(new URL(edge.url).port), '127.0.0.1');
  socket.write(request);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  await once(socket, 'close');
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  return { status: Number(head.split(' ')[1]), body };
}

test('two edges share the sessions: one signs in, the other knows it', async () => {
  const account = await edge.account(sampleCnpj(41));
  const session = await edge.signIn(account);
  const second = await runEdge('http', { config: { redisPrefix: edge.redisPrefix } });
  try {
    const me = await fetch(`${second.url}/api/me`, { headers: { 'x-auth-token': session } });
    assert.equal(me.status, 200);
  } finally {
    await second.stop();
  }
});
