import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { freePort } from './free-port.ts';

test('a preferred port that somebody has gives way to the next free one', async () => {
  const preferred = await freePort();
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(preferred, '127.0.0.1', resolve));
  try {
    const port = await freePort(preferred);
    assert.ok(port > preferred && port < preferred + 200, `${port}`);
  } finally {
    await new Promise((resolve) => holder.close(resolve));
  }
  assert.equal(await freePort(preferred), preferred);
});

test('a port bound to all addresses counts as taken, and ports already chosen are passed over', async () => {
  const preferred = await freePort();
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(preferred, '0.0.0.0', resolve));
  try {
    assert.notEqual(await freePort(preferred), preferred);
  } finally {
    await new Promise((resolve) => holder.close(resolve));
  }
  assert.notEqual(await freePort(preferred, new Set([preferred])), preferred);
});

test('random ports lie below the range the kernel gives to outgoing connections', async () => {
  for (let n = 0; n < 20; n++) {
    const port = await freePort();
    assert.ok(port >= 20_000 && port < 32_768, `${port}`);
  }
});
