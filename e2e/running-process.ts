import { createInterface } from 'node:readline';
import type { GuardedChild, ProcessGuard } from '@malote/devstack/process-guard';

export type LogLine = Record<string, unknown>;

export interface RunningProcess {
  child: GuardedChild;
  /** The line by which it said that it is up. */
  ready: LogLine;
  /** Every JSON line it has printed so far. */
  lines: LogLine[];
  /** Every other line: what Node itself says, a stack. */
  rest: string[];
}

export interface ProcessOptions {
  name: string;
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  isUp: (line: LogLine) => boolean;
}

const KEPT_LINES = 40;

/** Starts one of our programs and waits for the line that says it is up; its end before that rejects with what it printed last. */
export function startProcess(guard: ProcessGuard, { name, args, cwd, env, isUp }: ProcessOptions): Promise<RunningProcess> {
  const child = guard.spawn({ command: process.execPath, args, cwd, env });
  const lines: LogLine[] = [];
  const rest: string[] = [];
  const last: string[] = [];
  return new Promise((resolve, reject) => {
    for (const stream of [child.process.stdout, child.process.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (text) => {
        last.push(text);
        if (last.length > KEPT_LINES) last.shift();
        const line = parse(text);
        if (!line) return void rest.push(text);
        lines.push(line);
        if (isUp(line)) resolve({ child, ready: line, lines, rest });
      });
    }
    // 'close' comes after the pipes are drained, so that the last lines are there.
    child.process.once('close', (code, signal) => reject(new Error(`${name} ended (${signal ?? code}):\n${last.join('\n')}`)));
  });
}

function parse(text: string): LogLine | undefined {
  try {
    return text.startsWith('{') ? (JSON.parse(text) as LogLine) : undefined;
  } catch {
    return undefined;
  }
}
