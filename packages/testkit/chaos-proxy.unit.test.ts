import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { startChaosProxy } from './chaos-proxy.ts';
import { eventually } from './eventually.ts';

const seen: string[] = [];
const sockets = new Set<Socket>();
const echo = createServer((socket) => {
  sockets.add(socket);
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    seen.push(chunk.toString());
    socket.write(chunk);
  });
});
let targetPort: number;

before(async () => {
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  targetPort = (echo.address() as AddressInfo).port;
});
after(() => {
  echo.close();
  for (const socket of sockets) socket.destroy();
});

async function open(port: number): Promise<{ socket: Socket; received: () => string; error: () => string | undefined }> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let code: string | undefined;
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    code = error.code;
  });
  await Promise.race([once(socket, 'connect').catch(() => {}), once(socket, 'close').catch(() => {})]);
  return { socket, received: () => text, error: () => code };
}

test('passes bytes both ways, then cuts with a reset', async (t) => {
  const proxy = await startChaosProxy({ targetPort });
  t.after(() => proxy.close());
  const client = await open(proxy.port);
  client.socket.write('ping');
  await eventually(() => client.received() === 'ping', { everyMs: 2 });
  proxy.cut();
  await eventually(() => client.error() === 'ECONNRESET', { everyMs: 2 });
  assert.deepEqual(proxy.connections(), { open: 0, accepted: 1 });
});

test('end() closes in good order', async (t) => {
  const proxy = await startChaosProxy({ targetPort });
  t.after(() => proxy.close());
  const client = await open(proxy.port);
  await eventually(() => proxy.connections().open === 1, { everyMs: 2 });
  proxy.end();
  await once(client.socket, 'close');
  assert.equal(client.error(), undefined);
});

test('a blackhole swallows what is sent on old and new connections', async (t) => {
  const proxy = await startChaosProxy({ targetPort });
  t.after(() => proxy.close());
  const old = await open(proxy.port);
  await proxy.setMode('blackhole');
  const fresh = await open(proxy.port);
  old.socket.write('lost-1');
  fresh.socket.write('lost-2');
  await proxy.setMode('pass');
  const control = await open(proxy.port);
  control.socket.write('control');
  await eventually(() => control.received() === 'control', { everyMs: 2 });
  assert.equal(old.error() ?? fresh.error(), undefined);
  for (const { socket } of [old, fresh, control]) socket.destroy();
});

test('refuses connections, then takes them again on the same port', async (t) => {
  const proxy = await startChaosProxy({ targetPort });
  t.after(() => proxy.close());
  await proxy.setMode('refuse');
  assert.equal((await open(proxy.port)).error(), 'ECONNREFUSED');
  await proxy.setMode('pass');
  const client = await open(proxy.port);
  client.socket.write('again');
  await eventually(() => client.received() === 'again', { everyMs: 2 });
});

test('a held connection goes through when the mode changes, a reset one never', async (t) => {
  const proxy = await startChaosProxy({ targetPort, mode: 'hold' });
  t.after(() => proxy.close());
  const held = await open(proxy.port);
  held.socket.write('waiting');
  await eventually(() => proxy.connections().open === 1, { everyMs: 2 });
  await proxy.setMode('pass');
  await eventually(() => held.received() === 'waiting', { everyMs: 2 });
  await proxy.setMode('reset');
  const reset = await open(proxy.port);
  await eventually(() => reset.error() === 'ECONNRESET', { everyMs: 2 });
});
