import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian keeps servers that are not on a user's PATH. */
const EXTRA_DIRECTORIES = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/lib/rabbitmq/bin'];

/** First executable file of that name on the path or in Debian's server directories; `first` is looked at before all others. */
export function findBinary(name: string, path: string, first: readonly string[] = []): string | undefined {
  for (const directory of [...first, ...path.split(delimiter), ...EXTRA_DIRECTORIES]) {
    if (directory === '') continue;
    const file = join(directory, name);
    if (isExecutable(file)) return file;
  }
  return undefined;
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
