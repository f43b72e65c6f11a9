import { randomBytes } from 'node:crypto';
import forge from 'node-forge';

const { asn1, pki, pkcs12 } = forge;
type Asn1 = forge.asn1.Asn1;

export type PfxAlgorithm = 'aes' | '3des' | 'rc2';

const PBE_SHA1_RC2_40 = '1.2.840.113549.1.12.1.6';
const ITERATIONS = 2048;

/**
 * A PKCS#12 file with one key and its certificates. `rc2` writes what Windows and OpenSSL 1.x wrote by default
 * (certificates under PBE-SHA1-RC2-40, key under PBE-SHA1-3DES), which OpenSSL 3 reads only with its legacy provider.
 */
export function writePfx(options: {
  keyPem: string;
  certPems: string[];
  senha: string;
  algorithm: PfxAlgorithm;
  /** `key`: a file that holds certificates only. */
  without?: 'key';
  /** What the MAC says it was made with, whatever it was. */
  saidIterations?: number;
}): Buffer {
  const { keyPem, certPems, senha, algorithm } = options;
  // RFC 7292: the MAC and the PKCS#12 ciphers take the password as UTF-16; PBES2 (aes) takes its bytes, UTF-8 in OpenSSL and Windows.
  const keyPassword = algorithm === 'aes' ? forge.util.encodeUtf8(senha) : senha;
  const pfx = pkcs12.toPkcs12Asn1(
    pki.privateKeyFromPem(keyPem),
    certPems.map((text) => pki.certificateFromPem(text)),
    keyPassword,
    { algorithm: algorithm === 'aes' ? 'aes256' : '3des', generateLocalKeyId: true, friendlyName: 'malote', count: ITERATIONS },
  );
  const [certificates, key] = safesOf(pfx);
  const first = algorithm === 'rc2' ? encryptedData(contentOf(certificates), senha) : certificates;
  const authenticated = asn1.toDer(options.without === 'key' ? sequence(first) : sequence(first, key)).getBytes();
  const authSafe = sequence(oid(pki.oids.data as string), explicit(octets(authenticated)));
  return Buffer.from(
    asn1.toDer(sequence(integer(3), authSafe, macData(authenticated, senha, options.saidIterations ?? ITERATIONS))).getBytes(),
    'binary',
  );
}

/** PFX ::= version, authSafe, macData. node-forge writes two safes: the certificates in the clear, then the encrypted key. */
function safesOf(pfx: Asn1): [certificates: Asn1, key: Asn1] {
  return items(asn1.fromDer(contentOf(items(pfx)[1] as Asn1))) as [Asn1, Asn1];
}

/** The octets inside a ContentInfo of type data. */
function contentOf(contentInfo: Asn1): string {
  const [, content] = items(contentInfo) as [Asn1, Asn1];
  return (items(content)[0] as Asn1).value as string;
}

function encryptedData(plain: string, senha: string): Asn1 {
  const salt = randomBytes(8).toString('binary');
  const key = pkcs12.generateKey(senha, forge.util.createBuffer(salt), 1, ITERATIONS, 5);
  const iv = pkcs12.generateKey(senha, forge.util.createBuffer(salt), 2, ITERATIONS, 8);
  const cipher = forge.rc2.createEncryptionCipher(key, 40);
  cipher.start(iv);
  cipher.update(forge.util.createBuffer(plain));
  cipher.finish();
  const parameters = sequence(octets(salt), integer(ITERATIONS));
  const implicitOctets = asn1.create(asn1.Class.CONTEXT_SPECIFIC, 0, false, cipher.output.getBytes());
  const info = sequence(oid(pki.oids.data as string), sequence(oid(PBE_SHA1_RC2_40), parameters), implicitOctets);
  return sequence(oid(pki.oids.encryptedData as string), explicit(sequence(integer(0), info)));
}

function macData(authenticated: string, senha: string, said: number): Asn1 {
  const salt = randomBytes(8).toString('binary');
  const key = pkcs12.generateKey(senha, forge.util.createBuffer(salt), 3, ITERATIONS, 20);
  const mac = forge.hmac.create();
  mac.start('sha1', key);
  mac.update(authenticated);
  const algorithm = sequence(oid(pki.oids.sha1 as string), asn1.create(asn1.Class.UNIVERSAL, asn1.Type.NULL, false, ''));
  return sequence(sequence(algorithm, octets(mac.getMac().getBytes())), octets(salt), integer(said));
}

const items = (node: Asn1) => node.value as Asn1[];
const sequence = (...values: Asn1[]) => asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, values);
const explicit = (value: Asn1) => asn1.create(asn1.Class.CONTEXT_SPECIFIC, 0, true, [value]);
const octets = (bytes: string) => asn1.create(asn1.Class.UNIVERSAL, asn1.Type.OCTETSTRING, false, bytes);
const oid = (text: string) => asn1.create(asn1.Class.UNIVERSAL, asn1.Type.OID, false, asn1.oidToDer(text).getBytes());
const integer = (n: number) => asn1.create(asn1.Class.UNIVERSAL, asn1.Type.INTEGER, false, asn1.integerToDer(n).getBytes());
