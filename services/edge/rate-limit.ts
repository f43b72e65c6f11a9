import type { Redis } from '@malote/redis/connect';
import type { Response } from 'express';
import { available } from './sessions.ts';

const WINDOW_S = 300;

// One round trip and atomic: a counter without expiry would lock an address out for ever.
const COUNT = `local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {n, redis.call('TTL', KEYS[1])}`;

/** What is left of a window: `limit` calls per 5 min, `remaining` of them, `resetS` seconds to its end. */
export interface Window {
  limit: number;
  remaining: number;
  resetS: number;
  exceeded: boolean;
}

export type RateLimit = (address: string) => Promise<Window>;

/** Counts calls per origin address in fixed windows of 5 minutes, over all edge processes. */
export function createRateLimit(deps: { redis: Redis; prefix: string; name: string; limit: number }): RateLimit {
  return async (address) => {
    const key = `${deps.prefix}limite:${deps.name}:${address}`;
    const [count, ttl] = (await available(() => deps.redis.eval(COUNT, 1, key, WINDOW_S))) as [number, number];
    return { limit: deps.limit, remaining: Math.max(0, deps.limit - count), resetS: Math.max(ttl, 1), exceeded: count > deps.limit };
  };
}

/** The RateLimit headers of a window. */
export function writeRateHeaders(res: Response, window: Window): void {
  res.set({
    'RateLimit-Limit': String(window.limit),
    'RateLimit-Remaining': String(window.remaining),
    'RateLimit-Reset': String(window.resetS),
  });
}

/** The answer over the limit: this body is the published contract, so it is no problem document. */
export function refuseByRate(res: Response, window: Window): void {
  writeRateHeaders(res, window);
  res.set('Retry-After', String(window.resetS));
  res.status(429).json({ message: 'Too Many Requests', error: { status_code: 429, retry_after: WINDOW_S } });
}
