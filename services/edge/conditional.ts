import { createHash } from 'node:crypto';
import type { Documento } from '@malote/store/documento';
import type { Exchange } from './exchange.ts';
import edge from './package.json' with { type: 'json' };

/**
 * The caller's own cache may keep it and has to ask before each use; a shared one may not keep what is of one account. `no-store`, as all
 * other answers have it, would make an ETag useless.
 */
const REVALIDATE = 'private, no-cache';
/** Appended by compress.ts: bytes that differ must not have the same strong tag. */
export const GZIP_SUFFIX = '-gzip';

/**
 * Answers 304 when the caller has this representation of this version, and is true then; nothing but the document has been read for it. The
 * release is part of the tag: another one may show the same version differently.
 */
export function answeredUnchanged(exchange: Exchange, documento: Documento, representation: 'json' | 'xml' | 'tentativas'): boolean {
  const tag = digest(`${edge.version} ${representation} ${documento._id} ${documento.version}`);
  return answeredHeld(exchange, `"${tag}"`);
}

/** Answers a list with a weak tag of what it says, or with 304. */
export function answerList(exchange: Exchange, page: object): void {
  const text = JSON.stringify(page);
  if (answeredHeld(exchange, `W/"${digest(text)}"`)) return;
  exchange.res.type('application/json').send(text);
}

/**
 * Express would do this in send(), but not where the request says Cache-Control: no-cache, which is meant for caches on the way and which fetch
 * adds to every conditional request.
 */
function answeredHeld({ req, res }: Exchange, etag: string): boolean {
  res.set({ ETag: etag, 'Cache-Control': REVALIDATE });
  const held = heldTag(req.get('if-none-match'), etag);
  if (held === undefined) return false;
  res.set('ETag', held).status(304).end();
  return true;
}

const digest = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 22);

/** The tag by which the caller holds `etag`. GET compares weakly (RFC 9110 §13.1.2), and a compressed answer is the same for this purpose. */
function heldTag(header: string | undefined, etag: string): string | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return etag;
  const [weak, plain] = etag.startsWith('W/') ? ['W/', etag.slice(2)] : ['', etag];
  const known = new Set([plain, plain.replace(/"$/, `${GZIP_SUFFIX}"`)]);
  const held = (header.match(/"[^"]*"/g) ?? []).find((tag) => known.has(tag));
  return held === undefined ? undefined : `${weak}${held}`;
}
