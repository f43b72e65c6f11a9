import forge from 'node-forge';
import { type Asn1, der, integerOf, items, octets, oidOf, parse, required } from './pfx-asn1.ts';
import { type Budget, iterationBudget } from './pfx-budget.ts';
import { PBES2, readPbes2 } from './pfx-pbes2.ts';

const { asn1, pki } = forge;

/** What stands in a PKCS#12 file: PKCS#8 keys and X.509 certificates, each the very DER bytes of the file. */
export interface PfxContents {
  keys: Buffer[];
  certificates: Buffer[];
}

export class WrongPassword extends Error {}
export class UnsupportedCipher extends Error {}

const OID = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  keyBag: '1.2.840.113549.1.12.10.1.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  safeContentsBag: '1.2.840.113549.1.12.10.1.6',
  x509Certificate: '1.2.840.113549.1.9.22.1',
};

const DIGESTS: Record<string, () => forge.md.MessageDigest> = {
  '1.3.14.3.2.26': () => forge.md.sha1.create(),
  '2.16.840.1.101.3.4.2.1': () => forge.md.sha256.create(),
  '2.16.840.1.101.3.4.2.2': () => forge.md.sha384.create(),
  '2.16.840.1.101.3.4.2.3': () => forge.md.sha512.create(),
};

interface PbeCipher {
  start(options: object): void;
  update(input: forge.util.ByteStringBuffer): void;
  finish(): boolean;
  output: forge.util.ByteStringBuffer;
}
interface Pbe {
  getCipher(oid: string, parameters: Asn1, password: string): PbeCipher;
  generatePkcs12Key(
    password: string,
    salt: forge.util.ByteStringBuffer,
    id: number,
    iterations: number,
    size: number,
    md: forge.md.MessageDigest,
  ): forge.util.ByteStringBuffer;
}
// Public in node-forge, absent from its type declarations.
const pbe = (pki as unknown as { pbe: Pbe }).pbe;

/**
 * Opens a PKCS#12 file (RFC 7292) under AES (PBES2), 3DES or RC2-40. node-forge gives the ASN.1 and the ciphers only: its own reader
 * stops at bags it does not know and re-encodes certificates, which changes those with BMPString names.
 * @throws WrongPassword, UnsupportedCipher, or Error for anything that is not such a file.
 */
export function openPfx(pfx: Uint8Array, senha: string): PfxContents {
  const [, authSafe, macData] = items(parse(Buffer.from(pfx).toString('binary')));
  const authenticated = contentOf(authSafe);
  const opening = { senha, budget: iterationBudget() };
  if (macData && !verifyMac(macData, authenticated, opening)) throw new WrongPassword();
  const contents: PfxContents = { keys: [], certificates: [] };
  for (const safe of items(parse(authenticated))) {
    const encrypted = oidOf(items(safe)[0]) === OID.encryptedData;
    readSafe(encrypted ? openEncryptedData(safe, opening) : contentOf(safe), opening, contents);
  }
  return contents;
}

interface Opening {
  senha: string;
  budget: Budget;
}

function readSafe(safe: string, opening: Opening, contents: PfxContents): void {
  for (const bag of items(parse(safe))) {
    const [type, wrapped] = items(bag);
    const [value] = items(wrapped);
    switch (oidOf(type)) {
      case OID.keyBag:
        contents.keys.push(der(asn1.toDer(required(value)).getBytes()));
        break;
      case OID.shroudedKeyBag: {
        const [algorithm, data] = items(value);
        contents.keys.push(der(decrypt(algorithm, octets(data), opening)));
        break;
      }
      case OID.certBag: {
        const [kind, certificate] = items(value);
        if (oidOf(kind) === OID.x509Certificate) contents.certificates.push(der(octets(items(certificate)[0])));
        break;
      }
      case OID.safeContentsBag:
        readSafe(asn1.toDer(required(value)).getBytes(), opening, contents);
        break;
      // CRLs and secrets are none of our business.
    }
  }
}

/** EncryptedData ::= version, EncryptedContentInfo { type, algorithm, [0] content }. */
function openEncryptedData(safe: Asn1, opening: Opening): string {
  const [, explicit] = items(safe);
  const [, info] = items(items(explicit)[0]);
  const [, algorithm, content] = items(info);
  return decrypt(algorithm, octets(content), opening);
}

function decrypt(algorithm: Asn1 | undefined, data: string, { senha, budget }: Opening): string {
  const [oid, parameters] = items(algorithm);
  const open = oidOf(oid) === PBES2 ? withPbes2(required(parameters), budget) : withPkcs12(oidOf(oid), required(parameters), budget);
  for (const password of encodings(senha, oidOf(oid) === PBES2)) {
    const plain = open(data, password);
    if (plain !== undefined && isAsn1(plain)) return plain;
  }
  throw new WrongPassword();
}

type Open = (data: string, password: string) => string | undefined;

function withPbes2(parameters: Asn1, budget: Budget): Open {
  const scheme = readPbes2(parameters, budget);
  if (!scheme) throw new UnsupportedCipher('PBES2');
  return scheme.open;
}

/** PBE with SHA-1 and 3DES, or RC2-40: all that Windows and Java wrote. */
const PKCS12_CIPHERS: ReadonlySet<string> = new Set(['1.2.840.113549.1.12.1.3', '1.2.840.113549.1.12.1.6']);

function withPkcs12(oid: string, parameters: Asn1, budget: Budget): Open {
  if (!PKCS12_CIPHERS.has(oid)) throw new UnsupportedCipher(oid);
  const [, count] = items(parameters);
  return (data, password) => {
    // Key and initialisation vector are derived apart, a key of 3DES in two pieces.
    budget.spend(3 * integerOf(required(count)));
    let cipher: PbeCipher;
    try {
      cipher = pbe.getCipher(oid, parameters, password);
    } catch (error) {
      throw new UnsupportedCipher((error as Error).message, { cause: error });
    }
    cipher.update(forge.util.createBuffer(data));
    return cipher.finish() ? cipher.output.getBytes() : undefined;
  };
}

/** The padding of a wrong key is right once in 256 times. */
function isAsn1(plain: string): boolean {
  try {
    parse(plain);
    return true;
  } catch {
    return false;
  }
}

/**
 * RFC 7292 takes the password as UTF-16 for the MAC and the PKCS#12 ciphers (node-forge does that), PBES2 takes its bytes, UTF-8
 * nearly everywhere. With accents, writers differ: old OpenSSL widened the UTF-8 bytes, others give PBES2 Latin-1 or UTF-16.
 */
function encodings(senha: string, bytes: boolean): string[] {
  const utf8 = forge.util.encodeUtf8(senha);
  if (utf8 === senha) return [senha];
  if (!bytes) return [senha, utf8];
  const utf16 = Buffer.from(`${senha}\0`, 'utf16le').swap16().toString('binary');
  return [utf8, utf16, Buffer.from(senha, 'latin1').toString('binary')];
}

/** MacData ::= DigestInfo { algorithm, digest }, salt, iterations (1 when absent). */
function verifyMac(macData: Asn1, authenticated: string, { senha, budget }: Opening): boolean {
  const [digestInfo, salt, count] = items(macData);
  const [algorithm, digest] = items(digestInfo);
  const name = oidOf(items(algorithm)[0]);
  const create = DIGESTS[name];
  if (!create) throw new UnsupportedCipher(`MAC ${name}`);
  const iterations = count ? integerOf(count) : 1;
  return encodings(senha, false).some((password) => {
    budget.spend(iterations);
    const md = create();
    const saltBuffer = forge.util.createBuffer(octets(salt));
    const key = pbe.generatePkcs12Key(password, saltBuffer, 3, iterations, md.digestLength, md);
    const mac = forge.hmac.create();
    mac.start(create(), key);
    mac.update(authenticated);
    return mac.getMac().getBytes() === octets(digest);
  });
}

/** The octets of a ContentInfo of type data. */
function contentOf(contentInfo: Asn1 | undefined): string {
  const [type, explicit] = items(contentInfo);
  if (oidOf(type) !== OID.data) throw new Error(`unexpected content type ${oidOf(type)}`);
  return octets(items(explicit)[0]);
}
