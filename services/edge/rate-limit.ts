import { isIPv6 } from 'node:net';
import type { Response } from 'express';

/** Every window, and `retry_after` of the published body; the Retry-After header says what is really left. */
export const WINDOW_S = 300;

/** What is left of a window: `limit` calls per 5 min, `remaining` of them, `resetS` seconds to its end. */
export interface RateWindow {
  limit: number;
  remaining: number;
  resetS: number;
  exceeded: boolean;
}

/** The window after its `count`-th call. */
export function windowOf(limit: number, count: number, ttl: number): RateWindow {
  return { limit, remaining: Math.max(0, limit - count), resetS: Math.max(ttl, 1), exceeded: count > limit };
}

/** Of two windows the one that refuses, else the one with less left. */
export function tighter(a: RateWindow, b: RateWindow): RateWindow {
  if (a.exceeded !== b.exceeded) return a.exceeded ? a : b;
  return b.remaining < a.remaining ? b : a;
}

/**
 * Whom an address stands for: itself, an IPv4-mapped one its IPv4 address, any other IPv6 one its /64, which is what one customer gets: counted
 * one by one, nobody would ever reach a limit.
 */
export function originOf(ip: string | undefined): string {
  if (ip === undefined) return 'unknown';
  const [bare = ''] = ip.split('%', 1);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  if (mapped) return mapped;
  if (!isIPv6(bare)) return bare;
  const [head = '', tail] = bare.toLowerCase().split('::', 2);
  const groups = head === '' ? [] : head.split(':');
  // An embedded IPv4 address stands for two groups, and only in the lower half.
  const last = tail === undefined || tail === '' ? 0 : tail.split(':').length + (tail.includes('.') ? 1 : 0);
  if (tail !== undefined) while (groups.length < Math.min(4, 8 - last)) groups.push('0');
  if (groups.length < 4) groups.push(...(tail ?? '').split(':').slice(0, 4 - groups.length));
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** The RateLimit headers of a window. */
export function writeRateHeaders(res: Response, window: RateWindow): void {
  res.set({
    'RateLimit-Limit': String(window.limit),
    'RateLimit-Remaining': String(window.remaining),
    'RateLimit-Reset': String(window.resetS),
  });
}

/** The answer over the limit: this body is the published contract, so it is no problem document. */
export function refuseByRate(res: Response, window: RateWindow): void {
  writeRateHeaders(res, window);
  res.set('Retry-After', String(window.resetS));
  res.status(429).json({ message: 'Too Many Requests', error: { status_code: 429, retry_after: WINDOW_S } });
}
