import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { cpuBetween, readUsage } from './usage.ts';

const linux = { skip: process.platform === 'linux' ? false : 'reads /proc' };

test('CPU time of this process is what it used, and its memory what it holds', linux, () => {
  const named = new Map([[process.pid, 'bench']]);
  const before = readUsage(named);
  const until = performance.now() + 300;
  while (performance.now() < until) Math.sqrt(2);
  const spent = cpuBetween(before, readUsage(named)).get('bench') ?? 0;
  assert.ok(spent > 0.02 && spent < 3, `${spent} s`);
  const rss = readUsage(named).get('bench')?.rssMb ?? 0;
  assert.ok(Math.abs(rss - process.memoryUsage.rss() / 2 ** 20) < 30, `${rss} MB`);
});

test('a child counts for the nearest process above it that has a name', linux, async () => {
  const child = spawn(process.execPath, ['-e', `process.stdin.on('end', () => {}).resume(); process.stdout.write('up')`], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const alone = readUsage(new Map([[child.pid as number, 'child']]));
  assert.ok((alone.get('child')?.rssMb ?? 0) > 10);
  const both = readUsage(new Map([[process.pid, 'bench']]));
  assert.ok((both.get('bench')?.rssMb ?? 0) > (alone.get('child')?.rssMb ?? 0) + 10);
  child.stdin.end();
});
