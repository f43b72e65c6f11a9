import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { filterFiles, findTestFiles, longestFirst, mostlyWaits, partition, runsAlone } from './test-files.ts';

const root = mkdtempSync(join(tmpdir(), 'malote-tests-'));
after(() => rmSync(root, { recursive: true, force: true }));

function touch(path: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), '');
}

test('test files are told apart by their names, and dependencies are not searched', () => {
  touch('packages/a/x.unit.test.ts');
  touch('packages/a/x.ts');
  touch('packages/a/test/y.int.test.ts');
  touch('packages/a/node_modules/b/z.unit.test.ts');
  touch('e2e/emit.test.ts');
  touch('tools/start/start.e2e.test.ts');
  assert.deepEqual(findTestFiles(root), {
    unit: ['packages/a/x.unit.test.ts'],
    int: ['packages/a/test/y.int.test.ts'],
    e2e: ['e2e/emit.test.ts', 'tools/start/start.e2e.test.ts'],
  });
});

test('a test file that belongs to no suite is refused, since nobody would run it', () => {
  touch('services/edge/lost.test.ts');
  assert.throws(() => findTestFiles(root), /services\/edge\/lost\.test\.ts/);
});

test('words choose files by any part of their path', () => {
  const files = ['packages/a/x.unit.test.ts', 'packages/b/y.unit.test.ts'];
  assert.deepEqual(filterFiles(files, ['./packages/b']), ['packages/b/y.unit.test.ts']);
  assert.deepEqual(filterFiles(files, []), files);
});

test('files that no other may run beside are told apart by their names', () => {
  const files = ['e2e/a.e2e.test.ts', 'e2e/rates.alone.e2e.test.ts', 'e2e/standalone.e2e.test.ts'];
  assert.deepEqual(partition(files, runsAlone), [['e2e/rates.alone.e2e.test.ts'], ['e2e/a.e2e.test.ts', 'e2e/standalone.e2e.test.ts']]);
});

test('files that mostly wait are told apart by their names, and the longest ones come first', () => {
  assert.deepEqual(['e2e/clock.waits.e2e.test.ts', 'e2e/waits.e2e.test.ts'].filter(mostlyWaits), ['e2e/clock.waits.e2e.test.ts']);
  const files = ['e2e/a.e2e.test.ts', 'e2e/faults/b.e2e.test.ts', 'e2e/schemathesis.e2e.test.ts', 'e2e/z.e2e.test.ts'];
  assert.deepEqual(longestFirst(files), [
    'e2e/schemathesis.e2e.test.ts',
    'e2e/faults/b.e2e.test.ts',
    'e2e/a.e2e.test.ts',
    'e2e/z.e2e.test.ts',
  ]);
});
