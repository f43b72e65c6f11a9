import { hash } from 'node:crypto';

/** Ends the strong tag of what compress.ts has compressed: bytes that differ must not have the same one. */
export const GZIP_SUFFIX = '-gzip';

/** A strong ETag of a body. */
export function etagOf(body: string | Uint8Array): string {
  return `"${hash('sha256', body, 'base64url')}"`;
}

/**
 * The tag by which If-None-Match names the ETag (RFC 9110 §13.1.2: weak comparison; a compressed body is the same here), to be repeated in the
 * 304. Not Express's `req.fresh`: it gives way to the request's `Cache-Control: no-cache`, which fetch adds to every conditional request.
 */
export function knownTag(ifNoneMatch: string | undefined, etag: string): string | undefined {
  if (ifNoneMatch?.trim() === '*') return etag;
  const wanted = bare(etag);
  const known = (ifNoneMatch ?? '')
    .split(',')
    .map((tag) => tag.trim())
    .find((tag) => bare(tag) === wanted);
  if (known === undefined) return undefined;
  return etag.startsWith('W/') ? etag : known.replace(/^W\//, '');
}

const bare = (tag: string) => tag.replace(/^W\//, '').replace(`${GZIP_SUFFIX}"`, '"');
