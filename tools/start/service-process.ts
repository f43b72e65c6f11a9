import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { GuardedChild, ProcessGuard } from '@malote/devstack/process-guard';
import { prettyLog } from './pretty-log.ts';

export interface ServiceProcess {
  name: string;
  pid: number;
  /** The JSON line by which it said that it is up. */
  ready: Record<string, unknown>;
  child: GuardedChild;
}

export interface ServiceOptions {
  name: string;
  /** Script and its arguments, relative to the working copy. */
  args: string[];
  env: NodeJS.ProcessEnv;
  guard: ProcessGuard;
  cwd: string;
  logDir: string;
  /** Gets each line of its output, made readable. */
  show: (line: { text: string; important: boolean }) => void;
  /** Recognises the line by which it says that it is up. */
  isReady: (line: Record<string, unknown>) => boolean;
  timeoutMs?: number;
}

export class ServiceFailed extends Error {
  /** The last lines it printed. */
  output: string;
  constructor(message: string, output: string) {
    super(message);
    this.output = output;
  }
}

/** Starts one of our programs and waits until it says that it is up; its whole output goes to `<logDir>/<name>.log`. */
export async function startService(options: ServiceOptions): Promise<ServiceProcess> {
  mkdirSync(options.logDir, { recursive: true });
  const logFile = join(options.logDir, `${options.name}.log`);
  const log = createWriteStream(logFile, { flags: 'a' });
  const child = options.guard.spawn({ command: process.execPath, args: options.args, cwd: options.cwd, env: options.env });
  const last: string[] = [];
  let timer: NodeJS.Timeout | undefined;

  const up = new Promise<Record<string, unknown>>((resolve, reject) => {
    for (const stream of [child.process.stdout, child.process.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        log.write(`${line}\n`);
        last.push(line);
        if (last.length > 30) last.shift();
        const parsed = line.startsWith('{') ? tryParse(line) : undefined;
        if (parsed !== undefined && options.isReady(parsed)) resolve(parsed);
        options.show(prettyLog(options.name, line));
      });
    }
    void child.exited.then(({ code, signal }) => {
      log.end();
      // Its last lines are still in the pipe at this moment.
      setTimeout(() => reject(new ServiceFailed(`${options.name} ended (${signal ?? code}) before it was up`, last.join('\n'))), 200);
    });
    const timeoutMs = options.timeoutMs ?? 60_000;
    timer = setTimeout(() => {
      reject(new ServiceFailed(`${options.name} was not up after ${timeoutMs / 1000} s; its log: ${logFile}`, last.join('\n')));
    }, timeoutMs);
  });
  try {
    return { name: options.name, pid: child.pid, ready: await up, child };
  } finally {
    clearTimeout(timer);
  }
}

function tryParse(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
