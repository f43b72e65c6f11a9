import { networksOf } from '@malote/runtime/networks';
import type { Request } from 'express';

/**
 * True for callers in the networks of the operator. A call that came through a proxy which is not named in `trust proxy` is never near: its
 * address would be the proxy's, often that of this very machine, whoever calls.
 */
export function operatorIsNear(networks: string): (req: Request) => boolean {
  const contains = networksOf(networks);
  return (req) => {
    const forwarded = req.headers['x-forwarded-for'] !== undefined || req.headers.forwarded !== undefined;
    if (forwarded && req.ips.length === 0) return false;
    return req.ip !== undefined && contains(req.ip);
  };
}
