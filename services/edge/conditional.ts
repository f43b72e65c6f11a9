import { VERSION } from '@malote/runtime/version';
import { etagOf, knownTag } from './etag.ts';
import type { Exchange } from './exchange.ts';

/**
 * The caller's own cache may keep it and has to ask before each use; a shared one may not keep what is of one account. `no-store`, as all
 * other answers have it, would make an ETag useless.
 */
export const REVALIDATE = 'private, no-cache';

/**
 * Answers 304 when the caller has this representation of this version, and is true then; nothing but the document has been read for it. The
 * release is part of the tag: another one may show the same version differently.
 */
export function answeredUnchanged(
  exchange: Exchange,
  record: { _id: string; version: number },
  representation: 'json' | 'xml' | 'tentativas',
): boolean {
  return answeredKnown(exchange, etagOf(`${VERSION} ${representation} ${record._id} ${record.version}`), REVALIDATE);
}

/** Answers a list with a weak tag of what it says, or with 304. */
export function answerList(exchange: Exchange, page: object): void {
  const text = JSON.stringify(page);
  if (answeredKnown(exchange, `W/${etagOf(text)}`, REVALIDATE)) return;
  exchange.res.type('application/json').send(text);
}

/** Says the ETag and who may keep the answer for how long; answers 304 and is true when the caller has what it names. */
export function answeredKnown({ req, res }: Exchange, etag: string, cacheControl: string): boolean {
  res.set({ ETag: etag, 'Cache-Control': cacheControl });
  const known = knownTag(req.get('if-none-match'), etag);
  if (known === undefined) return false;
  res.set('ETag', known).status(304).end();
  return true;
}
