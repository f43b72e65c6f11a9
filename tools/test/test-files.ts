import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

export const SUITES = ['unit', 'int', 'e2e'] as const;
export type Suite = (typeof SUITES)[number];

const ROOTS = ['packages', 'services', 'tools', 'e2e', 'bench'];

/** A test file by its name: `x.unit.test.ts`, `x.int.test.ts`, and `x.e2e.test.ts` or any test below e2e/. */
export function suiteOf(path: string): Suite | undefined {
  if (path.endsWith('.unit.test.ts')) return 'unit';
  if (path.endsWith('.int.test.ts')) return 'int';
  if (path.endsWith('.e2e.test.ts') || path.startsWith('e2e/')) return 'e2e';
  return undefined;
}

/**
 * Every test file of the working copy by suite, paths relative to `root` with `/`. Throws for a test file that belongs to
 * no suite, since nobody would ever run it.
 */
export function findTestFiles(root: string): Record<Suite, string[]> {
  const found: Record<Suite, string[]> = { unit: [], int: [], e2e: [] };
  const lost: string[] = [];
  for (const path of ROOTS.flatMap((name) => walk(join(root, name)))) {
    const file = relative(root, path).split(sep).join('/');
    const suite = suiteOf(file);
    if (suite === undefined) lost.push(file);
    else found[suite].push(file);
  }
  if (lost.length > 0)
    throw new Error(`test files that belong to no suite (name them .unit.test.ts or .int.test.ts):\n  ${lost.join('\n  ')}`);
  for (const suite of SUITES) found[suite].sort();
  return found;
}

/** Keeps the files that lie below, or contain, one of the given paths or words; all of them when none is given. */
export function filterFiles(files: readonly string[], wanted: readonly string[]): string[] {
  if (wanted.length === 0) return [...files];
  return files.filter((file) => wanted.some((word) => file.includes(word.replace(/^\.\//, ''))));
}

function walk(folder: string): string[] {
  return entriesOf(folder).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return walk(path);
    return entry.isFile() && /\.test\.[cm]?[jt]s$/.test(entry.name) ? [path] : [];
  });
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** A test that compares rates, or starts what fills the machine by itself: `x.alone.e2e.test.ts`. No other file runs beside it. */
export function runsAlone(path: string): boolean {
  return path.includes('.alone.');
}

/** A test that mostly waits for a time to pass (a lease, a heartbeat, a deadline): `x.waits.e2e.test.ts`. It runs beside those that work. */
export function mostlyWaits(path: string): boolean {
  return path.includes('.waits.');
}

/** Parts of the paths of the longest files: one that began last would run on alone while the other processor idles. */
const LONGEST: readonly string[] = ['e2e/schemathesis.', 'e2e/faults/'];

/** The longest files before the others, which stay in their order. */
export function longestFirst(files: readonly string[]): string[] {
  const [long, short] = partition(files, (file) => LONGEST.some((part) => file.includes(part)));
  const rank = (file: string) => LONGEST.findIndex((part) => file.includes(part));
  return [...long.sort((a, b) => rank(a) - rank(b)), ...short];
}

/** @returns what fits, and the rest, both in their order. */
export function partition<T>(items: readonly T[], fits: (item: T) => boolean): [T[], T[]] {
  return [items.filter(fits), items.filter((item) => !fits(item))];
}
