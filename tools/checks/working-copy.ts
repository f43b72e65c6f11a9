import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders that hold nothing written for this project. */
const NOT_OURS = new Set(['node_modules', 'coverage']);
/** Hidden names that are part of the project all the same. */
const HIDDEN_BUT_OURS = new Set(['.ci', '.github', '.npmrc', '.yarnrc', '.yarnrc.yml', '.pnpmfile.cjs']);

/** Every file of the working copy below `root`, as paths relative to it with `/`, sorted. */
export function listFiles(root: string, below = ''): string[] {
  return readdirSync(join(root, below), { withFileTypes: true })
    .flatMap((entry) => {
      if (NOT_OURS.has(entry.name) || (entry.name.startsWith('.') && !HIDDEN_BUT_OURS.has(entry.name))) return [];
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      return entry.isDirectory() ? listFiles(root, path) : entry.isFile() ? [path] : [];
    })
    .sort();
}

/** TypeScript and JavaScript, which is what the checks of code read. */
export function isCode(path: string): boolean {
  return /\.[cm]?[jt]s$/.test(path);
}

/** What one check looked at and what it found; each violation is one line that names the file first. */
export interface CheckResult {
  name: string;
  looked: string;
  violations: string[];
}
