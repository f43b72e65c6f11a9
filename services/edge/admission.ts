import type { Redis } from '@malote/redis/connect';
import { type RateWindow, tighter, WINDOW_S, windowOf } from './rate-limit.ts';
import { available, readSession, type Session, sessionKey } from './sessions.ts';
import type { Standing } from './standing.ts';

/** A call before anything of it is believed. */
export interface Arrival {
  /** Who counts: the address of rate-origin.ts. */
  origin: string;
  /** `session`: the small window of the session routes; `general`: the windows per address and per account. */
  limit: 'session' | 'general';
  /** Only of routes that need a session. */
  token?: string | undefined;
}

export interface Admission {
  /** Of the windows the call was counted in, the one that has less left. */
  window: RateWindow;
  /** The live session of the token, its life renewed. Never set when the address is over its limit. */
  session?: Session;
}

export interface Admit {
  (arrival: Arrival): Promise<Admission>;
  /** Counts a call whose account was not known when it arrived; `window` is that of its arrival. */
  count(conta: string, window: RateWindow): Promise<RateWindow>;
}

export interface AdmissionDeps {
  redis: Redis;
  prefix: string;
  sessionTtlS: number;
  limits: { sessao: number; ip: number; conta: number };
  standing: Pick<Standing, 'lives'>;
  now: () => Date;
}

// KEYS: window of the address, session (may be absent). ARGV: window length, limit of the address, life of a session, key prefix of the
// accounts' windows (empty: not counted). Counting and expiry are one step: a counter without expiry would lock an address out for ever. The
// account's key is known only once the session has been read, so it cannot be in KEYS; one server, not a cluster, holds them all.
const ADMIT = `local function count(key)
  local n = redis.call('INCR', key)
  if n == 1 then redis.call('EXPIRE', key, ARGV[1]) end
  return n, redis.call('TTL', key)
end
local n, ttl = count(KEYS[1])
if n > tonumber(ARGV[2]) or not KEYS[2] then return {n, ttl} end
local session = redis.call('GETEX', KEYS[2], 'EX', ARGV[3])
if not session or ARGV[4] == '' then return {n, ttl, session} end
return {n, ttl, session, count(ARGV[4] .. cjson.decode(session).conta)}`;

const COUNT = `local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {n, redis.call('TTL', KEYS[1])}`;

/**
 * Session and rate limits in one round trip: the address is counted first, whoever calls; the session is read only below that limit; its
 * account is counted last. Fixed windows of 5 minutes in Redis, so that every edge process counts in the same ones. Whether the session's account
 * and credential still stand is known in this process (standing.ts).
 */
export function createAdmission({ redis, prefix, sessionTtlS, limits, now, standing }: AdmissionDeps): Admit {
  const accounts = `${prefix}limite:conta:`;
  const admit = async ({ origin, limit, token }: Arrival): Promise<Admission> => {
    const ofSession = limit === 'session';
    const addressLimit = ofSession ? limits.sessao : limits.ip;
    const address = `${prefix}limite:${ofSession ? 'sessao' : 'ip'}:${origin}`;
    const key = token === undefined ? undefined : sessionKey(prefix, token);
    const keys = key === undefined ? [address] : [address, key];
    const answer = await available(() =>
      redis.eval(ADMIT, keys.length, ...keys, WINDOW_S, addressLimit, sessionTtlS, ofSession ? '' : accounts),
    );
    const [count, ttl, stored, accountCount, accountTtl] = answer as [number, number, (string | null)?, number?, number?];
    const ofAddress = windowOf(addressLimit, count, ttl);
    const window =
      accountCount === undefined ? ofAddress : tighter(ofAddress, windowOf(limits.conta, accountCount, accountTtl ?? WINDOW_S));
    if (!stored) return { window };
    const { session, geracoes } = readSession(stored, new Date(now().getTime() + sessionTtlS * 1000));
    return (await standing.lives(session, geracoes)) ? { window, session } : { window };
  };
  const count = async (conta: string, window: RateWindow) => {
    const [n, ttl] = (await available(() => redis.eval(COUNT, 1, `${accounts}${conta}`, WINDOW_S))) as [number, number];
    return tighter(window, windowOf(limits.conta, n, ttl));
  };
  return Object.assign(admit, { count });
}
