import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';

const root = join(import.meta.dirname, '..');
const dir = mkdtempSync(join(tmpdir(), 'malote-bootstrap-'));
const copy = join(dir, 'copy');
/** A command that needs the dependencies and nothing else. */
const COMMAND = ['tools/bootstrap.mjs', 'test:unit', 'tools/test/'];

before(() => {
  const skipped = new Set(['node_modules', '.malote', '.git']);
  cpSync(root, copy, { recursive: true, filter: (path) => !skipped.has(basename(path)) });
});
after(() => rmSync(dir, { recursive: true, force: true }));

function bootstrap(env: NodeJS.ProcessEnv = {}, args = COMMAND): Promise<{ code: number | null; output: string }> {
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  const child = spawn(process.execPath, args, { cwd: copy, env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

test('without npx the message says where it comes from', async () => {
  const path = join(dir, 'empty-path');
  mkdirSync(path);
  const { code, output } = await bootstrap({ PATH: path });
  assert.equal(code, 1);
  assert.match(output, /npx was not found.*apt-get install npm/);
});

test('a registry that cannot be reached is named as the reason', async () => {
  const { code, output } = await bootstrap({
    npm_config_registry: 'http://127.0.0.1:9/',
    npm_config_cache: join(dir, 'empty-cache'),
    npm_config_fetch_retries: '0',
  });
  assert.equal(code, 1);
  assert.match(output, /The npm registry could not be reached/);
});

test('two commands at once in a fresh clone install once, and both do their work', async () => {
  const runs = await Promise.all([bootstrap(), bootstrap()]);
  assert.deepEqual(
    runs.map(({ code }) => code),
    [0, 0],
    runs.map(({ output }) => output).join('\n'),
  );
  const outputs = runs.map(({ output }) => output);
  assert.equal(outputs.filter((output) => output.includes('[setup] dependencies installed')).length, 1);
  assert.equal(outputs.filter((output) => output.includes('waiting for it')).length, 1);
  for (const output of outputs) assert.match(output, /^\d+ passed, 0 failed, 0 skipped$/m);
});

test('a later command installs nothing, and the lock of a process that died is taken over', async () => {
  const again = await bootstrap();
  assert.equal(again.code, 0);
  assert.doesNotMatch(again.output, /installing/);

  rmSync(join(copy, 'node_modules', '.malote-installed'));
  writeFileSync(join(copy, '.malote', 'install.lock'), String(2 ** 30));
  const taken = await bootstrap();
  assert.equal(taken.code, 0, taken.output);
  assert.match(taken.output, /dependencies installed/);
});

test('an unknown command is answered with the known ones', async () => {
  const { code, output } = await bootstrap({}, ['tools/bootstrap.mjs', 'fly']);
  assert.equal(code, 1);
  assert.match(output, /usage: .*start\|test/);
});
