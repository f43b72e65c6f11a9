import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { run } from './apt-packages.ts';
import { pythonWithPip } from './python.ts';

/**
 * schemathesis and everything it needs, each at one version with the hashes of its files. Made anew by:
 * `echo schemathesis==X | uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -`
 */
const REQUIREMENTS = join(import.meta.dirname, 'schemathesis-requirements.txt');
const VERSION = '4.32.5';

/** How to call it: `python -m schemathesis.cli`, with `pythonPath` as PYTHONPATH. */
export interface Schemathesis {
  python: string;
  pythonPath: string;
}

/** Where an installed one is kept. */
export function schemathesisDir(toolsDir: string): string {
  return join(toolsDir, `schemathesis-${VERSION}`);
}

/** Installs it with pip into a folder of its own, once. Text: why it cannot be had here. */
export async function provideSchemathesis(options: {
  toolsDir: string;
  path: string;
  log: (line: string) => void;
}): Promise<Schemathesis | string> {
  const python = await pythonWithPip(options.path);
  if (python === undefined) return 'schemathesis needs Python with pip';
  const recent = await promisify(execFile)(python, ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))']).then(
    () => true,
    () => false,
  );
  if (!recent) return 'schemathesis needs Python 3.11 or later';
  const dir = schemathesisDir(options.toolsDir);
  if (existsSync(dir)) return { python, pythonPath: dir };

  options.log(`pip install schemathesis ${VERSION} (70 MB, into ${dir})`);
  await mkdir(options.toolsDir, { recursive: true });
  // Two runs may install at once: each fills its own folder, the first rename wins.
  const own = `${dir}.${process.pid}`;
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '--root-user-action=ignore'];
  try {
    await run(python, [...pip, '--require-hashes', '--only-binary=:all:', '--target', own, '--requirement', REQUIREMENTS], options.log);
    await rename(own, dir).catch((error: unknown) => {
      if (!existsSync(dir)) throw error;
    });
  } finally {
    await rm(own, { recursive: true, force: true });
  }
  return { python, pythonPath: dir };
}
