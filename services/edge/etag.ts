import { createHash } from 'node:crypto';

/** A strong ETag of a body. */
export function etagOf(body: string | Uint8Array): string {
  return `"${createHash('sha256').update(body).digest('base64url')}"`;
}

/**
 * True when If-None-Match names the ETag (RFC 9110 §13.1.2: weak comparison). Not Express's `req.fresh`: it gives way to the request's
 * `Cache-Control: no-cache`, which fetch adds to every conditional request.
 */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch?.trim() === '*') return true;
  return (ifNoneMatch ?? '').split(',').some((known) => known.trim().replace(/^W\//, '') === etag.replace(/^W\//, ''));
}
