import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findBinary } from './find-binary.ts';

/** Services a package brings along; apt starts and enables them, we run our own instead. */
const SERVICES: Record<string, string[]> = {
  'rabbitmq-server': ['rabbitmq-server', 'epmd.socket', 'epmd'],
  'redis-server': ['redis-server'],
};

const POLICY_FILE = '/usr/sbin/policy-rc.d';

export function canInstall(path: string): boolean {
  return process.getuid?.() === 0 && findBinary('apt-get', path) !== undefined;
}

/** The command a person who is not root has to run. */
export function aptCommand(packages: readonly string[]): string {
  return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

/**
 * Installs Debian packages, as root, saying so first. Services of these packages are kept from being started by apt (a
 * policy file that is taken away again) and are disabled afterwards, unless the machine had them before.
 */
export async function aptInstall(packages: readonly string[], log: (line: string) => void): Promise<void> {
  log(`apt-get install ${packages.join(' ')} (as root; services stay stopped)`);
  const known = new Set(unitNames(packages).filter(isKnownService));
  const policyIsOurs = !existsSync(POLICY_FILE);
  const takeBack = (): void => {
    if (policyIsOurs) rmSync(POLICY_FILE, { force: true });
  };
  if (policyIsOurs) writeFileSync(POLICY_FILE, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  process.once('exit', takeBack);
  const wait = ['-o', 'DPkg::Lock::Timeout=300'];
  try {
    await updateLists(log);
    await run('apt-get', [...wait, 'install', '-y', '-q', '--no-install-recommends', ...packages], log);
  } finally {
    takeBack();
    process.removeListener('exit', takeBack);
  }
  for (const unit of unitNames(packages)) if (!known.has(unit)) await stopAndDisable(unit);
}

/** The lock of the package lists, unlike the others, cannot be waited for by option: another apt-get may be at it. */
async function updateLists(log: (line: string) => void): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await run('apt-get', ['update', '-q'], tries === 10 ? log : () => {});
    } catch (error) {
      if (tries === 10) return log(`${(error as Error).message}: going on with the package lists there are`);
      await delay(3000);
    }
  }
}

function unitNames(packages: readonly string[]): string[] {
  return packages.flatMap((name) => SERVICES[name] ?? []);
}

function isKnownService(unit: string): boolean {
  const file = unit.includes('.') ? unit : `${unit}.service`;
  const places = ['/lib/systemd/system', '/usr/lib/systemd/system', '/etc/systemd/system'];
  return places.some((place) => existsSync(join(place, file))) || existsSync(join('/etc/init.d', unit));
}

async function stopAndDisable(unit: string): Promise<void> {
  // Without a running systemd (containers) these do nothing or fail; either way the service is not running then.
  const quiet = (): void => {};
  if (existsSync('/run/systemd/system')) await run('systemctl', ['disable', '--now', unit], quiet).catch(quiet);
  else if (existsSync(join('/etc/init.d', unit))) await run('update-rc.d', [unit, 'disable'], quiet).catch(quiet);
}

/** Runs a command to its end; its output is shown only when it fails. */
export function run(command: string, args: readonly string[], log: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-8000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error) => reject(new Error(`${command}: ${error.message}`)));
    child.once('close', (code) => {
      if (code === 0) return resolve();
      for (const line of output.trimEnd().split('\n').slice(-15)) log(`  ${line}`);
      reject(new Error(`${command} ${args.join(' ')} ended with ${code}`));
    });
  });
}

/** A directory of its own under the system's temporary directory, for downloads. */
export function scratchDirectory(prefix: string): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `${prefix}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export function onlyFile(directory: string): string {
  const [first, ...others] = readdirSync(directory);
  if (first === undefined || others.length > 0) throw new Error(`expected one file in ${directory}`);
  return join(directory, first);
}
