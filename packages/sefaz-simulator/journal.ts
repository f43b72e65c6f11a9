import { closeSync, fdatasync, fstatSync, ftruncateSync, mkdirSync, openSync, readFileSync, write } from 'node:fs';
import { dirname } from 'node:path';

/**
 * An append-only file of JSON lines. `append` answers when the line is on the disk (fdatasync); lines that arrive while a sync
 * runs go out together with the next one.
 */
export interface Journal<T> {
  /** What was in the file when it was opened. A last line without its end, from a crash in the middle of a write, is cut off. */
  readonly entries: T[];
  append(entry: T): Promise<void>;
  /** Resolves when everything appended so far is on the disk. */
  flushed(): Promise<void>;
  close(): Promise<void>;
}

/** @param options.sync `false` writes without fdatasync, for records that may be lost with the machine. */
export function openJournal<T>(file: string, options: { sync: boolean }): Journal<T> {
  mkdirSync(dirname(file), { recursive: true });
  const fd = openSync(file, 'a+');
  const entries = readEntries<T>(file, fd);
  let waiting: string[] = [];
  let running: Promise<void> | undefined;
  let failure: Error | undefined;

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const lines = waiting.join('');
      waiting = [];
      await writeAll(fd, Buffer.from(lines));
      if (options.sync) await new Promise<void>((resolve, reject) => fdatasync(fd, (error) => (error ? reject(error) : resolve())));
    }
  }

  function flushed(): Promise<void> {
    if (failure) return Promise.reject(failure);
    if (waiting.length === 0) return running ?? Promise.resolve();
    // A sync under way does not cover lines that came after its write.
    const next = (running ?? Promise.resolve()).then(run);
    running = next;
    const forget = () => {
      if (running === next) running = undefined;
    };
    next.then(forget, (error: Error) => {
      failure = error;
    });
    return next;
  }

  return {
    entries,
    append(entry) {
      waiting.push(`${JSON.stringify(entry)}\n`);
      return flushed();
    },
    flushed,
    async close() {
      await flushed();
      closeSync(fd);
    },
  };
}

function readEntries<T>(file: string, fd: number): T[] {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < fstatSync(fd).size) ftruncateSync(fd, end);
  const lines = bytes.subarray(0, end).toString('utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as T);
}

function writeAll(fd: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, 0, bytes.length, null, (error, written) => {
      if (error) reject(error);
      else if (written < bytes.length) writeAll(fd, bytes.subarray(written)).then(resolve, reject);
      else resolve();
    });
  });
}
