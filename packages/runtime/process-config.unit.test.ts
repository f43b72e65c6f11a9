import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const run = (env: Record<string, string>, ...args: string[]) => {
  const script = `import { processConfig } from '${import.meta.dirname}/process-config.ts'; console.log(JSON.stringify(processConfig(['mongoUrl', 'prefetch'])));`;
  return spawnSync(process.execPath, ['--input-type=module-typescript', '-e', script, '--', 'main.ts', ...args], { encoding: 'utf8', env });
};
const GOOD = { MALOTE_MONGO_URL: 'mongodb://u:segredo@h/?replicaSet=r' };

test('a process whose configuration is wrong says all of it and ends with code 2', () => {
  const { status, stderr, stdout } = run({ MALOTE_PREFETCH: 'muitos', MALOTE_MONGO_ULR: 'x' });
  assert.equal(status, 2);
  for (const name of ['MALOTE_PREFETCH', 'MALOTE_MONGO_ULR', 'MALOTE_MONGO_URL']) assert.match(stderr, new RegExp(name));
  assert.equal(stdout, '');
});

test('--print-config prints what would be used, secrets masked, and ends the process', () => {
  const { status, stdout } = run(GOOD, '--print-config');
  assert.equal(status, 0);
  assert.equal(JSON.parse(stdout).prefetch, 16);
  assert.equal(stdout.includes('segredo'), false);
  assert.match(run(GOOD).stdout, /segredo/);
});
