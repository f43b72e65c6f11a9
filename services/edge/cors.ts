import type { Request, Response } from 'express';

/** What a page may read of an answer besides the harmless headers. */
const EXPOSED = 'ETag, Location, Preference-Applied, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, traceparent';
const REQUESTED =
  'Accept, Authorization, CNPJ, Content-Type, Idempotency-Key, If-None-Match, Prefer, TOKEN, TokenAuthTSS, traceparent, x-auth-token';
const PREFLIGHT_S = 600;

export interface CrossOrigin {
  /** On every answer. */
  mark(req: Request, res: Response): void;
  /** On the answer to OPTIONS of a path that has these methods. */
  preflight(req: Request, res: Response, allow: string): void;
}

/**
 * Pages of other origins may call only where the operator names their origin; without names no answer ever has an Access-Control header. Never
 * with cookies: a session is a header that the page itself must have.
 */
export function crossOriginOf(origins: readonly string[]): CrossOrigin {
  const allowed = new Set(origins);
  const isAllowed = (req: Request) => allowed.has(req.get('origin') ?? '');
  return {
    mark(req, res) {
      if (allowed.size === 0) return;
      res.vary('Origin');
      if (isAllowed(req)) res.set({ 'Access-Control-Allow-Origin': req.get('origin') ?? '', 'Access-Control-Expose-Headers': EXPOSED });
    },
    preflight(req, res, allow) {
      if (!isAllowed(req) || req.get('access-control-request-method') === undefined) return;
      res.set({
        'Access-Control-Allow-Methods': allow,
        'Access-Control-Allow-Headers': REQUESTED,
        'Access-Control-Max-Age': String(PREFLIGHT_S),
      });
    },
  };
}
