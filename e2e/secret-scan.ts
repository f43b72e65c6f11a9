import { zstdDecompressSync } from 'node:zlib';
import type { Redis } from '@malote/redis/connect';
import type { Db } from 'mongodb';

/** A secret in one of the forms it could be written in. */
export interface Needle {
  secret: string;
  form: string;
  bytes: Buffer;
}

/** Something that was written somewhere. */
export interface Piece {
  where: string;
  bytes: Buffer;
}

/** A text, as it is and as base64, hexadecimal or an address would have it. */
export function textNeedles(secret: string, text: string): Needle[] {
  const bytes = Buffer.from(text);
  const escaped = encodeURIComponent(text);
  return [
    { secret, form: 'text', bytes },
    ...bytesNeedles(secret, bytes).filter(({ form }) => form !== 'bytes'),
    ...(escaped === text ? [] : [{ secret, form: 'percent-encoded', bytes: Buffer.from(escaped) }]),
  ];
}

/**
 * Bytes, as they are, as hexadecimal and as base64 at each place of its groups of three. Of a long secret a part from its middle is enough to find
 * it: in a PEM as well, whose lines are wrapped.
 */
export function bytesNeedles(secret: string, whole: Buffer): Needle[] {
  const middle = Math.floor(whole.length / 2);
  const bytes = whole.length > 64 ? whole.subarray(middle, middle + 24) : whole;
  const shifted = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    // Characters that the neighbours have a part in are left out at both ends.
    return text.slice(shift === 0 ? 0 : shift + 1, Math.floor(((shift + bytes.length) * 8) / 6)).replace(/=+$/, '');
  });
  return [
    { secret, form: 'bytes', bytes },
    { secret, form: 'hex', bytes: Buffer.from(bytes.toString('hex')) },
    { secret, form: 'HEX', bytes: Buffer.from(bytes.toString('hex').toUpperCase()) },
    ...shifted.flatMap((text) => [
      { secret, form: 'base64', bytes: Buffer.from(text) },
      { secret, form: 'base64url', bytes: Buffer.from(text.replaceAll('+', '-').replaceAll('/', '_')) },
    ]),
  ];
}

/** Where which secret is, each once. */
export function findSecrets(pieces: readonly Piece[], needles: readonly Needle[]): string[] {
  // Line breaks of a PEM, plain and as JSON has them.
  const unwrapped = (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace(/\\r|\\n|[\r\n]/g, ''), 'latin1');
  const gap = Buffer.from([0]);
  const all = Buffer.concat(pieces.flatMap(({ bytes }) => [bytes, gap, unwrapped(bytes), gap]));
  const found = new Set<string>();
  for (const { secret, form, bytes: needle } of needles) {
    if (!all.includes(needle)) continue;
    for (const { where, bytes } of pieces)
      if (bytes.includes(needle) || unwrapped(bytes).includes(needle)) found.add(`${where}: ${secret} (${form})`);
  }
  return [...found].sort();
}

/** Everything of a database, names of fields included; what is compressed also as it reads. */
export async function databasePieces(db: Db): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for (const { name } of await db.listCollections().toArray()) {
    for await (const row of db.collection(name).find()) {
      const where = `mongodb ${name} ${String(row._id)}`;
      const add = (bytes: Buffer) => void pieces.push({ where, bytes });
      const texts: string[] = [];
      walk(row, texts, add);
      add(Buffer.from(texts.join('\n')));
    }
  }
  return pieces;
}

function walk(value: unknown, texts: string[], add: (bytes: Buffer) => void): void {
  if (typeof value === 'string') texts.push(value);
  const bytes = value instanceof Uint8Array ? value : (value as { buffer?: unknown } | null)?.buffer;
  if (bytes instanceof Uint8Array) {
    add(Buffer.from(bytes));
    try {
      add(zstdDecompressSync(bytes));
    } catch {
      // Not compressed.
    }
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    texts.push(key);
    walk(child, texts, add);
  }
}

const READ: Record<string, (redis: Redis, key: string) => Promise<unknown>> = {
  string: (redis, key) => redis.get(key),
  hash: (redis, key) => redis.hgetall(key),
  list: (redis, key) => redis.lrange(key, 0, -1),
  set: (redis, key) => redis.smembers(key),
  zset: (redis, key) => redis.zrange(key, '0', '-1'),
  stream: (redis, key) => redis.xrange(key, '-', '+'),
};

/** Every key of a prefix and what is in it. */
export async function redisPieces(redis: Redis, prefix: string): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1_000 })) {
    for (const key of keys as string[]) {
      const type = await redis.type(key);
      if (type === 'none') continue;
      const read = READ[type];
      if (!read) throw new Error(`a Redis key of a type that is not read here: ${key} ${type}`);
      pieces.push({ where: `redis ${key}`, bytes: Buffer.from(`${key}\n${JSON.stringify(await read(redis, key))}`) });
    }
  }
  return pieces;
}
