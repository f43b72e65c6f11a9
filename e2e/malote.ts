import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Hub, ROOT } from './hub.ts';

/** Runs the operator's command line against the hub; rejects with what it printed when it fails. */
export async function malote(hub: Pick<Hub, 'env'>, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['services/cli/main.ts', ...args], { cwd: ROOT, env: hub.env });
  return stdout.trim();
}
