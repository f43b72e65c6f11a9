import { chaveEntidade, type Estabelecimento } from '@malote/fiscal/model/chave-entidade';
import type { Clock } from '@malote/runtime/clock';
import type { Redis } from './connect.ts';
import { trackRunId } from './run-id.ts';

/** An establishment of which some entity is blocked. */
export interface BlockedKey {
  conta: string;
  chave: string;
  contrato?: string;
}

export type Blocked = { contrato?: string };
type Where = { conta: string } & Estabelecimento;

export interface BlockListReader {
  /** Undefined: not blocked. Rejects only when the fallback does. */
  isBlocked(where: Where): Promise<Blocked | undefined>;
}

export interface BlockListWriter {
  /** Makes the list right for these keys, as MongoDB has them. True: no edge reads an older state there from now on. */
  update(of: { conta: string; chaves: readonly string[] }): Promise<boolean>;
  /** Builds the whole list anew. False: Redis is away, or another process was faster every time. */
  replace(): Promise<boolean>;
  /** Lets the list be trusted for another while, rebuilding it when it is not whole. `isPending`: some request may be under way. */
  keep(isPending: () => Promise<boolean>): Promise<boolean>;
}

/**
 * The list is one hash: whatever takes it away (a flush, an eviction, an end of its life) takes all of it, and its readers ask MongoDB. It
 * is trusted only with the run id of the server that holds it, since a server that came back may have lost its last writes, and never for
 * longer than this after MongoDB was read: a process that cannot reach Redis waits so long, and then knows that no edge trusts an older list.
 */
export const BLOCK_LIST_TTL_MS = 15_000;

const RUN = '#run';
const GENERATION = '#gen';
const TRIES = 5;
const CHUNK = 1_000;
const BUILDING_MS = 60_000;

const keyOf = (prefix: string) => `${prefix}bloqueios`;
const fieldOf = ({ conta, chave }: Pick<BlockedKey, 'conta' | 'chave'>) => `${conta}.${chave}`;

/** Who is blocked, by Redis while its list can be trusted, else by `fallback` (MongoDB). */
export function blockListReader(deps: {
  redis: Redis;
  prefix: string;
  fallback: (where: Where) => Promise<Blocked | undefined>;
}): BlockListReader {
  const { redis, prefix, fallback } = deps;
  const server = trackRunId(redis);
  const key = keyOf(prefix);
  return {
    async isBlocked(where) {
      const runId = server.current();
      if (runId === undefined) return fallback(where);
      const field = fieldOf({ conta: where.conta, chave: chaveEntidade(where) });
      const [run, contrato] = await redis.hmget(key, RUN, field).catch(() => []);
      if (run !== runId) return fallback(where);
      if (contrato === null || contrato === undefined) return undefined;
      return contrato === '' ? {} : { contrato };
    },
  };
}

/**
 * Every write is compared with the generation that was read before MongoDB was: whoever read it earlier cannot overwrite what somebody wrote
 * meanwhile from a later state. So any number of processes may write, a paused one too. Time is the server's own.
 */
const NOW = `local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
`;

const LOOK = `${NOW}return {redis.call('HGET', KEYS[1], '${GENERATION}') or '', tostring(now)}`;

const UPDATE = `if (redis.call('HGET', KEYS[1], '${GENERATION}') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], '${GENERATION}', ARGV[2])
for n = 4, #ARGV, 2 do
  if ARGV[n + 1] == '-' then redis.call('HDEL', KEYS[1], ARGV[n])
  else redis.call('HSET', KEYS[1], ARGV[n], string.sub(ARGV[n + 1], 2)) end
end
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 1`;

const SWAP = `${NOW}local left = ARGV[2] - now
if left <= 0 or (redis.call('HGET', KEYS[1], '${GENERATION}') or '') ~= ARGV[1] then
  redis.call('UNLINK', KEYS[2])
  return 0
end
redis.call('UNLINK', KEYS[1])
redis.call('RENAME', KEYS[2], KEYS[1])
redis.call('PEXPIRE', KEYS[1], left)
return 1`;

const KEEP = `${NOW}local left = ARGV[3] - now
if left <= 0 then return 0 end
if redis.call('HGET', KEYS[1], '${RUN}') ~= ARGV[1] then return 0 end
if redis.call('HGET', KEYS[1], '${GENERATION}') ~= ARGV[2] then return 0 end
return redis.call('PEXPIRE', KEYS[1], left)`;

export interface BlockListWriterDeps {
  redis: Redis;
  prefix: string;
  clock: Clock;
  /** The blocked keys as MongoDB has them now: all, or those of an account among the given ones. */
  read: (of?: { conta: string; chaves: readonly string[] }) => Promise<BlockedKey[]>;
}

/** What a write hangs on. */
interface Seen {
  runId: string;
  generation: string;
  /** Until when, by the server's clock, what is read from now on may be trusted. */
  until: number;
}

export function blockListWriter({ redis, prefix, clock, read }: BlockListWriterDeps): BlockListWriter {
  const server = trackRunId(redis);
  const key = keyOf(prefix);

  /** Undefined while Redis is away. */
  async function look(): Promise<Seen | undefined> {
    const runId = server.current();
    const answer = runId === undefined ? undefined : await redis.eval(LOOK, 1, key).catch(() => undefined);
    if (runId === undefined || answer === undefined) return undefined;
    const [generation, now] = answer as [string, string];
    return { runId, generation, until: Number(now) + BLOCK_LIST_TTL_MS };
  }
  const run = async (script: string, keys: string[], args: (string | number)[]) =>
    (await redis.eval(script, keys.length, ...keys, ...args).catch(() => 0)) === 1;

  /** False while Redis is away; an error of `read` is the caller's. */
  async function attempt(once: (seen: Seen) => Promise<boolean>): Promise<boolean> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const seen = await look();
      if (!seen) return false;
      if (await once(seen)) return true;
    }
    return false;
  }

  const replace = () =>
    attempt(async ({ runId, generation, until }) => {
      const rows = await read();
      const building = `${key}:${clock.uuid()}`;
      const fields = [RUN, runId, GENERATION, clock.uuid(), ...rows.flatMap((row) => [fieldOf(row), row.contrato ?? ''])];
      for (let from = 0; from < fields.length; from += CHUNK * 2) {
        const written = redis
          .multi()
          .hset(building, ...fields.slice(from, from + CHUNK * 2))
          .pexpire(building, BUILDING_MS);
        if ((await written.exec().catch(() => null)) === null) return false;
      }
      return run(SWAP, [key, building], [generation, until]);
    });

  return {
    replace,
    update: (of) =>
      attempt(async ({ generation }) => {
        const blocked = new Map((await read(of)).map((row) => [row.chave, row.contrato ?? '']));
        const changes = of.chaves.flatMap((chave) => {
          const contrato = blocked.get(chave);
          return [fieldOf({ conta: of.conta, chave }), contrato === undefined ? '-' : `+${contrato}`];
        });
        return run(UPDATE, [key], [generation, clock.uuid(), BLOCK_LIST_TTL_MS, ...changes]);
      }),
    async keep(isPending) {
      const seen = await look();
      if (!seen) return false;
      const { runId, generation, until } = seen;
      return (!(await isPending()) && (await run(KEEP, [key], [runId, generation, until]))) || replace();
    },
  };
}
