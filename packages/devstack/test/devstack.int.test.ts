import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Devstack, startDevstack } from '../devstack.ts';
import { callManagement, createVhost } from '../management-api.ts';

const dir = mkdtempSync(join(tmpdir(), 'malote-devstack-'));
const stacks: Devstack[] = [];

after(async () => {
  await Promise.all(stacks.map((stack) => stack.stop()));
  rmSync(dir, { recursive: true, force: true });
});

async function stackIn(name: string, options: Partial<Parameters<typeof startDevstack>[0]> = {}): Promise<Devstack> {
  const stack = await startDevstack({ dir: join(dir, name), log: () => {}, env: { PATH: process.env.PATH }, ...options });
  stacks.push(stack);
  return stack;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a broker that is killed comes back on the same port with the same vhosts and user, and stop() leaves no process', async () => {
  const stack = await stackIn('restart', { servers: ['rabbitmq'] });
  await createVhost(stack, 'a/b');
  const { port, pid } = stack.rabbitmq;
  assert.ok(pid !== undefined);

  stack.rabbitmq.kill('SIGKILL');
  for (let tries = 0; tries < 100 && stack.rabbitmq.pid !== undefined; tries++) await delay(20);
  assert.equal(stack.rabbitmq.pid, undefined);
  await stack.rabbitmq.start();

  assert.equal(stack.rabbitmq.port, port);
  const { status, text } = await callManagement(stack, 'GET', 'vhosts');
  assert.equal(status, 200);
  assert.deepEqual((JSON.parse(text) as { name: string }[]).map((vhost) => vhost.name).sort(), ['/', 'a/b']);

  const secondPid = Number(stack.rabbitmq.pid);
  const startedAt = performance.now();
  await stack.stop();
  assert.ok(performance.now() - startedAt < 10_000);
  assert.equal(alive(secondPid), false);
});

test('two stacks that want the same ports run side by side', async () => {
  const [one, two] = await Promise.all([
    stackIn('one', { servers: ['redis', 'mongo'], ports: 'usual' }),
    stackIn('two', { servers: ['redis', 'mongo'], ports: 'usual' }),
  ]);
  assert.notEqual(one.redis.port, two.redis.port);
  assert.notEqual(one.mongo.port, two.mongo.port);
});

test('a MongoDB whose earlier port is taken starts as primary on another one with its data', async () => {
  const { MongoClient } = await import('mongodb');
  const first = await stackIn('moved', { servers: ['mongo'] });
  const client = await new MongoClient(first.mongoUrl).connect();
  await client
    .db('prova')
    .collection('notas')
    .insertOne({ numero: 1 }, { writeConcern: { w: 'majority', j: true } });
  await client.close();
  await first.stop();

  const second = await stackIn('moved', { servers: ['mongo'] });
  assert.notEqual(second.mongo.port, first.mongo.port);
  const again = await new MongoClient(second.mongoUrl).connect();
  assert.equal(await again.db('prova').collection('notas').countDocuments(), 1);
  await again.close();
});

test('every server ends when the process that started it is killed with SIGKILL', async () => {
  const script = `
    import { startDevstack } from ${JSON.stringify(new URL('../devstack.ts', import.meta.url).href)};
    const stack = await startDevstack({ dir: ${JSON.stringify(join(dir, 'orphans'))}, log: () => {}, env: { PATH: process.env.PATH } });
    console.log(JSON.stringify([stack.mongo.pid, stack.rabbitmq.pid, stack.redis.pid]));`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve) => parent.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())));
  const pids = JSON.parse(line) as number[];
  assert.equal(pids.length, 3);
  assert.ok(pids.every(alive));
  parent.kill('SIGKILL');
  for (let tries = 0; tries < 250 && pids.some(running); tries++) await delay(20);
  assert.deepEqual(pids.filter(running), []);
});

/** A zombie that init has not collected yet counts as ended. */
function running(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test('a server whose URL is in the environment is used as it is and never started', async () => {
  const own = await stackIn('given', { servers: ['redis'] });
  const stack = await stackIn('user', { servers: ['redis'], env: { PATH: process.env.PATH, MALOTE_REDIS_URL: own.redisUrl } });
  assert.equal(stack.redisUrl, own.redisUrl);
  assert.equal(stack.redis.pid, undefined);
  assert.throws(() => stack.redis.kill('SIGKILL'), /not ours/);
});
