import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import type { GuardedChild, Launch, ProcessGuard } from './process-guard.ts';

/** One server of the stack. Tests stop, kill and start it again on the same port with the same data. */
export interface Server {
  readonly name: string;
  readonly port: number;
  /** Undefined while it does not run, and for a server that is not ours. */
  readonly pid: number | undefined;
  /** Sends a signal to the server's process group (SIGKILL, SIGSTOP, SIGCONT …). Throws for a server that is not ours. */
  kill(signal: NodeJS.Signals): void;
  /** Ends it in order (SIGTERM, then SIGKILL). */
  stop(): Promise<void>;
  /** Starts it again on the same port with the same data and returns when it serves. */
  start(): Promise<void>;
}

/** PEM files of a server that speaks TLS only. */
export interface ServerTls {
  /** Of 127.0.0.1. */
  certFile: string;
  keyFile: string;
  caFile: string;
}

export interface ServerSpec {
  name: string;
  /** How many ports it needs; the first one is its port. */
  ports: number;
  /** First choice of each port; the next free one is taken instead when somebody has it. */
  preferredPorts?: readonly number[];
  logFile: string;
  launch(ports: readonly number[]): Launch;
  /** Resolves when the server serves; throws while it does not yet. Must be sure that it talks to *our* server. */
  probe(ports: readonly number[], pid: number): Promise<void>;
  readyTimeoutMs: number;
  graceMs: number;
}

/** Starts the server on free ports; a port that somebody took in between is replaced by another (at most 5 times). */
export async function startServer(spec: ServerSpec, guard: ProcessGuard): Promise<Server> {
  let child: GuardedChild | undefined;
  let ports = await choosePorts(spec, true);

  const launchOnce = async (): Promise<void> => {
    const logStart = existsSync(spec.logFile) ? readFileSync(spec.logFile).length : 0;
    child = guard.spawn({ ...spec.launch(ports), logFile: spec.logFile });
    child.process.unref();
    await untilReady(spec, child, ports, logStart);
  };

  for (let tries = 1; ; tries++) {
    try {
      await launchOnce();
      break;
    } catch (error) {
      await child?.stop(1000);
      if (!(error instanceof PortTaken) || tries === 5) throw error;
      ports = await choosePorts(spec, tries < 3);
    }
  }

  return {
    name: spec.name,
    get port() {
      return ports[0] as number;
    },
    get pid() {
      return child?.running() ? child.pid : undefined;
    },
    kill(signal) {
      child?.kill(signal);
    },
    async stop() {
      await child?.stop(spec.graceMs);
    },
    async start() {
      if (child?.running()) return;
      await launchOnce();
    },
  };
}

/** A server somebody else runs (its URL was in the environment): nothing but its port can be asked. */
export function externalServer(name: string, url: string): Server {
  const refuse = (): never => {
    throw new Error(`${name} is not ours (its URL came from the environment): it cannot be stopped or started from here`);
  };
  return { name, port: Number(new URL(url).port), pid: undefined, kill: refuse, stop: async () => {}, start: async () => refuse() };
}

class PortTaken extends Error {}

async function choosePorts(spec: ServerSpec, asPreferred: boolean): Promise<number[]> {
  const chosen = new Set<number>();
  for (let n = 0; n < spec.ports; n++) chosen.add(await freePort(asPreferred ? spec.preferredPorts?.[n] : undefined, chosen));
  return [...chosen];
}

async function untilReady(spec: ServerSpec, child: GuardedChild, ports: readonly number[], logStart: number): Promise<void> {
  const startedAt = performance.now();
  let last: unknown = 'no answer yet';
  while (performance.now() - startedAt < spec.readyTimeoutMs) {
    if (!child.running()) {
      const tail = logTail(spec.logFile, logStart);
      if (/address already in use|eaddrinuse/i.test(tail)) throw new PortTaken(`${spec.name}: a port was taken meanwhile`);
      throw new Error(`${spec.name} ended while starting; its log (${spec.logFile}) ends with:\n${tail.slice(-2000)}`);
    }
    try {
      await spec.probe(ports, child.pid);
      return;
    } catch (error) {
      last = error;
    }
    await delay(50);
  }
  throw new Error(`${spec.name} did not serve within ${spec.readyTimeoutMs / 1000} s (${String(last)}); its log: ${spec.logFile}`);
}

function logTail(file: string, from: number): string {
  return existsSync(file) ? readFileSync(file).subarray(from).toString('utf8').slice(-20_000) : '';
}
