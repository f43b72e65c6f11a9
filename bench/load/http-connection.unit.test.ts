import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { openConnection, readAnswer } from './http-connection.ts';

const request = (path: string, body = '') =>
  Buffer.from(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);

test('one connection carries one request after the other', async () => {
  const server = createServer(async (req, res) => {
    const text = (await req.toArray()).join('');
    const answer = `${req.url} ${text}`;
    res.writeHead(202, { 'content-length': Buffer.byteLength(answer) });
    res.write(answer.slice(0, 2));
    setImmediate(() => res.end(answer.slice(2)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = await openConnection(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    for (const n of [1, 2, 3]) {
      const { status, body } = await connection.send(request(`/${n}`, 'x'.repeat(n)));
      assert.deepEqual([status, body.toString()], [202, `/${n} ${'x'.repeat(n)}`]);
    }
  } finally {
    connection.close();
    server.close();
  }
});

test('a server that hangs up fails the request instead of leaving it open', async () => {
  const server = createServer((req) => req.socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = await openConnection(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await assert.rejects(connection.send(request('/')), /closed|ECONNRESET/);
  server.close();
});

test('an answer is whole only with all of its body', () => {
  const whole = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1');
  assert.equal(readAnswer(whole.subarray(0, 20)), undefined);
  assert.equal(readAnswer(whole.subarray(0, 40)), undefined);
  const answer = readAnswer(whole);
  assert.deepEqual([answer?.status, answer?.body.toString(), answer?.length], [200, 'abc', 41]);
  assert.throws(() => readAnswer(Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')), /Content-Length/);
  assert.equal(readAnswer(Buffer.from('HTTP/1.1 304 Not Modified\r\n\r\n'))?.status, 304);
});
