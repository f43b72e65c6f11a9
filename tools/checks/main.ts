import { join } from 'node:path';
import { CHECKS } from './all-checks.ts';

// node tools/checks/main.ts: every check of the tree, what it looked at and what it found.
const root = join(import.meta.dirname, '..', '..');
let found = 0;
for (const check of CHECKS) {
  const { name, looked, violations } = check(root);
  found += violations.length;
  console.log(`${violations.length === 0 ? 'ok   ' : 'FAIL '} ${name} (${looked})`);
  for (const violation of violations) console.log(`      ${violation}`);
}
process.exitCode = found === 0 ? 0 : 1;
