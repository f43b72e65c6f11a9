import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import { LIBRARY_OWNERS, PACKAGE_ARROWS, SERVICE_ARROWS, TEST_ONLY } from './arrows.data.ts';
import { importsOf, splitSpecifier } from './imports.ts';
import { type CheckResult, isCode, listFiles } from './working-copy.ts';
import { ownerOf, readWorkspace, type WorkspacePackage } from './workspace.ts';

const SCOPE = '@malote/';

/** The arrows between packages, as declared in every package.json, against the table in arrows.data.ts. */
export function checkDependencies(root: string): CheckResult {
  const packages = readWorkspace(root);
  const violations = packages.flatMap((p) => [...declaredArrows(p), ...foreignLibraries(p)]);
  const arrows = packages.reduce((n, p) => n + p.dependencies.size, 0);
  return { name: 'dependencies', looked: `${packages.length} packages, ${arrows} dependencies`, violations };
}

/** Imports that leave their package by a relative path, ask for something not declared, or for a module not in `exports`. */
export function checkImports(root: string): CheckResult {
  const packages = readWorkspace(root);
  const files = listFiles(root).filter(isCode);
  let count = 0;
  const violations = files.flatMap((file) => {
    const owner = ownerOf(file, packages);
    if (!owner) return [`${file}: belongs to no package.json`];
    const specifiers = importsOf(readFileSync(join(root, file), 'utf8'));
    count += specifiers.length;
    return specifiers.flatMap((specifier) => {
      const wrong = wrongImport(file, specifier, owner, packages);
      return wrong === undefined ? [] : [`${file}: imports '${specifier}', ${wrong}`];
    });
  });
  return { name: 'imports', looked: `${files.length} files, ${count} imports`, violations };
}

function declaredArrows(p: WorkspacePackage): string[] {
  const where = `${p.folder === '' ? '' : `${p.folder}/`}package.json`;
  const [kind = '', short = ''] = p.folder.split('/');
  const own = (names: Iterable<string>) => [...names].filter((n) => n.startsWith(SCOPE)).map((n) => n.slice(SCOPE.length));
  const isService = kind === 'services';
  const arrows = isService ? { dependencies: SERVICE_ARROWS } : kind === 'packages' ? PACKAGE_ARROWS[short] : undefined;
  if (kind === 'packages' && !arrows) return [`${where}: package ${short} is not in the table of arrows`];
  const allowed = arrows?.dependencies ?? [];
  const violations = own(p.dependencies)
    .filter((n) => !allowed.includes(n))
    .map((n) => `${where}: ${p.name} may not depend on ${SCOPE}${n}${TEST_ONLY.includes(n) ? ' (devDependencies only)' : ''}`);
  // The root, e2e and bench are no part of what is deployed: they may use anything, in devDependencies.
  if (!arrows) return violations;
  const allowedDev = [...allowed, ...TEST_ONLY, ...('devDependencies' in arrows ? (arrows.devDependencies ?? []) : [])];
  const dev = own(p.otherDependencies).filter((n) => !allowedDev.includes(n));
  return [...violations, ...dev.map((n) => `${where}: ${p.name} may not depend on ${SCOPE}${n}, not even in tests`)];
}

function foreignLibraries(p: WorkspacePackage): string[] {
  const [kind, short = ''] = p.folder.split('/');
  return [...p.dependencies]
    .filter((library) => !library.startsWith(SCOPE))
    .flatMap((library) => {
      const owners = LIBRARY_OWNERS[library];
      const allowed = owners?.some((owner) => owner === short || (owner === 'services' && kind === 'services'));
      if (allowed) return [];
      const why = owners ? `only ${owners.join(', ')} may` : 'the library is not in the table of owners';
      return [`${p.folder}/package.json: ${p.name} may not depend on ${library}: ${why}`];
    });
}

function wrongImport(file: string, specifier: string, owner: WorkspacePackage, packages: readonly WorkspacePackage[]): string | undefined {
  if (specifier.startsWith('node:')) return undefined;
  if (specifier.startsWith('.') || specifier.startsWith('/')) {
    const target = posix.join(posix.dirname(file), specifier);
    const inside = !specifier.startsWith('/') && !target.startsWith('..') && ownerOf(target, packages) === owner;
    return inside ? undefined : 'which leaves the package: name the other package';
  }
  if (isBuiltin(specifier)) return `a module of Node without 'node:'`;
  const { name, subpath } = splitSpecifier(specifier);
  const target = packages.find((p) => p.name === name);
  if (target !== owner) {
    const declared = owner.dependencies.has(name) || owner.otherDependencies.has(name);
    if (!declared) return `which ${owner.name} does not declare`;
    if (!owner.dependencies.has(name) && !mayUseDev(file, owner)) return 'a devDependency, from a file that runs in production';
  }
  if (target && !target.exports.has(subpath)) return `which is not in the exports of ${name}`;
  return undefined;
}

/** Tests, a package's own tools, and packages that are no part of production may import what is declared for development. */
function mayUseDev(file: string, owner: WorkspacePackage): boolean {
  const { folder } = owner;
  const isAside = file.startsWith(`${folder}/test/`) || file.startsWith(`${folder}/tools/`);
  return !/^(packages|services)\//.test(folder) || /\.test\.[cm]?[jt]s$/.test(file) || isAside;
}
