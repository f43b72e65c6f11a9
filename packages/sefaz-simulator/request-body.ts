import type { IncomingMessage } from 'node:http';

const MAX_BODY = 2 * 1024 * 1024;

/** The whole body; undefined when it is larger than any SEFAZ reads. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY) chunks.push(chunk);
  }
  return size > MAX_BODY ? undefined : Buffer.concat(chunks);
}
