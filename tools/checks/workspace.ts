import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles } from './working-copy.ts';

/** A package.json of the working copy. */
export interface WorkspacePackage {
  /** Folder relative to the root, '' for the root itself. */
  folder: string;
  name: string;
  dependencies: ReadonlySet<string>;
  /** devDependencies, optionalDependencies and peerDependencies. */
  otherDependencies: ReadonlySet<string>;
  /** Keys of `exports`: './xml/parse'. */
  exports: ReadonlySet<string>;
}

/** Every package of the working copy, found by its package.json. */
export function readWorkspace(root: string): WorkspacePackage[] {
  const manifests = listFiles(root).filter((path) => path === 'package.json' || path.endsWith('/package.json'));
  return manifests.map((path) => {
    const json = JSON.parse(readFileSync(join(root, path), 'utf8')) as Record<string, unknown>;
    const keys = (field: string) => Object.keys((json[field] ?? {}) as object);
    return {
      folder: path === 'package.json' ? '' : path.slice(0, -'/package.json'.length),
      name: String(json.name),
      dependencies: new Set(keys('dependencies')),
      otherDependencies: new Set([...keys('devDependencies'), ...keys('optionalDependencies'), ...keys('peerDependencies')]),
      exports: new Set(keys('exports')),
    };
  });
}

/** The package a file belongs to: the nearest folder upwards with a package.json. */
export function ownerOf(path: string, packages: readonly WorkspacePackage[]): WorkspacePackage | undefined {
  const holds = (p: WorkspacePackage) => p.folder === '' || path.startsWith(`${p.folder}/`);
  return packages.filter(holds).sort((a, b) => b.folder.length - a.folder.length)[0];
}
