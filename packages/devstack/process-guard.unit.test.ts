import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createProcessGuard } from './process-guard.ts';

/** False also for a zombie that nobody has collected yet. */
function running(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function gone(pids: number[]): Promise<boolean> {
  for (let tries = 0; tries < 250 && pids.some(running); tries++) await delay(20);
  return !pids.some(running);
}

test('children and their children end when the process that guards them is killed with SIGKILL', async () => {
  const script = `
    import { createProcessGuard } from ${JSON.stringify(new URL('./process-guard.ts', import.meta.url).href)};
    const guard = createProcessGuard();
    const child = guard.spawn({ command: '/bin/sh', args: ['-c', 'sleep 600 & echo $!; wait'], env: { PATH: process.env.PATH } });
    child.process.stdout.once('data', (text) => console.log(JSON.stringify([child.pid, Number(text)])));`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pids = JSON.parse(
    await new Promise<string>((resolve) => parent.stdout.once('data', (text: Buffer) => resolve(text.toString()))),
  ) as number[];
  assert.ok(pids.every(running));
  parent.kill('SIGKILL');
  assert.ok(await gone(pids));
});

test('stop() kills what ignores SIGTERM after the grace time, and what the child left in its group', async () => {
  const guard = createProcessGuard();
  const child = guard.spawn({
    command: '/bin/sh',
    args: ['-c', "trap '' TERM; sleep 600 & echo $!; wait; wait"],
    env: { PATH: process.env.PATH },
  });
  const grandchild = Number(await new Promise<Buffer>((resolve) => child.process.stdout?.once('data', resolve)));
  const startedAt = performance.now();
  await child.stop(200);
  assert.ok(performance.now() - startedAt >= 190);
  assert.deepEqual(await child.exited, { code: null, signal: 'SIGKILL' });
  assert.ok(await gone([child.pid, grandchild]));
  await guard.close();
});

test('close() ends everything that still runs', async () => {
  const guard = createProcessGuard();
  const children = [1, 2].map(() => guard.spawn({ command: 'sleep', args: ['600'], env: { PATH: process.env.PATH } }));
  await guard.close();
  assert.deepEqual(
    children.map((child) => child.running()),
    [false, false],
  );
});

test('a program that does not exist is an error that names it', () => {
  const guard = createProcessGuard();
  assert.throws(() => guard.spawn({ command: '/nowhere/mongod', args: [] }), /\/nowhere\/mongod/);
});
