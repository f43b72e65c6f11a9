import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { plantTree } from './planted-tree.ts';
import { checkHosts, checkTlsSwitches } from './text-rules.ts';

const root = join(import.meta.dirname, '..', '..');

test('no lock file or setting of a package manager names a host', () => {
  assert.deepEqual(checkHosts(root).violations, []);
});

test('nothing of the tree switches TLS verification off by an environment or a command', () => {
  assert.deepEqual(checkTlsSwitches(root).violations, []);
});

const planted: [path: string, line: string][] = [
  ['pnpm-lock.yaml', '    resolution: {tarball: https://registry.example/x.tgz}'],
  ['package-lock.json', '  "resolved": "https://registry.example/x/-/x-1.0.0.tgz",'],
  ['yarn.lock', '  resolved "http://registry.example/x.tgz"'],
  ['.npmrc', 'registry=https://registry.example/'],
  ['packages/x/.npmrc', '@scope:registry = //registry.example'],
  ['.yarnrc.yml', 'npmRegistryServer: "//registry.example"'],
  ['requirements.txt', '--index-url //pypi.example/simple'],
  ['package.json', '"x": "git+ssh://git@example/x.git"'],
];
for (const [path, line] of planted) {
  test(`a host in ${path} is found: ${line.trim()}`, () => {
    const { violations } = checkHosts(plantTree({ [path]: `first line\n${line}\n` }));
    assert.deepEqual(violations, [`${path}:2: names a host or a registry: ${line.trim().slice(0, 80)}`]);
  });
}

test('a link in a notice of deprecation or in the home page of a package is no registry', () => {
  const tree = plantTree({
    'pnpm-lock.yaml': '    deprecated: see https://example.org/why\n    resolution: {integrity: sha512-x==}\n',
    'package.json': '{\n  "homepage": "https://example.org"\n}\n',
    'docs/install.md': 'https://example.org',
  });
  assert.deepEqual(checkHosts(tree).violations, []);
});

for (const [path, line] of [
  ['docker-compose.yml', '      NODE_TLS_REJECT_UNAUTHORIZED: 0'],
  ['deploy/run.sh', 'NODE_TLS_REJECT_UNAUTHORIZED=0 node main.ts'],
  ['deploy/health.sh', 'curl -s -k https://127.0.0.1/health'],
  ['Dockerfile', 'RUN pip install --trusted-host pypi.example x'],
  ['.npmrc', 'strict-ssl=false'],
] as const) {
  test(`a TLS switch in ${path} is found: ${line.trim()}`, () => {
    const { violations } = checkTlsSwitches(plantTree({ [path]: `${line}\n` }));
    assert.deepEqual(violations, [`${path}:1: switches TLS verification off: ${line.trim()}`]);
  });
}
