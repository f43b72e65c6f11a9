import { hash } from 'node:crypto';
import type { Redis } from '@malote/redis/connect';
import type { RateWindow } from './rate-limit.ts';
import { available } from './sessions.ts';

/** Who tries to say who they are. */
export interface Attempt {
  /** What is tried: `credencial:<token>` or `entidade:<TOKEN>`. Whether it exists plays no part. */
  subject: string;
  /** The address of rate-limit.ts. */
  origin: string;
}

/** Seconds of the locks that a failure brought about; 0: none. */
export interface Locked {
  subject: number;
  origin: number;
}

/** Refuses who failed too often, before anything is checked. */
export interface Lockout {
  /** The window of a refusal; undefined: may try. */
  check(attempt: Attempt): Promise<RateWindow | undefined>;
  failed(attempt: Attempt): Promise<Locked>;
  succeeded(attempt: Attempt): Promise<void>;
}

export interface LockoutDeps {
  redis: Redis;
  prefix: string;
  /** Failures in a row until a token, or an address, has to wait. */
  limits: { subject: number; origin: number };
}

/** The first wait; each further failure doubles it, up to the last one. */
const FIRST_S = 60;
const LONGEST_S = 900;
/** So long after the last failure they are forgotten. */
const FORGOTTEN_S = 3_600;
/** So long after its last success a token is known at its address. */
const KNOWN_S = 30 * 86_400;

const CHECK = `local own = redis.call('TTL', KEYS[1])
if own >= 0 then return {1, own} end
local address = redis.call('TTL', KEYS[2])
if address >= 0 and redis.call('EXISTS', KEYS[3]) == 0 then return {2, address} end
return {0, 0}`;

const FAILED = `local function count(failures, lock, limit)
  local n = redis.call('INCR', failures)
  redis.call('EXPIRE', failures, ARGV[5])
  if n < tonumber(limit) then return 0 end
  local seconds = string.format('%d', math.min(ARGV[3] * 2 ^ math.min(n - limit, 10), tonumber(ARGV[4])))
  redis.call('SET', lock, n, 'EX', seconds)
  return tonumber(seconds)
end
return {count(KEYS[1], KEYS[2], ARGV[1]), count(KEYS[3], KEYS[4], ARGV[2])}`;

/**
 * Failures are counted in Redis, for every edge at once, for each token and for each address. After too many the answer is the 429 of the rate
 * limits for a while that doubles with every further failure; nothing is checked meanwhile, so that the right secret is told no more than a wrong
 * one. The lock of an address spares the tokens that were right from there: one till with an old secret must not stop the shop.
 */
export function createLockout({ redis, prefix, limits }: LockoutDeps): Lockout {
  const keysOf = ({ subject, origin }: Attempt) => {
    const own = `${prefix}trava:${hash('sha256', subject)}`;
    const address = `${prefix}trava:ip:${origin}`;
    return { failures: `${own}:falhas`, lock: own, originFailures: `${address}:falhas`, originLock: address, known: `${own}:em:${origin}` };
  };
  return {
    async check(attempt) {
      const { lock, originLock, known } = keysOf(attempt);
      const [which, seconds] = (await available(() => redis.eval(CHECK, 3, lock, originLock, known))) as [0 | 1 | 2, number];
      if (which === 0) return undefined;
      return { limit: which === 1 ? limits.subject : limits.origin, remaining: 0, resetS: Math.max(seconds, 1), exceeded: true };
    },
    async failed(attempt) {
      const { failures, lock, originFailures, originLock } = keysOf(attempt);
      const keys = [failures, lock, originFailures, originLock];
      const args = [limits.subject, limits.origin, FIRST_S, LONGEST_S, FORGOTTEN_S];
      const [subject, origin] = (await available(() => redis.eval(FAILED, keys.length, ...keys, ...args))) as [number, number];
      return { subject, origin };
    },
    async succeeded(attempt) {
      const { failures, known } = keysOf(attempt);
      await available(() => redis.multi().del(failures).set(known, 1, 'EX', KNOWN_S).exec());
    },
  };
}
