import { type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { systemClock } from './clock.ts';

/** OWASP's scrypt setting with 16 MiB; runs on libuv's pool, some 100–200 ms. */
const PARAMETERS = { N: 16384, r: 8, p: 5 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const MAX_MEMORY = 64 * 1024 * 1024;

/** `scrypt$N$r$p$salt$hash` (base64url) of a secret given by its owner; a new salt each time. */
export async function hashSecret(secret: string, random: (n: number) => Buffer = systemClock.random): Promise<string> {
  const salt = random(SALT_BYTES);
  const hash = await derive(secret, salt, HASH_BYTES, PARAMETERS);
  const { N, r, p } = PARAMETERS;
  return `scrypt$${N}$${r}$${p}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

/** True when `secret` made `stored`; compared in constant time. A `stored` of another form is false, never an exception. */
export async function verifySecret(secret: string, stored: string): Promise<boolean> {
  const [, N, r, p, salt, hash] = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([\w-]{22,})\$([\w-]{43,})$/.exec(stored) ?? [];
  if (!salt || !hash) return false;
  const expected = Buffer.from(hash, 'base64url');
  try {
    const actual = await derive(secret, Buffer.from(salt, 'base64url'), expected.length, { N: Number(N), r: Number(r), p: Number(p) });
    return timingSafeEqual(actual, expected);
  } catch {
    return false;
  }
}

function derive(secret: string, salt: Buffer, bytes: number, parameters: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // NFC: the same accented password typed on two systems must give the same bytes.
    scrypt(secret.normalize('NFC'), salt, bytes, { ...parameters, maxmem: MAX_MEMORY }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
