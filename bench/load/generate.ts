import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, type HttpConnection, openConnection } from './http-connection.ts';

/** What to send, and what to do with its answer. */
export interface Request {
  bytes: Buffer;
  onAnswer?: (answer: Answer, ms: number) => void;
}

export interface LoadResult {
  /** Milliseconds of each answered request: from the moment it was due (open loop) or was sent (closed loop). */
  latencies: number[];
  /** When each was answered, by performance.now(). */
  answeredAt: number[];
  /** Requests per status that was not expected; `error` for broken connections. */
  unexpected: Record<string, number>;
  from: number;
  to: number;
  /** CPU seconds of this process, which is the generator. */
  cpuS: number;
}

export interface LoadOptions {
  url: string;
  connections: number;
  seconds: number;
  next: () => Request;
  expected: (status: number) => boolean;
}

export interface ClosedLoopOptions extends LoadOptions {
  /** False holds a connection back for a moment. */
  mayGo?: () => boolean;
  /** True ends the load before its time. */
  isOver?: () => boolean;
}

/** Sends as fast as the answers come back, one request per connection at a time. */
export async function closedLoop({ mayGo = () => true, isOver = () => false, ...options }: ClosedLoopOptions): Promise<LoadResult> {
  return withConnections(options, async (connections, record, result) => {
    const until = result.from + options.seconds * 1_000;
    const work = async (connection: HttpConnection): Promise<void> => {
      while (performance.now() < until && !isOver()) {
        if (mayGo()) await record(connection, performance.now());
        else await pause(2);
      }
    };
    await Promise.all(connections.map(work));
  });
}

/** Sends `rate` requests per second, whatever becomes of them: a late answer delays no other, and its wait for a connection counts. */
export async function openLoop({ rate, ...options }: LoadOptions & { rate: number }): Promise<LoadResult> {
  return withConnections(options, async (connections, record, result) => {
    const free = [...connections];
    const late: number[] = [];
    const running = new Set<Promise<void>>();
    const dispatch = (): void => {
      while (free.length > 0 && late.length > 0) {
        const connection = free.pop() as HttpConnection;
        const one = record(connection, late.shift() as number).finally(() => {
          running.delete(one);
          free.push(connection);
          dispatch();
        });
        running.add(one);
      }
    };
    const total = Math.round(rate * options.seconds);
    for (let n = 0; n < total; ) {
      const now = performance.now();
      for (let due = dueAt(n); n < total && due <= now; due = dueAt(++n)) late.push(due);
      dispatch();
      await pause(1);
    }
    // Far behind: what is still to be sent has waited so long already, and need not be sent to be counted.
    const giveUpAt = performance.now() + options.seconds * 1_000;
    while (running.size > 0) {
      if (performance.now() > giveUpAt) for (const due of late.splice(0)) result.latencies.push(performance.now() - due);
      await Promise.race(running);
    }

    function dueAt(n: number): number {
      return result.from + (n * 1_000) / rate;
    }
  });
}

type Recorder = (connection: HttpConnection, since: number) => Promise<void>;

async function withConnections(
  { url, connections: count, next, expected }: LoadOptions,
  work: (connections: HttpConnection[], record: Recorder, result: LoadResult) => Promise<void>,
): Promise<LoadResult> {
  const connections = await Promise.all(Array.from({ length: count }, () => openConnection(url)));
  const cpu = process.cpuUsage();
  const result: LoadResult = { latencies: [], answeredAt: [], unexpected: {}, from: performance.now(), to: 0, cpuS: 0 };
  const count1 = (what: string) => {
    result.unexpected[what] = (result.unexpected[what] ?? 0) + 1;
  };
  const record: Recorder = async (connection, since) => {
    const { bytes, onAnswer } = next();
    try {
      const answer = await connection.send(bytes);
      const at = performance.now();
      if (expected(answer.status)) {
        result.latencies.push(at - since);
        result.answeredAt.push(at);
        onAnswer?.(answer, at - since);
      } else {
        count1(`${answer.status} ${answer.body.toString('utf8', 0, 160)}`);
        await pause(10);
      }
    } catch {
      count1('error');
      // The connection stays broken: without a pause its loop would spin.
      await pause(100);
    }
  };
  try {
    await work(connections, record, result);
    result.to = performance.now();
    const { user, system } = process.cpuUsage(cpu);
    result.cpuS = (user + system) / 1e6;
    return result;
  } finally {
    for (const connection of connections) connection.close();
  }
}
