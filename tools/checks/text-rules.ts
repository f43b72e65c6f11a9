import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type CheckResult, isCode, listFiles } from './working-copy.ts';

const PACKAGE_MANAGER_FILES = new Set([
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'bun.lock',
  '.npmrc',
  '.yarnrc',
  '.yarnrc.yml',
  '.pnpmfile.cjs',
  'pip.conf',
  'requirements.txt',
]);
const NAMES_A_HOST = /https?:\/\/|git\+|git@|\btarball:|\bregistry\b\s*[=:]|\bnpmRegistryServer\b|--(extra-)?index-url/i;

/** Lock files and settings of package managers name no host: each machine uses its own registry. */
export function checkHosts(root: string): CheckResult {
  const files = listFiles(root).filter((path) => PACKAGE_MANAGER_FILES.has(basename(path)) || basename(path) === 'package.json');
  const violations = files.flatMap((path) =>
    linesOf(root, path)
      // A notice of deprecation is prose and may hold a link; so may the fields of a package.json that describe the project.
      .filter(({ text }) => !/^\s*deprecated:/.test(text) && !/^\s*"(homepage|url|bugs|repository|funding)":/.test(text))
      .filter(({ text }) => NAMES_A_HOST.test(text))
      .map(({ text, line }) => `${path}:${line}: names a host or a registry: ${text.trim().slice(0, 80)}`),
  );
  return { name: 'registry hosts', looked: `${files.length} files`, violations };
}

/** Ways to switch TLS verification off that are no JavaScript: the environment, curl, wget, Python, settings. Code is read by biome (tls-off.grit). */
const TLS_OFF =
  /NODE_TLS_REJECT_UNAUTHORIZED\s*[=:]|\bstrict-ssl\s*[=:]\s*false|\bcurl\b.*\s(-k|--insecure)\b|\bwget\b.*--no-check-certificate|--trusted-host|GIT_SSL_NO_VERIFY/;

export function checkTlsSwitches(root: string): CheckResult {
  const files = listFiles(root).filter((path) => !isCode(path) && !path.startsWith('tools/checks/'));
  const violations = files.flatMap((path) =>
    linesOf(root, path)
      .filter(({ text }) => TLS_OFF.test(text))
      .map(({ text, line }) => `${path}:${line}: switches TLS verification off: ${text.trim().slice(0, 80)}`),
  );
  return { name: 'TLS switches', looked: `${files.length} files`, violations };
}

function linesOf(root: string, path: string): { text: string; line: number }[] {
  return readFileSync(join(root, path), 'utf8')
    .split('\n')
    .map((text, i) => ({ text, line: i + 1 }));
}
