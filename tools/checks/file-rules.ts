import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { suiteOf } from '../test/test-files.ts';
import { type CheckResult, isCode, listFiles } from './working-copy.ts';

export const MAX_LINES = 400;

/** No written file is longer than 400 lines; data is (a `data/` folder, `*.data.ts`). */
export function checkLength(root: string): CheckResult {
  const files = listFiles(root).filter((path) => isCode(path) && !isData(path));
  const violations = files.flatMap((path) => {
    const lines = readFileSync(join(root, path), 'utf8').trimEnd().split('\n').length;
    return lines > MAX_LINES ? [`${path}: ${lines} lines, more than ${MAX_LINES}`] : [];
  });
  return { name: 'length', looked: `${files.length} files`, violations };
}

function isData(path: string): boolean {
  return /\.data\.[cm]?[jt]s$/.test(path) || path.split('/').slice(0, -1).includes('data');
}

const VAGUE = new Set(['util', 'utils', 'helper', 'helpers', 'common', 'shared', 'misc']);

/** Names that say nothing of what is inside, re-exporting index files, and names that are not kebab-case. */
export function checkNames(root: string): CheckResult {
  const files = listFiles(root);
  const violations = files.flatMap((path) => {
    const words = path.split('/').map((part) => part.split('.')[0] ?? '');
    const vague = words.find((word) => VAGUE.has(word));
    if (vague !== undefined) return [`${path}: '${vague}' says nothing of what is inside`];
    if (!isCode(path)) return [];
    if (words.at(-1) === 'index') return [`${path}: an import names its owner, there are no index files`];
    if (words.slice(0, -1).includes('src')) return [`${path}: files lie directly in the folder of their package, without src/`];
    return /^[a-z0-9]+([.-][a-z0-9]+)*$/.test(basename(path)) ? [] : [`${path}: the name is not in kebab-case`];
  });
  return { name: 'names', looked: `${files.length} files`, violations };
}

const LOOKS_LIKE_TEST = /[._](test|spec)\.[cm]?[jt]sx?$|(^|\/)(__tests__|tests)\//;
const DEFINES_TESTS =
  /^import\s+(?:(?:test|it|describe)\b|\*\s+as\s+\w+|(?:\w+\s*,\s*)?\{[^}]*\b(?:test|it|describe|suite)\b[^}]*\})[^'"]*from\s+['"]node:test['"]/m;

/** A test whose name the runner does not know would never run, and nobody would notice. */
export function checkTestNames(root: string): CheckResult {
  const files = listFiles(root).filter(isCode);
  const tests = files.filter((path) => LOOKS_LIKE_TEST.test(path) || DEFINES_TESTS.test(readFileSync(join(root, path), 'utf8')));
  const violations = tests
    .filter((path) => !path.endsWith('.test.ts') || suiteOf(path) === undefined)
    .map((path) => `${path}: a test that the runner does not find; name it *.unit.test.ts, *.int.test.ts or *.e2e.test.ts`);
  return { name: 'test names', looked: `${tests.length} tests`, violations };
}
