import { createCipheriv, createDecipheriv } from 'node:crypto';
import { systemClock } from './clock.ts';

/** A secret at rest (envelope encryption, AES-256-GCM); every field but `v` and `kid` is base64. */
export interface SealedSecret {
  v: 1;
  /** Which master key wraps the data key. */
  kid: string;
  /** The data key of this one secret, wrapped: `iv.ct.tag`. */
  dek: string;
  iv: string;
  ct: string;
  tag: string;
}

export interface SecretBox {
  /** `aad` binds the secret to its owner (conta + empresa + kind): opening under another one fails. */
  seal(plain: Buffer, aad: string): SealedSecret;
  /** Throws SecretBoxError when the master key is unknown, the bytes were changed or the aad is another. */
  open(sealed: SealedSecret, aad: string): Buffer;
  /**
   * The same secret with its data key wrapped by the sealing master key; the secret itself is not opened. What that key wraps already comes back
   * as it is. Throws SecretBoxError as `open` does.
   */
  rewrap(sealed: SealedSecret, aad: string): SealedSecret;
  /** Names of the master keys, the sealing one first. */
  kids: readonly string[];
}

/** Its messages never hold key, text or aad. */
export class SecretBoxError extends Error {
  override name = 'SecretBoxError';
}

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Keys of `kid:base64[,kid:base64…]` (32 bytes each). Throws SecretBoxError on another form, a repeated kid or length. */
export function parseMasterKey(masterKey: string): Map<string, Buffer> {
  const keys = new Map<string, Buffer>();
  for (const part of masterKey.split(',')) {
    const [, kid, text] = /^([A-Za-z0-9._-]{1,32}):([A-Za-z0-9+/]{43}=?)$/.exec(part.trim()) ?? [];
    const key = Buffer.from(text ?? '', 'base64');
    if (!kid || key.length !== KEY_BYTES) throw new SecretBoxError('chave mestra fora da forma kid:base64 de 32 bytes');
    if (keys.has(kid)) throw new SecretBoxError(`chave mestra com o kid ${kid} repetido`);
    keys.set(kid, key);
  }
  return keys;
}

/** Seals with the first master key, opens with any of them: to rotate, put the new one first and keep the old ones. */
export function createSecretBox(masterKey: string, random: (n: number) => Buffer = systemClock.random): SecretBox {
  const keys = parseMasterKey(masterKey);
  const [sealing] = keys;
  if (!sealing) throw new SecretBoxError('chave mestra vazia');
  const [sealingKid, sealingKey] = sealing;

  const wrap = (dek: Buffer, aad: string) => {
    const { iv, ct, tag } = encrypt(sealingKey, dek, wrapAad(sealingKid, aad), random);
    return { kid: sealingKid, dek: `${iv}.${ct}.${tag}` };
  };
  const unwrap = (sealed: SealedSecret, aad: string) => {
    if (sealed.v !== 1) throw new SecretBoxError('versão desconhecida do segredo guardado');
    const key = keys.get(sealed.kid);
    if (!key) throw new SecretBoxError(`chave mestra com o kid ${sealed.kid} não está configurada`);
    const [iv = '', ct = '', tag = ''] = sealed.dek.split('.');
    return decrypt(key, { iv, ct, tag }, wrapAad(sealed.kid, aad));
  };

  return {
    kids: [...keys.keys()],
    seal(plain, aad) {
      const dek = random(KEY_BYTES);
      const body = encrypt(dek, plain, aad, random);
      const wrapped = wrap(dek, aad);
      dek.fill(0);
      return { v: 1, ...wrapped, ...body };
    },
    open(sealed, aad) {
      const dek = unwrap(sealed, aad);
      const plain = decrypt(dek, sealed, aad);
      dek.fill(0);
      return plain;
    },
    rewrap(sealed, aad) {
      if (sealed.v === 1 && sealed.kid === sealingKid) return sealed;
      const dek = unwrap(sealed, aad);
      const wrapped = wrap(dek, aad);
      dek.fill(0);
      return { ...sealed, ...wrapped };
    },
  };
}

interface Encrypted {
  iv: string;
  ct: string;
  tag: string;
}

function wrapAad(kid: string, aad: string): string {
  return `dek.${kid}.${aad}`;
}

function encrypt(key: Buffer, plain: Buffer, aad: string, random: (n: number) => Buffer): Encrypted {
  const iv = random(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(aad));
  const ct = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { iv: iv.toString('base64'), ct: ct.toString('base64'), tag: cipher.getAuthTag().toString('base64') };
}

function decrypt(key: Buffer, sealed: Encrypted, aad: string): Buffer {
  const iv = Buffer.from(sealed.iv, 'base64');
  const tag = Buffer.from(sealed.tag, 'base64');
  // Without authTagLength GCM would accept a tag cut to 4 bytes, which can be guessed.
  if (iv.length !== IV_BYTES || tag.length !== TAG_BYTES) throw new SecretBoxError('segredo guardado malformado');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(aad));
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(Buffer.from(sealed.ct, 'base64')), decipher.final()]);
  } catch {
    throw new SecretBoxError('segredo guardado não abre: alterado, de outro dono ou de outra chave mestra');
  }
}
