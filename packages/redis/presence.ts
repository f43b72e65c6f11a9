import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '@malote/runtime/clock';
import type { ErrorLine } from '@malote/runtime/error-ring';
import { type Check, runChecks } from '@malote/runtime/health';
import { VERSION } from '@malote/runtime/version';
import type { Redis } from './connect.ts';

/** Who a process is: the same as long as it lives. */
export interface ProcessIdentity {
  service: string;
  id: string;
  host: string;
  pid: number;
  version: string;
  startedAt: string;
}

export type Phase = 'starting' | 'running' | 'ending' | 'failed';

/** A circuit of a process, as the sefaz package tells it. */
export interface BreakerFacts {
  autorizador: string;
  service: string;
  ambiente: '1' | '2';
  state: 'closed' | 'half-open' | 'open';
  since: string;
}

export interface BrokerFacts {
  publishing: boolean;
  /** RabbitMQ's reason while it refuses publishes. */
  blocked?: string | undefined;
  /** Messages delivered to this process and not answered yet; queues without any are left out. */
  inFlight: Record<string, number>;
}

/** What a process says of itself every few seconds. */
export interface Beat extends ProcessIdentity {
  phase: Phase;
  /** The failing checks by name; none: ready. */
  failing: Record<string, string>;
  breakers: BreakerFacts[];
  errors: ErrorLine[];
  broker?: BrokerFacts;
}

/** What a running process can be asked for a beat. */
export interface PresenceFacts {
  checks: Record<string, Check>;
  breakers?: () => (Omit<BreakerFacts, 'since'> & { since: Date })[];
  broker?: () => { publishing: boolean; blocked: string | undefined; consumers: { queue: string; inFlight: number }[] };
}

export interface PresenceOptions {
  redis: Redis;
  prefix: string;
  clock: Clock;
  service: string;
  errors: { lines(): ErrorLine[] };
  /** Aborted when the shutdown begins: the process is ending from then on. */
  signal?: AbortSignal;
  times?: PresenceTimes;
}

export interface Presence {
  id: string;
  /** From now on the process is up, and these are asked for every beat. */
  running(facts: PresenceFacts): void;
  /** What would be said now. */
  now(): Promise<Beat>;
  /** Says goodbye. With a fatal line among the errors it leaves that for a minute instead: a crash is not an orderly end. */
  stop(): Promise<void>;
}

export interface PresenceTimes {
  /** Between two beats. */
  everyMs: number;
  /** Life of a beat: whoever misses three is gone. */
  ttlMs: number;
  /** How long a process that went without a goodbye is still told of. */
  vanishedMs: number;
}

export const PRESENCE_TIMES: PresenceTimes = { everyMs: 5_000, ttlMs: 20_000, vanishedMs: 60_000 };

export const beatKey = (prefix: string, { service, id }: Pick<ProcessIdentity, 'service' | 'id'>) => `${prefix}processo:${service}:${id}`;
export const seenKey = (prefix: string) => `${prefix}processos`;

// Redis' own clock, so that two machines whose clocks differ are told of alike. The set keeps who was there after the beat has run out.
const BEAT = `local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('ZADD', KEYS[2], now, ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[4])
redis.call('PEXPIRE', KEYS[2], ARGV[4])`;

/** Beats from now on, best effort: while Redis is away nothing happens, and nothing waits for it. */
export function startPresence(options: PresenceOptions): Presence {
  const { redis, prefix, service, clock, errors, times = PRESENCE_TIMES } = options;
  const keptMs = times.ttlMs + times.vanishedMs;
  const startedAt = clock.now().toISOString();
  const identity: ProcessIdentity = { service, id: clock.uuid(), host: hostname(), pid: process.pid, version: VERSION, startedAt };
  const key = beatKey(prefix, identity);
  const seen = seenKey(prefix);
  const member = JSON.stringify(identity);
  const stopping = new AbortController();
  let phase: Phase = 'starting';
  let facts: PresenceFacts | undefined;
  let wake = new AbortController();

  async function beat(ttlMs = times.ttlMs): Promise<void> {
    try {
      const json = JSON.stringify(await takeBeat());
      if (redis.status === 'ready') await redis.eval(BEAT, 2, key, seen, json, ttlMs, member, keptMs);
    } catch {
      // The connection says so once, and the next beat is the next try.
    }
  }

  async function takeBeat(): Promise<Beat> {
    const results = facts && phase === 'running' ? await runChecks(facts.checks) : {};
    const state = facts?.broker?.();
    return {
      ...identity,
      phase,
      failing: Object.fromEntries(Object.entries(results).filter((entry): entry is [string, string] => entry[1] !== true)),
      breakers: (facts?.breakers?.() ?? []).map((breaker) => ({ ...breaker, since: breaker.since.toISOString() })),
      errors: errors.lines(),
      ...(state ? { broker: { publishing: state.publishing, blocked: state.blocked, inFlight: inFlightOf(state.consumers) } } : {}),
    };
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      wake = new AbortController();
      await beat();
      await pause(times.everyMs, undefined, { ref: false, signal: AbortSignal.any([stopping.signal, wake.signal]) }).catch(() => {});
    }
  }

  options.signal?.addEventListener('abort', () => {
    phase = 'ending';
    wake.abort();
  });
  const beating = run();
  return {
    id: identity.id,
    running(given) {
      facts = given;
      if (phase === 'starting') phase = 'running';
      wake.abort();
    },
    now: takeBeat,
    async stop() {
      stopping.abort();
      await beating;
      if (errors.lines().some(({ level }) => level === 'fatal')) {
        phase = 'failed';
        return beat(keptMs);
      }
      if (redis.status !== 'ready') return;
      await Promise.allSettled([redis.del(key), redis.zrem(seen, member)]);
    },
  };
}

function inFlightOf(consumers: { queue: string; inFlight: number }[]): Record<string, number> {
  return Object.fromEntries(consumers.filter(({ inFlight }) => inFlight > 0).map(({ queue, inFlight }) => [queue, inFlight]));
}
