import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, test } from 'node:test';
import { closedLoop, openLoop } from './generate.ts';

let server: Server | undefined;
afterEach(() => server?.close());

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const ok: RequestListener = (_req, res) => void res.writeHead(200, { 'content-length': 0 }).end();
const request = { bytes: Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n') };
const expected = (status: number) => status === 200;

test('an open loop sends what is due, and a server that stops counts against every request that was due meanwhile', async () => {
  let served = 0;
  const url = await serve((req, res) => {
    served += 1;
    // One stop of 300 ms: the requests due in it wait for it too.
    if (served === 20) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    ok(req, res);
  });
  const { latencies } = await openLoop({ url, connections: 2, seconds: 1, rate: 100, next: () => request, expected });
  assert.equal(latencies.length, 100);
  // By the moment of sending only the two under way would be slow.
  assert.ok(latencies.filter((ms) => ms > 100).length >= 15, `${latencies.filter((ms) => ms > 100).length} were late`);
});

test('a closed loop keeps its connections busy and counts what was not expected apart', async () => {
  let served = 0;
  const url = await serve((req, res) => {
    served += 1;
    if (served % 5 === 0) res.writeHead(503, { 'content-length': 0 }).end();
    else ok(req, res);
  });
  const result = await closedLoop({ url, connections: 3, seconds: 0.3, next: () => request, expected });
  const refused = Object.values(result.unexpected).reduce((sum, n) => sum + n, 0);
  assert.ok(refused > 0);
  assert.match(Object.keys(result.unexpected)[0] ?? '', /^503/);
  assert.equal(result.latencies.length + refused, served);
});
