import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { claimRunDirectory } from './run-directory.ts';

const state = mkdtempSync(join(tmpdir(), 'malote-run-'));
after(() => rmSync(state, { recursive: true, force: true }));

test('a second run gets a directory of its own, and the first one is free again when it ends', () => {
  const first = claimRunDirectory(state);
  const second = claimRunDirectory(state);
  assert.deepEqual([first.path, second.path], [join(state, 'dev'), join(state, 'dev-2')]);
  assert.deepEqual([first.number, second.number], [1, 2]);
  first.release();
  const third = claimRunDirectory(state);
  assert.equal(third.path, first.path);
  third.release();
  second.release();
  assert.equal(existsSync(join(state, 'dev', 'owner.pid')), false);
});

test('a directory whose owner died without giving it back is taken over', () => {
  // No process can have this number: the kernel's limit is lower.
  writeFileSync(join(state, 'dev', 'owner.pid'), String(2 ** 30));
  const run = claimRunDirectory(state);
  assert.equal(run.number, 1);
  run.release();
});
