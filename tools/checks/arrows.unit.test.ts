import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkDependencies, checkImports } from './arrows.ts';
import { importsOf } from './imports.ts';
import { manifest, plantTree } from './planted-tree.ts';

const root = join(import.meta.dirname, '..', '..');

test('the dependencies of every package keep to the table of arrows', () => {
  assert.deepEqual(checkDependencies(root).violations, []);
});

test('every import names a declared package and a module in its exports', () => {
  assert.deepEqual(checkImports(root).violations, []);
});

/** Put together, so that this file itself is not read as importing it. */
const dynamic = (specifier: string): string => `await ${'import'}('${specifier}');`;

/** A tree without violations, in which each test plants one. */
const sound = {
  'package.json': manifest('malote', { devDependencies: ['@malote/devstack', '@malote/testkit'] }),
  'tools/run.ts': "import { stack } from '@malote/devstack/devstack';\nimport './other.mjs';",
  'packages/fiscal/package.json': manifest('@malote/fiscal', { dependencies: ['saxes'], exports: ['./xml/parse', './fault'] }),
  'packages/fiscal/xml/parse.ts':
    "import { readFileSync } from 'node:fs';\nimport saxes from 'saxes';\nimport type { Fault } from '../fault.ts';",
  'packages/store/package.json': manifest('@malote/store', {
    dependencies: ['@malote/fiscal', 'mongoose'],
    devDependencies: ['@malote/testkit'],
  }),
  'packages/store/store.ts': "import mongoose from 'mongoose';\nimport {\n  parse,\n} from '@malote/fiscal/xml/parse';",
  'packages/store/test/store.int.test.ts': "import { eventually } from '@malote/testkit/eventually';",
  'packages/testkit/package.json': manifest('@malote/testkit', { exports: ['./eventually'] }),
  'packages/devstack/package.json': manifest('@malote/devstack', { dependencies: ['@malote/runtime'], exports: ['./devstack'] }),
  'packages/runtime/package.json': manifest('@malote/runtime', { dependencies: ['express'] }),
  'services/edge/package.json': manifest('@malote/edge', { dependencies: ['@malote/store', 'express', 'joi'] }),
  'services/emission/package.json': manifest('@malote/emission', { dependencies: ['@malote/store'], exports: ['./main'] }),
};

test('a tree that keeps the rules has no violation', () => {
  const tree = plantTree(sound);
  assert.deepEqual(checkDependencies(tree), { name: 'dependencies', looked: '8 packages, 9 dependencies', violations: [] });
  assert.deepEqual(checkImports(tree), { name: 'imports', looked: '4 files, 8 imports', violations: [] });
});

const plantedDependencies: [name: string, change: Record<string, object>, violation: RegExp][] = [
  [
    'fiscal on anything of ours',
    { 'packages/fiscal/package.json': manifest('@malote/fiscal', { dependencies: ['@malote/runtime'] }) },
    /fiscal may not depend on @malote\/runtime/,
  ],
  [
    'an adapter on another adapter',
    { 'packages/store/package.json': manifest('@malote/store', { dependencies: ['@malote/broker'] }) },
    /store may not depend on @malote\/broker/,
  ],
  [
    'an adapter on another adapter in tests',
    { 'packages/store/package.json': manifest('@malote/store', { devDependencies: ['@malote/broker'] }) },
    /@malote\/broker, not even in tests/,
  ],
  [
    'a service on a service',
    { 'services/edge/package.json': manifest('@malote/edge', { dependencies: ['@malote/emission'] }) },
    /edge may not depend on @malote\/emission/,
  ],
  [
    'a service on a service in tests',
    { 'services/edge/package.json': manifest('@malote/edge', { devDependencies: ['@malote/emission'] }) },
    /@malote\/emission, not even in tests/,
  ],
  [
    'a package on a service',
    { 'packages/store/package.json': manifest('@malote/store', { dependencies: ['@malote/edge'] }) },
    /store may not depend on @malote\/edge/,
  ],
  [
    'a service on the testkit',
    { 'services/edge/package.json': manifest('@malote/edge', { dependencies: ['@malote/testkit'] }) },
    /@malote\/testkit \(devDependencies only\)/,
  ],
  [
    'the root on the devstack outside devDependencies',
    { 'package.json': manifest('malote', { dependencies: ['@malote/devstack'] }) },
    /malote may not depend on @malote\/devstack/,
  ],
  [
    'a service on amqplib',
    { 'services/edge/package.json': manifest('@malote/edge', { dependencies: ['amqplib'] }) },
    /may not depend on amqplib: only broker may/,
  ],
  [
    'a package on ioredis',
    { 'packages/store/package.json': manifest('@malote/store', { dependencies: ['ioredis'] }) },
    /ioredis: only redis may/,
  ],
  [
    'a service other than the edge on express',
    { 'services/emission/package.json': manifest('@malote/emission', { dependencies: ['express'] }) },
    /express: only runtime, edge may/,
  ],
  [
    'a library that nobody decided on',
    { 'packages/store/package.json': manifest('@malote/store', { dependencies: ['left-pad'] }) },
    /left-pad: the library is not in the table/,
  ],
  ['a package that is not in the table', { 'packages/novo/package.json': manifest('@malote/novo') }, /novo is not in the table of arrows/],
];
for (const [name, change, violation] of plantedDependencies) {
  test(`a dependency of ${name} is found`, () => {
    const { violations } = checkDependencies(plantTree({ ...sound, ...change }));
    assert.equal(violations.length, 1, violations.join('\n'));
    assert.match(violations[0] ?? '', violation);
  });
}

const plantedImports: [name: string, file: string, source: string, violation: RegExp][] = [
  ['a relative path into another package', 'packages/store/a.ts', "import { parse } from '../fiscal/xml/parse.ts';", /leaves the package/],
  ['a re-export by a relative path', 'packages/store/a.ts', "export * from '../fiscal/xml/parse.ts';", /leaves the package/],
  [
    'a type by a relative path',
    'packages/store/test/a.int.test.ts',
    "import type { X } from '../../fiscal/xml/parse.ts';",
    /leaves the package/,
  ],
  [
    'a relative path of the tools into a package',
    'tools/a.ts',
    "import { parse } from '../packages/fiscal/xml/parse.ts';",
    /leaves the package/,
  ],
  ['a path out of the tree', 'tools/a.ts', "import '../../outside.ts';", /leaves the package/],
  ['an absolute path', 'packages/store/a.ts', dynamic('/etc/x.ts'), /leaves the package/],
  ['an undeclared library', 'packages/store/a.ts', "import amqp from 'amqplib';", /store does not declare/],
  ['an undeclared package of ours', 'packages/store/a.ts', "import { log } from '@malote/runtime/logger';", /store does not declare/],
  ['an undeclared library, at run time', 'packages/store/a.ts', dynamic('amqplib'), /store does not declare/],
  [
    'a module that is not exported',
    'packages/store/a.ts',
    "import { x } from '@malote/fiscal/xml/inner';",
    /not in the exports of @malote\/fiscal/,
  ],
  ['a package as a whole', 'packages/store/a.ts', "import { x } from '@malote/fiscal';", /not in the exports of @malote\/fiscal/],
  [
    'the testkit in production code',
    'packages/store/a.ts',
    "import { eventually } from '@malote/testkit/eventually';",
    /devDependency, from a file that runs in production/,
  ],
  ['a module of Node without its prefix', 'packages/store/a.ts', "import fs from 'fs';", /without 'node:'/],
];
for (const [name, file, source, violation] of plantedImports) {
  test(`an import of ${name} is found`, () => {
    const { violations } = checkImports(plantTree({ ...sound, [file]: source }));
    assert.equal(violations.length, 1, violations.join('\n'));
    assert.match(violations[0] ?? '', violation);
    assert.ok(violations[0]?.startsWith(`${file}: `));
  });
}

test('imports are read in every form, and words in comments and strings are left alone', () => {
  const lines = [
    "import a, { type B } from 'a';",
    'import {',
    '  c,',
    '  d,',
    "} from 'c';",
    'export type { E } from "e";',
    "import 'f';",
    dynamic('g'),
  ];
  const noise = [
    ' * import x from y',
    "// import nothing from 'z';",
    "const s = 'from here';",
    'require("own-function");',
    "export const q = 'r';",
  ];
  assert.deepEqual(importsOf([...lines, ...noise].join('\n')).sort(), ['a', 'c', 'e', 'f', 'g']);
});
