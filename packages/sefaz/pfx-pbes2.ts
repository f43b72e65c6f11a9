import { createDecipheriv, pbkdf2Sync } from 'node:crypto';
import { type Asn1, der, integerOf, isInteger, items, octets, oidOf } from './pfx-asn1.ts';
import type { Budget } from './pfx-budget.ts';

export const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';

const PRF: Record<string, string> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};
const CIPHERS: Record<string, { name: string; keyBytes: number }> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyBytes: 24 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', keyBytes: 32 },
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', keyBytes: 24 },
};
/** Node's PBKDF2 does a round in a quarter of what one of the PKCS#12 derivation costs; a long key takes two of them. */
const COST = 0.5;

export interface Pbes2 {
  /** The plain bytes, or undefined where the password (bytes, one per character) does not fit. */
  open(data: string, password: string): string | undefined;
}

/**
 * The scheme that OpenSSL 3 and Windows write (RFC 8018 §6.2). With node:crypto: node-forge derives the key in JavaScript, which takes seconds
 * where the file asks for 600,000 iterations.
 * @returns undefined for a derivation or a cipher that is not of these
 */
export function readPbes2(parameters: Asn1, budget: Budget): Pbes2 | undefined {
  const [kdf, scheme] = items(parameters);
  const [kdfOid, kdfParameters] = items(kdf);
  const [schemeOid, iv] = items(scheme);
  const cipher = CIPHERS[oidOf(schemeOid)];
  const [salt, count, ...rest] = items(kdfParameters);
  const prf = rest.find((node) => !isInteger(node));
  const digest = prf ? PRF[oidOf(items(prf)[0])] : 'sha1';
  if (oidOf(kdfOid) !== PBKDF2 || !cipher || !digest || !count) return undefined;
  const { name, keyBytes } = cipher;
  const iterations = integerOf(count);
  return {
    open(data, password) {
      budget.spend(Math.ceil(iterations * COST));
      const key = pbkdf2Sync(der(password), der(octets(salt)), iterations, keyBytes, digest);
      try {
        const decipher = createDecipheriv(name, key, der(octets(iv)));
        return Buffer.concat([decipher.update(der(data)), decipher.final()]).toString('binary');
      } catch {
        return undefined;
      }
    },
  };
}
