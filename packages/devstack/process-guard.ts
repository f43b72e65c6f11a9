import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface Launch {
  command: string;
  args: string[];
  cwd?: string;
  /** The whole environment of the child. */
  env?: NodeJS.ProcessEnv;
  /** File that gets stdout and stderr (appended). Without it stdout and stderr are pipes of `child.process`. */
  logFile?: string;
}

/** A process that leads its own group, so that Ctrl-C in the terminal does not reach it and its children can be ended with it. */
export interface GuardedChild {
  pid: number;
  process: ChildProcess;
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  running(): boolean;
  /** Sends the signal to the whole group; nothing happens when it is gone. */
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after `graceMs`; returns when the process is gone. */
  stop(graceMs: number): Promise<void>;
}

export interface ProcessGuard {
  spawn(launch: Launch): GuardedChild;
  /** Ends what still runs (SIGKILL) and the guard itself. */
  close(): Promise<void>;
}

// Reads "+ group" and "- group" lines; at end of file (we are gone, even by SIGKILL) kills the groups that are left.
const WATCHDOG = `
trap '' INT TERM HUP
groups=''
while read -r sign group; do
  rest=''
  for known in $groups; do [ "$known" = "$group" ] || rest="$rest $known"; done
  groups="$rest"
  [ "$sign" = + ] && groups="$groups $group"
done
for group in $groups; do kill -9 -"$group" 2>/dev/null; done
exit 0`;

/**
 * Starts children that cannot outlive this process: a shell holds the other end of a pipe and kills their groups
 * when the pipe closes, which happens also when this process is killed with SIGKILL.
 */
export function createProcessGuard(): ProcessGuard {
  const watchdog = spawn('/bin/sh', ['-c', WATCHDOG], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  const gone = new Promise<void>((resolve) => watchdog.once('exit', () => resolve()));
  watchdog.on('error', () => {});
  watchdog.stdin.on('error', () => {});
  watchdog.unref();
  (watchdog.stdin as unknown as { unref(): void }).unref();
  const children = new Set<GuardedChild>();

  return {
    spawn(launch) {
      const child = spawnGroup(launch);
      watchdog.stdin.write(`+ ${child.pid}\n`);
      children.add(child);
      void child.exited.then(() => {
        children.delete(child);
        // What the leader left behind in its group must not survive it, and its number may be given to others.
        killGroup(child.pid, 'SIGKILL');
        watchdog.stdin.write(`- ${child.pid}\n`);
      });
      return child;
    },
    async close() {
      watchdog.ref();
      for (const child of children) {
        child.process.ref();
        child.kill('SIGKILL');
      }
      await Promise.all([...children].map((child) => child.exited));
      watchdog.stdin.end();
      await gone;
    },
  };
}

function spawnGroup(launch: Launch): GuardedChild {
  let log: number | undefined;
  if (launch.logFile !== undefined) {
    mkdirSync(dirname(launch.logFile), { recursive: true });
    log = openSync(launch.logFile, 'a');
  }
  const child = spawn(launch.command, launch.args, {
    cwd: launch.cwd,
    env: launch.env,
    detached: true,
    stdio: ['ignore', log ?? 'pipe', log ?? 'pipe'],
  });
  if (log !== undefined) closeSync(log);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('error', () => resolve({ code: 127, signal: null }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`cannot start ${launch.command}: not found or not executable`);
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    pid,
    process: child,
    exited,
    running,
    kill: (signal) => {
      if (running()) killGroup(pid, signal);
    },
    async stop(graceMs) {
      if (!running()) return;
      // Whoever waits for its end must not be cut short because nothing else keeps our event loop busy.
      child.ref();
      killGroup(pid, 'SIGTERM');
      // A stopped (SIGSTOP) process would sit on the SIGTERM.
      killGroup(pid, 'SIGCONT');
      const timer = new AbortController();
      await Promise.race([exited, delay(graceMs, undefined, { signal: timer.signal }).catch(() => {})]);
      timer.abort();
      if (running()) killGroup(pid, 'SIGKILL');
      await exited;
    },
  };
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
