import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Redis } from '@malote/redis/connect';
import type { Clock } from '@malote/runtime/clock';
import { within } from '@malote/runtime/within';
import { Problem } from '../problems.ts';
import { type RateWindow, WINDOW_S } from '../rate-limit.ts';
import { basicText } from '../sessions.ts';

/** Lets a call with the operator's key pass. Throws the 401; answers the window of an address that failed too often. */
export type OperatorGuard = (address: string, headers: IncomingHttpHeaders) => Promise<RateWindow | undefined>;

export interface OperatorGuardDeps {
  key: string;
  redis: Redis;
  prefix: string;
  /** Wrong keys for each address in five minutes. */
  limit: number;
  clock: Pick<Clock, 'monotonic'>;
}

/** The page is for when servers are away: a Redis that hangs must not keep it from coming. */
const REDIS_WAIT_MS = 500;
const CHALLENGE = { 'WWW-Authenticate': 'Basic realm="Malote: chave de operador", charset="UTF-8"' };

/**
 * HTTP Basic with any user name and the key as password (browsers), or header `x-operator-key` (scripts), compared in constant time. Only
 * wrong keys are counted, so that a page that renews itself never locks its reader out; an address over the limit is refused even with
 * the right one. The header is believed first.
 */
export function createOperatorGuard({ key, redis, prefix, limit, clock }: OperatorGuardDeps): OperatorGuard {
  const wanted = digest(key);
  const count = failureCounter({ redis, prefix, clock });
  return async (address, headers) => {
    const before = await count(address, 0);
    if (before.n >= limit) return { limit, remaining: 0, resetS: before.resetS, exceeded: true };
    const given = keyOf(headers);
    if (given === undefined) {
      const how = 'Informe a chave de operador: como senha em Authorization: Basic (qualquer usuário), ou no cabeçalho x-operator-key.';
      throw new Problem('operador-nao-identificado', how, { headers: CHALLENGE });
    }
    if (timingSafeEqual(digest(given), wanted)) return undefined;
    await count(address, 1);
    throw new Problem('chave-de-operador-invalida', 'A chave de operador não confere.', { headers: CHALLENGE });
  };
}

function keyOf(headers: IncomingHttpHeaders): string | undefined {
  const own = headers['x-operator-key'];
  if (typeof own === 'string' && own !== '') return own;
  // Of any user, who may have left the user name empty.
  return /:(.*)$/s.exec(basicText(headers.authorization) ?? '')?.[1];
}

/** Equal lengths for the comparison. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const COUNT = `local n = tonumber(redis.call('GET', KEYS[1]) or '0')
if ARGV[1] == '1' then
  n = redis.call('INCR', KEYS[1])
  if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
end
return {n, redis.call('TTL', KEYS[1])}`;

type Count = (address: string, more: 0 | 1) => Promise<{ n: number; resetS: number }>;

/** Failures of an address in its window, over all edge processes; of this process alone while Redis is away. */
function failureCounter({ redis, prefix, clock }: Pick<OperatorGuardDeps, 'redis' | 'prefix' | 'clock'>): Count {
  const own = ownCounter(clock);
  return async (address, more) => {
    const asked = redis.eval(COUNT, 1, `${prefix}limite:operador:${address}`, more, WINDOW_S) as Promise<[number, number]>;
    const answer = await within(asked, REDIS_WAIT_MS, undefined).catch(() => undefined);
    if (!answer) return own(address, more);
    const [n, ttl] = answer;
    return { n, resetS: Math.max(ttl, 1) };
  };
}

const MOST_ADDRESSES = 10_000;

function ownCounter(clock: Pick<Clock, 'monotonic'>) {
  const windows = new Map<string, { n: number; until: number }>();
  return (address: string, more: 0 | 1) => {
    const now = clock.monotonic();
    const known = windows.get(address);
    const window = known && known.until > now ? known : { n: 0, until: now + WINDOW_S * 1000 };
    window.n += more;
    if (windows.size >= MOST_ADDRESSES) windows.clear();
    if (window.n > 0) windows.set(address, window);
    return { n: window.n, resetS: Math.ceil((window.until - now) / 1000) };
  };
}
