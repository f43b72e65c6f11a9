import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkLength, checkNames, checkTestNames, MAX_LINES } from './file-rules.ts';
import { plantTree } from './planted-tree.ts';
import { listFiles } from './working-copy.ts';

const root = join(import.meta.dirname, '..', '..');
const lines = (n: number) => 'x;\n'.repeat(n);
const IMPORT_TEST = "import { test } from 'node:test';";

test('no file of the tree is too long, and no name is vague', () => {
  assert.deepEqual([...checkLength(root).violations, ...checkNames(root).violations], []);
});

test('the runner finds every test of the tree', () => {
  assert.deepEqual(checkTestNames(root).violations, []);
});

test('this very file is among the files that the checks look at', () => {
  assert.ok(listFiles(root).includes('tools/checks/file-rules.unit.test.ts'));
});

test('a file of more than 400 lines is found, data is not', () => {
  const tree = plantTree({
    'a.ts': lines(MAX_LINES),
    'b.ts': lines(MAX_LINES + 1),
    'c.unit.test.ts': lines(MAX_LINES + 1),
    'd.mjs': lines(MAX_LINES + 1),
    'e.data.ts': lines(5000),
    'data/f.ts': lines(5000),
    'g.md': lines(5000),
    'node_modules/x/h.js': lines(5000),
  });
  assert.deepEqual(
    checkLength(tree).violations,
    ['b.ts', 'c.unit.test.ts', 'd.mjs'].map((f) => `${f}: 401 lines, more than 400`),
  );
});

for (const path of [
  'packages/x/utils.ts',
  'packages/x/helpers/a.ts',
  'packages/x/common/a.json',
  'packages/shared/a.ts',
  'packages/x/test/helper.ts',
  'packages/x/index.ts',
  'packages/x/index.mjs',
  'packages/x/src/a.ts',
  'packages/x/leNota.ts',
  'packages/x/emissão.ts',
]) {
  test(`the name ${path} is found`, () => {
    const { violations } = checkNames(plantTree({ [path]: '', 'packages/x/read-retorno.unit.test.ts': '', 'docs/Notas.md': '' }));
    assert.equal(violations.length, 1, violations.join('\n'));
    assert.ok(violations[0]?.startsWith(`${path}: `));
  });
}

test('tests that the runner would not find are found, by name or by what they import', () => {
  const tree = plantTree({
    'packages/x/a.unit.test.ts': IMPORT_TEST,
    'packages/x/test/b.int.test.ts': IMPORT_TEST,
    'e2e/c.e2e.test.ts': IMPORT_TEST,
    'packages/x/test/stack.ts': "import { after } from 'node:test';",
    'packages/x/d.test.ts': IMPORT_TEST,
    'packages/x/e.spec.ts': '',
    'packages/x/f.unit.test.mts': '',
    'packages/x/g.ts': IMPORT_TEST,
    'packages/x/h.ts': "import {\n  after,\n  describe,\n} from 'node:test';",
    'packages/x/i.ts': "import test from 'node:test';",
    'packages/x/j.ts': "import * as t from 'node:test';",
    'packages/x/k_test.ts': '',
  });
  assert.deepEqual(
    checkTestNames(tree).violations.map((v) => v.split(':')[0]),
    ['d.test.ts', 'e.spec.ts', 'f.unit.test.mts', 'g.ts', 'h.ts', 'i.ts', 'j.ts', 'k_test.ts'].map((f) => `packages/x/${f}`),
  );
});
