import { gzip } from 'node:zlib';
import type { Request, Response } from 'express';
import { GZIP_SUFFIX } from './etag.ts';

/** Below this a packet is sent anyway. */
const MIN_BYTES = 1024;
/** 6 saves 5 % more of a document and takes half as long again. */
const LEVEL = 3;
const COMPRESSIBLE = /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml)\b)/;

/**
 * From here on what `res.send` and `res.json` answer is compressed where the caller accepts gzip and it is worth it. Never to be called for
 * an answer that holds a session token: what is beside it in the answer could be chosen by somebody who watches its length (BREACH).
 */
export function compressAnswer(req: Request, res: Response): void {
  res.vary('Accept-Encoding');
  if (req.acceptsEncodings('gzip', 'identity') !== 'gzip') return;
  const send = res.send.bind(res);
  res.send = (body: unknown) => {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const type = res.get('Content-Type') ?? '';
    if (!Buffer.isBuffer(bytes) || bytes.length < MIN_BYTES || !COMPRESSIBLE.test(type) || res.get('Content-Encoding')) return send(body);
    gzip(bytes, { level: LEVEL }, (error, packed) => {
      if (error) return void send(body);
      // Express adds the charset to text only, and this is none any more.
      if (typeof body === 'string' && !/charset=/i.test(type)) res.setHeader('Content-Type', `${type}; charset=utf-8`);
      const tag = res.get('ETag');
      if (tag && !tag.startsWith('W/')) res.set('ETag', tag.replace(/"$/, `${GZIP_SUFFIX}"`));
      res.set('Content-Encoding', 'gzip');
      send(packed);
    });
    return res;
  };
}
