import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Everything one running `npm start` keeps: server data, certificates, logs, the demo account. */
export interface RunDirectory {
  /** 1 for the first, 2 for one that runs beside it, and so on. */
  number: number;
  path: string;
  /** Lets the next run have it. */
  release(): void;
}

/** Takes `.malote/dev`, or `.malote/dev-2` … while a living process has the ones before. */
export function claimRunDirectory(stateDir: string): RunDirectory {
  for (let number = 1; number <= 50; number++) {
    const path = join(stateDir, number === 1 ? 'dev' : `dev-${number}`);
    mkdirSync(path, { recursive: true });
    const owner = join(path, 'owner.pid');
    if (claim(owner)) return { number, path, release: () => rmSync(owner, { force: true }) };
  }
  throw new Error(`50 runs have their data below ${stateDir} already`);
}

function claim(file: string): boolean {
  try {
    const handle = openSync(file, 'wx');
    writeSync(handle, String(process.pid));
    closeSync(handle);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (isAlive(Number(readFileSync(file, 'utf8')))) return false;
  rmSync(file, { force: true });
  return claim(file);
}

function isAlive(pid: number): boolean {
  // An owner that has not written its number yet counts as living.
  if (pid === 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
