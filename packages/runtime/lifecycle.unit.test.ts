import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { createLifecycle } from './lifecycle.ts';
import { createLogger } from './logger.ts';

const log = createLogger({ service: 'test', level: 'silent' });

test('releasers run last first, one after the other, once, with the signal already aborted', async () => {
  const lifecycle = createLifecycle({ log, timeoutMs: 1000 });
  const order: string[] = [];
  lifecycle.defer('store', () => void order.push('store'));
  lifecycle.defer('broker', async () => {
    await new Promise((resolve) => setImmediate(resolve));
    order.push(`broker ${lifecycle.signal.aborted}`);
  });
  const [first, second] = await Promise.all([lifecycle.shutdown('test'), lifecycle.shutdown('again')]);
  assert.deepEqual(order, ['broker true', 'store']);
  assert.deepEqual([first, second], [true, true]);
  assert.throws(() => lifecycle.defer('late', () => {}), /late/);
});

test('a releaser that fails or hangs does not keep the next ones from running, and the shutdown is bounded', async () => {
  const lifecycle = createLifecycle({ log, timeoutMs: 100 });
  const order: string[] = [];
  lifecycle.defer('last', () => void order.push('last'));
  lifecycle.defer('hangs', () => new Promise(() => {}));
  lifecycle.defer('fails', () => {
    throw new Error('x');
  });
  const begun = performance.now();
  assert.equal(await lifecycle.shutdown('test'), false);
  assert.ok(performance.now() - begun < 10_000);
  assert.deepEqual(order, ['last']);
});

const SCRIPT = `
import { createLifecycle } from ${JSON.stringify(import.meta.resolve('./lifecycle.ts'))};
import { createLogger } from ${JSON.stringify(import.meta.resolve('./logger.ts'))};
const lifecycle = createLifecycle({ log: createLogger({ service: 'child', level: 'info' }), timeoutMs: 30_000 });
lifecycle.installSignals();
lifecycle.defer('step', () => process.argv[1] === 'hang' ? new Promise(() => {}) : console.log('released'));
setInterval(() => {}, 1000);
if (process.argv[1] === 'throw') setImmediate(() => { throw new Error('boom'); });
if (process.argv[1] === 'reject') void Promise.reject(new Error('boom'));
console.log('up');
`;

async function child(
  mode: string,
  act: (process: ReturnType<typeof spawn>, seen: () => string) => void,
): Promise<{ code: unknown; output: string }> {
  const process_ = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  process_.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    act(process_, () => output);
  });
  const [code] = await once(process_, 'close');
  return { code, output };
}

test('SIGTERM shuts down in order and exits 0', async () => {
  const { code, output } = await child('plain', (process, seen) => seen().endsWith('up\n') && process.kill('SIGTERM'));
  assert.equal(code, 0);
  assert.match(output, /released/);
});

test('a second signal exits 1 without waiting', async () => {
  let signals = 0;
  const begun = performance.now();
  const { code } = await child('hang', (process, seen) => {
    const due = seen().includes('shutting down') ? 2 : seen().includes('up\n') ? 1 : 0;
    for (; signals < due; signals += 1) process.kill('SIGINT');
  });
  assert.equal(code, 1);
  assert.ok(performance.now() - begun < 20_000);
});

test('an uncaught exception and an unhandled rejection are logged, shut down and exit 1', async () => {
  for (const mode of ['throw', 'reject']) {
    const { code, output } = await child(mode, () => {});
    assert.equal(code, 1, mode);
    assert.match(output, /"level":"fatal".*boom/, mode);
    assert.match(output, /released/, mode);
  }
});
