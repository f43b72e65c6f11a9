import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { generate, parseTsv, staleModules, TARGETS } from './generate.ts';

describe('generated data modules', () => {
  it('are what their tables make (run node tools/data/generate.ts after changing a table)', () => {
    assert.deepEqual(staleModules(), []);
  });

  it('are reported when they differ from their table by one character', () => {
    const dir = mkdtempSync(join(tmpdir(), 'malote-data-'));
    try {
      const [target] = TARGETS;
      assert.ok(target);
      const module = pathToFileURL(join(dir, 'uf.data.ts'));
      writeFileSync(module, readFileSync(target.module, 'utf8').replace('Acre', 'Acré'));
      assert.deepEqual(staleModules([{ ...target, module }]), [module.pathname]);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('hold every row of their table', () => {
    for (const target of TARGETS) {
      const rows = parseTsv(readFileSync(target.table, 'utf8')).length;
      assert.ok(generate(target).split('\n').length > rows, target.module.pathname);
    }
  });

  it('refuse a table with a row that lacks a cell', () => {
    assert.throws(() => parseTsv('a\tb\n1\t2\n3\n'), /line 3: 1 cells, expected 2/);
  });
});
