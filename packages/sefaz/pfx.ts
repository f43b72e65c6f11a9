import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { maySign, readDocumento } from './icp-brasil.ts';
import { openPfx, UnsupportedCipher, WrongPassword } from './pfx-bags.ts';
import { TooManyIterations } from './pfx-budget.ts';

/** A company's A1 certificate with its key, as it came out of a PFX file. */
export interface A1 {
  key: KeyObject;
  /** PKCS#8. */
  keyPem: string;
  certPem: string;
  certDer: Buffer;
  /** The issuers that the file carries, from the nearest up, without a self-signed root. */
  chainPem: string[];
  /** Names of the issuers, from the nearest up. */
  issuers: string[];
  /** The self-signed root above them, where the file carries it. */
  rootPem?: string;
  /** CNPJ of an e-CNPJ (OID 2.16.76.1.3.3) or CPF of an e-CPF (OID 2.16.76.1.3.1). */
  documento: string;
  tipo: 'CNPJ' | 'CPF';
  subject: string;
  issuer: string;
  /** Serial number, upper-case hex. */
  serial: string;
  notBefore: Date;
  notAfter: Date;
  /** SHA-256 of the DER, lower-case hex. */
  thumbprint: string;
  /** SHA-1 of the DER, lower-case hex: what Windows and other software show. */
  thumbprintSha1: string;
  /** Size of the RSA key. */
  keyBits: number;
  /** False: its holder may not sign with it (keyUsage), or it is a CA's. */
  signs: boolean;
}

const MESSAGES = {
  'senha-incorreta': 'a senha do arquivo PFX está incorreta',
  'pfx-invalido': 'o arquivo não é um PFX (PKCS#12) legível',
  'cifra-nao-suportada': 'o arquivo PFX usa uma cifra não suportada (são aceitas AES, 3DES e RC2-40)',
  'sem-chave': 'o arquivo PFX não contém chave privada: exporte o certificado com a chave',
  'chave-nao-suportada': 'a chave do certificado não é RSA de ao menos 2048 bits',
  'sem-certificado': 'o arquivo PFX não contém o certificado da chave privada',
  'pfx-iteracoes': 'o arquivo PFX pede iterações demais para derivar a chave da senha: exporte o certificado de novo com um programa comum',
  'pfx-nao-aberto':
    'o arquivo PFX não pôde ser aberto: ele tomou tempo ou memória demais; exporte o certificado de novo com um programa comum',
  'sem-documento': 'o certificado não é um e-CNPJ nem um e-CPF da ICP-Brasil (faltam os OIDs 2.16.76.1.3.3 e 2.16.76.1.3.1)',
} as const;

export type PfxErrorCode = keyof typeof MESSAGES;

export class PfxError extends Error {
  readonly codigo: PfxErrorCode;
  constructor(codigo: PfxErrorCode, cause?: unknown) {
    super(MESSAGES[codigo], { cause });
    this.name = 'PfxError';
    this.codigo = codigo;
  }
}

/**
 * Reads a PFX in AES, 3DES or RC2-40. Takes 30–50 ms of CPU in one piece, and seconds where the file asks for it: a process that serves
 * others reads it with readPfxAside. Validity dates are not judged here.
 * @throws PfxError
 */
export function readPfx(pfx: Uint8Array, senha: string): A1 {
  const { keys, certificates } = open(pfx, senha);
  if (keys.length === 0) throw new PfxError('sem-chave');
  const { key, leaf } = match(keys.map(decodeKey), certificates);
  const holder = readDocumento(leaf.raw);
  if (!holder) throw new PfxError('sem-documento');
  const { chain, root } = chainOf(leaf, certificates);
  return {
    key,
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certPem: leaf.toString(),
    certDer: leaf.raw,
    chainPem: chain.map((issuer) => issuer.toString()),
    issuers: [...chain, ...(root ? [root] : [])].map(({ subject }) => oneLine(subject)),
    ...(root ? { rootPem: root.toString() } : {}),
    ...holder,
    subject: oneLine(leaf.subject),
    issuer: oneLine(leaf.issuer),
    serial: leaf.serialNumber,
    notBefore: leaf.validFromDate,
    notAfter: leaf.validToDate,
    thumbprint: hexOf(leaf.fingerprint256),
    thumbprintSha1: hexOf(leaf.fingerprint),
    keyBits: key.asymmetricKeyDetails?.modulusLength ?? 0,
    signs: !leaf.ca && maySign(leaf.raw),
  };
}

function open(pfx: Uint8Array, senha: string): { keys: Buffer[]; certificates: X509Certificate[] } {
  try {
    const { keys, certificates } = openPfx(pfx, senha);
    return { keys, certificates: certificates.map((raw) => new X509Certificate(raw)) };
  } catch (error) {
    if (error instanceof WrongPassword) throw new PfxError('senha-incorreta');
    if (error instanceof TooManyIterations) throw new PfxError('pfx-iteracoes');
    if (error instanceof UnsupportedCipher) throw new PfxError('cifra-nao-suportada', error);
    throw new PfxError('pfx-invalido', error);
  }
}

function decodeKey(der: Buffer): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch (error) {
    throw new PfxError('pfx-invalido', error);
  }
  // The layouts fix RSA-SHA1 (xmldsig-core-schema_v1.01), so no other kind of key could sign a document.
  if (key.asymmetricKeyType !== 'rsa' || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) throw new PfxError('chave-nao-suportada');
  return key;
}

/** Of several certificates for a key (a renewal exported with its forerunner) the one that lasts longest. */
function match(keys: KeyObject[], certificates: X509Certificate[]): { key: KeyObject; leaf: X509Certificate } {
  const pairs = keys.flatMap((key) => certificates.filter((leaf) => leaf.checkPrivateKey(key)).map((leaf) => ({ key, leaf })));
  const [best] = pairs.sort((a, b) => b.leaf.validToDate.getTime() - a.leaf.validToDate.getTime());
  if (!best) throw new PfxError('sem-certificado');
  return best;
}

function chainOf(leaf: X509Certificate, certificates: X509Certificate[]): { chain: X509Certificate[]; root: X509Certificate | undefined } {
  const chain: X509Certificate[] = [];
  let below = leaf;
  for (;;) {
    const issuers = certificates.filter((c) => c.ca && below.checkIssued(c) && !chain.includes(c));
    const issuer = issuers.find((c) => !c.checkIssued(c));
    if (!issuer) return { chain, root: issuers.find((c) => c.checkIssued(c)) };
    chain.push(issuer);
    below = issuer;
  }
}

const hexOf = (fingerprint: string) => fingerprint.replaceAll(':', '').toLowerCase();
const oneLine = (name: string) => name.split('\n').join(', ');
