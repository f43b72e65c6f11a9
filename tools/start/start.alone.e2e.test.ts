import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { eventually } from '@malote/testkit/eventually';

const root = join(import.meta.dirname, '../..');
const state = mkdtempSync(join(tmpdir(), 'malote-start-'));
const started: ChildProcess[] = [];

interface Run {
  process: ChildProcess;
  pid: number;
  output(): string;
  exited: Promise<number | null>;
}

/** `npm start` without npm and the bootstrap, in a state directory of its own. */
function start(...args: string[]): Run {
  const schemas = process.env.MALOTE_TEST_SCHEMAS;
  const child = spawn(process.execPath, ['tools/start.ts', '--state', state, ...(schemas ? ['--schemas', schemas] : []), ...args], {
    cwd: root,
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MALOTE_') && name !== 'NODE_TEST_CONTEXT')),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return { process: child, pid: child.pid as number, output: () => output, exited };
}

async function up(run: Run): Promise<void> {
  await eventually(() => run.output().includes('Ctrl-C ends everything') || (run.process.exitCode !== null && assert.fail(run.output())), {
    timeoutMs: 120_000,
    message: 'npm start is up',
  });
}

/** Every process below `pid`, itself included, that is not merely waiting to be collected. */
function family(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = living(Number(name));
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const found = new Set([pid]);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const [child, parent] of parents) if (found.has(parent)) found.add(child);
  }
  return [...found];
}

/** The parent of a living process; undefined for one that is gone or a zombie. */
function living(pid: number): number | undefined {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return state === 'Z' || state === 'X' ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}

const facts = (name: string) => JSON.parse(readFileSync(join(state, name), 'utf8')) as Record<string, string> & { chaves: string[] };

before(() => {
  assert.ok(process.platform === 'linux', 'the processes are counted in /proc');
});

after(async () => {
  for (const child of started) child.kill('SIGKILL');
  await eventually(() => started.flatMap(({ pid }) => family(pid as number)).every((pid) => living(pid) === undefined));
  rmSync(state, { recursive: true, force: true });
});

test('--once emits one NF-e and one NFC-e, keeps their XML and facts, and ends with 0', async () => {
  const run = start('--once');
  assert.equal(await run.exited, 0, run.output());
  const { edge, docs, operator, operatorKey, simulator, token, secret, empresa, chaves } = facts('demo.json');
  assert.match(String(edge), /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(docs, `${edge}/docs`);
  assert.equal(operator, `${edge}/`);
  assert.ok(String(operatorKey).length >= 16);
  assert.match(String(simulator), /^https:\/\//);
  assert.ok(token && secret && empresa);
  assert.deepEqual(
    chaves.map((chave) => chave.slice(20, 22)),
    ['55', '65'],
  );
  const [nfe, nfce] = chaves.map((chave) => readFileSync(join(state, 'demo', `${chave}.xml`), 'utf8'));
  for (const xml of [nfe, nfce]) assert.match(String(xml), /<nfeProc[^>]*>.*<cStat>100<\/cStat>/s);
  assert.match(String(nfce), /<infNFeSupl><qrCode><!\[CDATA\[https:\/\/[^|]+\?p=\d{44}\|3\|2\]\]><\/qrCode>/);
});

test('--scale emission=3 starts three workers that share the queues', async () => {
  const run = start('--scale', 'emission=3');
  await up(run);
  const workers = ['emission', 'emission-2', 'emission-3'];
  for (const name of workers) assert.match(readFileSync(join(state, 'dev', 'log', `${name}.log`), 'utf8'), /"msg":"ready"/);
  const { operator, operatorKey } = facts('demo.json');
  const page = await fetch(String(operator), { headers: { 'x-operator-key': String(operatorKey) } });
  assert.deepEqual([page.status, page.headers.get('content-type')], [200, 'text/html; charset=utf-8']);
  const { rabbitmq } = facts('demo.json') as unknown as { rabbitmq: { url: string; user: string; password: string } };
  const authorization = `Basic ${Buffer.from(`${rabbitmq.user}:${rabbitmq.password}`).toString('base64')}`;
  await eventually(async () => {
    const queue = await fetch(`${rabbitmq.url}/api/queues/%2F/emission.nfe.SP.lote`, { headers: { authorization } });
    assert.equal(((await queue.json()) as { consumers: number }).consumers, workers.length);
  });
  run.process.kill('SIGINT');
  assert.equal(await run.exited, 0);
});

test('two run side by side, the printed curl lines work, and Ctrl-C ends all their processes within 10 s', async () => {
  const [one, two] = [start(), start()];
  await Promise.all([up(one), up(two)]);
  const [first, second] = [facts('demo.json'), facts('demo-2.json')];
  assert.notEqual(first.edge, second.edge);

  const lines = `${one.output()}\n${two.output()}`.split('\n').filter((line) => line.startsWith('curl '));
  assert.equal(lines.length, 6);
  const answers = await Promise.all(lines.map(async (line) => (await promisify(execFile)('sh', ['-c', line])).stdout));
  const [sessions, documents, accepted] = [0, 1, 2].map((n) => [answers[n], answers[n + 3]]);
  for (const text of sessions ?? []) assert.match(String(text), /^x-auth-token: [0-9a-f-]{36}$/);
  for (const text of documents ?? []) assert.equal((JSON.parse(String(text)) as { status: string }).status, 'Autorizada');
  for (const text of accepted ?? []) assert.ok((JSON.parse(String(text)) as { numero: number }).numero > 1);

  const processes = [...family(one.pid), ...family(two.pid)];
  assert.ok(processes.length >= 16, `only ${processes.length} processes`);
  const signalledAt = performance.now();
  one.process.kill('SIGINT');
  two.process.kill('SIGINT');
  assert.deepEqual(await Promise.all([one.exited, two.exited]), [0, 0]);
  assert.ok(performance.now() - signalledAt < 10_000, `${Math.round(performance.now() - signalledAt)} ms`);
  assert.deepEqual(
    processes.filter((pid) => living(pid) !== undefined),
    [],
  );
});

test('every process ends when npm start itself is killed with SIGKILL', async () => {
  const run = start();
  await up(run);
  const processes = family(run.pid);
  run.process.kill('SIGKILL');
  await eventually(() => processes.every((pid) => living(pid) === undefined), { timeoutMs: 10_000 });
});
