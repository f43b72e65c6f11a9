import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findBinary } from './find-binary.ts';

/** A Python that has pip, of the path or the system's; undefined when there is none. */
export async function pythonWithPip(path: string): Promise<string | undefined> {
  for (const name of ['python3', '/usr/bin/python3']) {
    const python = name.startsWith('/') ? name : findBinary(name, path);
    if (python === undefined) continue;
    const works = await promisify(execFile)(python, ['-m', 'pip', '--version']).then(
      () => true,
      () => false,
    );
    if (works) return python;
  }
  return undefined;
}
