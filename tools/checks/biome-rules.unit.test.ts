import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { plantTree } from './planted-tree.ts';

const root = join(import.meta.dirname, '..', '..');
const biome = join(dirname(createRequire(import.meta.url).resolve('@biomejs/biome/package.json')), 'bin', 'biome');
const rules = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.grit'));

/** Planted every time: finding nothing else then means that biome ran. */
const CANARY = 'services/canary/a.ts';

/** Lints planted files under the configuration and the rules of this tree; gives `path:line rule` of what the rules say. */
function lint(files: Record<string, string[]>): string[] {
  const tree = plantTree({
    '.gitignore': 'node_modules/\n',
    'biome.json': readFileSync(join(root, 'biome.json'), 'utf8').replace(/"\$schema":.*\n/, ''),
    ...Object.fromEntries(rules.map((name) => [`tools/checks/${name}`, readFileSync(join(import.meta.dirname, name), 'utf8')])),
    [CANARY]: 'export const a = new Date();\n',
    ...Object.fromEntries(Object.entries(files).map(([path, lines]) => [path, `${lines.join('\n')}\n`])),
  });
  const result = spawnSync(process.execPath, [biome, 'lint', '--max-diagnostics=none', '--reporter=github', '.'], {
    cwd: tree,
    encoding: 'utf8',
  });
  assert.doesNotMatch(result.stdout + result.stderr, /errored:|^configuration |internalError/m);
  const found = [...result.stdout.matchAll(/title=plugin,file=(?:.*?malote-checks-[^/]*\/)?([^,]+),line=(\d+).*::(.*)/g)];
  const ruleOf = (message: string) => RULES.find(([, text]) => message.includes(text))?.[0] ?? message;
  const lines = found.map(([, path, line, message = '']) => `${path}:${line} ${ruleOf(message)}`);
  assert.ok(lines.includes(`${CANARY}:1 clock`), `biome did not run: ${result.stdout}${result.stderr}`);
  return lines.filter((line) => !line.startsWith(CANARY)).sort();
}

const RULES: [name: string, text: string][] = [
  ['clock', 'packages/runtime/clock.ts'],
  ['env', 'packages/runtime/config.ts'],
  ['tls', 'TLS verification'],
];

const CLOCK = [
  'export const a = new Date();',
  'export const b = Date.now();',
  'export const c = Math.random();',
  'export const d = crypto.randomUUID();',
  'export const e = [1].map(Date.now);',
  'export const f = Date();',
  'export const g = new globalThis.Date();',
  "import { randomUUID } from 'node:crypto';",
  'export const h = randomUUID();',
];
const CLOCK_ALLOWED = [
  'export const a = new Date(0);',
  "export const b = Date.parse('2026-11-21');",
  'export const c = { now: 1 };',
  'export const d = Math.max(1);',
];
const ENV = [
  'export const a = process.env.X;',
  'export const { b } = process.env;',
  "export const c = process['env'];",
  "import { env } from 'node:process';",
  'export const d = env.X;',
];
const TLS = [
  'export const a = { rejectUnauthorized: false };',
  "export const b = { 'rejectUnauthorized': 1 > 2 };",
  "export const c = { ['rejectUnauthorized']: false };",
  'export const d = (o) => { o.rejectUnauthorized = false; };',
  'export const e = (rejectUnauthorized) => ({ rejectUnauthorized });',
  "export const f = { NODE_TLS_REJECT_UNAUTHORIZED: '0' };",
];
const at = (path: string, rule: string, lines: number[]) => lines.map((n) => `${path}:${n} ${rule}`);

test('biome finds the clock, ids and random numbers taken from anywhere but the clock of the runtime', () => {
  const path = 'services/edge/a.ts';
  assert.deepEqual(lint({ [path]: CLOCK }), at(path, 'clock', [1, 2, 3, 4, 5, 6, 7, 9]));
});

test('biome leaves alone a date that is made of an argument', () => {
  assert.deepEqual(lint({ 'packages/fiscal/a.ts': CLOCK_ALLOWED }), []);
});

test('biome finds the environment read anywhere but in the configuration of the runtime', () => {
  const path = 'packages/store/a.ts';
  assert.deepEqual(lint({ [path]: ENV }), at(path, 'env', [1, 2, 3, 4]));
});

test('biome finds TLS verification switched off anywhere, in tests and tools too', () => {
  for (const path of ['packages/sefaz/a.ts', 'packages/sefaz/test/a.int.test.ts', 'tools/a.mjs', 'e2e/a.ts', 'packages/testkit/a.ts']) {
    assert.deepEqual(lint({ [path]: TLS }), at(path, 'tls', [1, 2, 3, 4, 5, 6]));
  }
  assert.deepEqual(lint({ 'packages/sefaz/a.ts': ['export const a = { rejectUnauthorized: true };'] }), []);
});

test('the clock and the configuration of the runtime, tests, tools and the development packages may use the real ones', () => {
  assert.deepEqual(
    lint({
      'packages/runtime/clock.ts': CLOCK,
      'packages/runtime/config.ts': ENV,
      'packages/store/a.unit.test.ts': [...CLOCK, 'export const p = process.env.X;'],
      'packages/store/test/stack.ts': [...CLOCK, 'export const p = process.env.X;'],
      'packages/testkit/a.ts': [...CLOCK, 'export const p = process.env.X;'],
      'packages/devstack/a.ts': [...CLOCK, 'export const p = process.env.X;'],
      'tools/a.ts': [...CLOCK, 'export const p = process.env.X;'],
      'e2e/a.ts': [...CLOCK, 'export const p = process.env.X;'],
      'bench/a.ts': [...CLOCK, 'export const p = process.env.X;'],
    }),
    [],
  );
  assert.deepEqual(lint({ 'packages/runtime/clock.ts': ENV.slice(0, 1), 'packages/runtime/config.ts': CLOCK.slice(0, 1) }), [
    'packages/runtime/clock.ts:1 env',
    'packages/runtime/config.ts:1 clock',
  ]);
});

test('a fault planted as a comment or a text is none', () => {
  assert.deepEqual(
    lint({ 'packages/fiscal/a.ts': ['// new Date() and process.env', "export const a = 'rejectUnauthorized: false, Date.now()';"] }),
    [],
  );
});
