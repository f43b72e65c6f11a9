import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { newCustomer } from './customer.ts';
import { ROOT, startHub } from './hub.ts';

/** The files git knows of, as an image or an operator gets them. */
function copyTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'malote-copy-'));
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' });
  for (const file of files.split('\0').filter((name) => name !== '' && existsSync(join(ROOT, name))))
    cpSync(join(ROOT, file), join(copy, file));
  return copy;
}

test('every service runs from a production-only install in a copy of the tree', async () => {
  const copy = copyTree();
  after(() => rmSync(copy, { recursive: true, force: true }));
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
  execFileSync('npx', ['--yes', 'pnpm@12', 'install', '--prod', '--frozen-lockfile', '--prefer-offline'], {
    cwd: copy,
    env,
    stdio: 'pipe',
  });
  assert.equal(existsSync(join(copy, 'node_modules', 'typescript')), false, 'the install left out what only development needs');

  const hub = await startHub({ root: copy });
  after(() => hub.close());
  const customer = await newCustomer(hub, { cnpj: '11222333000181' });
  await customer.emit({ numero: 1 });
  await customer.untilStatus(1, 'Autorizada');
  await Promise.all([hub.start('entity-block'), hub.start('contingency')]);
  const help = execFileSync(process.execPath, ['services/cli/main.ts', 'migrate'], { cwd: copy, env: hub.env, encoding: 'utf8' });
  assert.match(help, /to: \d+/);
});
