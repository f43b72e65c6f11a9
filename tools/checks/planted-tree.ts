import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const planted: string[] = [];
process.once('exit', () => {
  for (const root of planted) rmSync(root, { recursive: true, force: true });
});

/** A new folder with these files, to plant violations in, gone when the process ends; objects are written as JSON. */
export function plantTree(files: Record<string, string | object>): string {
  const root = mkdtempSync(join(tmpdir(), 'malote-checks-'));
  planted.push(root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return root;
}

/** A package.json of this repository's kind. */
export function manifest(name: string, more: { dependencies?: string[]; devDependencies?: string[]; exports?: string[] } = {}): object {
  const versions = (names: string[] = []) => Object.fromEntries(names.map((n) => [n, '*']));
  const exports = Object.fromEntries((more.exports ?? []).map((e) => [e, `${e}.ts`]));
  return { name, dependencies: versions(more.dependencies), devDependencies: versions(more.devDependencies), exports };
}
