import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** RSA-2048 signatures per second of one core by `openssl speed`; undefined without openssl. */
export function opensslRsaSigns(seconds: number): number | undefined {
  try {
    const args = ['speed', '-seconds', String(seconds), '-mr', 'rsa2048'];
    const said = execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    // +F2:index:bits:signatures:verifications, per second since OpenSSL 3, as seconds for one before it.
    const signs = Number(/^\+F2:\d+:2048:([\d.e+-]+):/m.exec(said)?.[1]);
    return signs >= 1 ? signs : signs > 0 ? 1 / signs : undefined;
  } catch {
    return undefined;
  }
}

const FILES = 200;

/** Documents per second that native libxml2 (xmllint, the schema compiled once) validates on one core; undefined without xmllint. */
export function xmllintValidations(xml: string, schemaFile: string, dir: string): number | undefined {
  const folder = join(dir, 'xmllint');
  mkdirSync(folder, { recursive: true });
  const files = Array.from({ length: FILES }, (_, i) => join(folder, `${i}.xml`));
  for (const file of files) writeFileSync(file, xml);
  const run = (count: number): number | undefined => {
    const started = performance.now();
    const { status, error } = spawnSync('xmllint', ['--noout', '--nonet', '--schema', schemaFile, ...files.slice(0, count)]);
    return error || status !== 0 ? undefined : performance.now() - started;
  };
  try {
    const [one, all] = [run(1), run(FILES)];
    // The difference leaves out the start of the program and the compilation of the schema.
    return one === undefined || all === undefined ? undefined : ((FILES - 1) * 1_000) / (all - one);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
