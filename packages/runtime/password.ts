import { type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { systemClock } from './clock.ts';

/** OWASP's scrypt setting with 16 MiB; runs on libuv's pool, some 100–200 ms. */
const PARAMETERS = { N: 16384, r: 8, p: 5 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const MAX_MEMORY = 64 * 1024 * 1024;

interface Stored {
  N: number;
  r: number;
  p: number;
  /** base64url. */
  salt: string;
  hash: Buffer;
}

export interface HashOptions {
  random?: (n: number) => Buffer;
  /**
   * A hash whose salt the new one takes over, so that one derivation checks a secret against both. Only for secrets of full random strength: a
   * salt is there for those that people choose.
   */
  besides?: string;
}

/** `scrypt$N$r$p$salt$hash` (base64url) of a secret; a new salt each time, unless it stands beside another hash. */
export async function hashSecret(secret: string, { random = systemClock.random, besides }: HashOptions = {}): Promise<string> {
  const other = besides === undefined ? undefined : parse(besides);
  const salt = other && sameWork(other, PARAMETERS) ? Buffer.from(other.salt, 'base64url') : random(SALT_BYTES);
  const hash = await derive(secret, salt, HASH_BYTES, PARAMETERS);
  const { N, r, p } = PARAMETERS;
  return `scrypt$${N}$${r}$${p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

/**
 * Which of `stored` the secret made; -1: none, also where one has another form. Every one is compared, in constant time, and hashes with one salt
 * cost one derivation: how long it takes does not tell which of them matched.
 */
export async function matchSecret(secret: string, stored: readonly string[]): Promise<number> {
  const hashes = stored.map(parse);
  const derived = new Map<string, Promise<Buffer | undefined>>();
  const work = ({ N, r, p, salt, hash }: Stored) => {
    const name = `${N}.${r}.${p}.${hash.length}.${salt}`;
    const known = derived.get(name) ?? derive(secret, Buffer.from(salt, 'base64url'), hash.length, { N, r, p }).catch(() => undefined);
    derived.set(name, known);
    return known;
  };
  const made = await Promise.all(hashes.map((each) => each && work(each)));
  return hashes.reduce((found, each, index) => {
    const actual = made[index];
    const matches = each !== undefined && actual !== undefined && timingSafeEqual(actual, each.hash);
    return matches && found < 0 ? index : found;
  }, -1);
}

function parse(stored: string): Stored | undefined {
  const [, N, r, p, salt, hash] = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([\w-]{22,})\$([\w-]{43,})$/.exec(stored) ?? [];
  return salt && hash ? { N: Number(N), r: Number(r), p: Number(p), salt, hash: Buffer.from(hash, 'base64url') } : undefined;
}

const sameWork = (a: { N: number; r: number; p: number }, b: typeof a) => a.N === b.N && a.r === b.r && a.p === b.p;

function derive(secret: string, salt: Buffer, bytes: number, parameters: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // NFC: the same accented password typed on two systems must give the same bytes.
    scrypt(secret.normalize('NFC'), salt, bytes, { ...parameters, maxmem: MAX_MEMORY }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
