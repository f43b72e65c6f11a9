import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import forge from 'node-forge';
import { type PfxAlgorithm, writePfx } from './pfx-writer.ts';

const { asn1, pki } = forge;

/** A certificate authority for tests and demonstrations; never to be trusted by anything else. */
export interface Ca {
  certPem: string;
  keyPem: string;
  /** Certificates of the CAs above it, the nearest first. */
  chainPem: string[];
  certificate: forge.pki.Certificate;
  key: forge.pki.rsa.PrivateKey;
}

export interface Validity {
  /** Default 2025-01-01. */
  notBefore?: Date;
  /** Default 2045-01-01. */
  notAfter?: Date;
}

export interface IssuedCertificate {
  certPem: string;
  /** PKCS#8. */
  keyPem: string;
  /** The issuing CA and those above it, the root included. */
  chainPem: string[];
}

export interface CompanyOptions extends Validity {
  /** Exactly one of `cnpj` (numeric or alphanumeric, an e-CNPJ) and `cpf` (an e-CPF). */
  cnpj?: string;
  cpf?: string;
  razaoSocial: string;
  /** The string type of the values in the otherNames: both are met in certificates in use. Default `octet`. */
  otherNameType?: 'octet' | 'printable';
  /** Leaves the ICP-Brasil otherNames out, as in a certificate of another kind. */
  withoutDocumento?: boolean;
  /** `encipherment`: a key that may not sign. Default `signature`. */
  keyUsage?: 'signature' | 'encipherment';
  /** Default 2048. */
  keyBits?: number;
}

export interface CompanyPfx extends IssuedCertificate {
  pfx: Buffer;
  senha: string;
}

/** A CA with an RSA-2048 key: self-signed, or an intermediate one when `issuer` is given. */
export function createCa({ name = 'AC Malote de Teste', issuer, ...validity }: { name?: string; issuer?: Ca } & Validity = {}): Ca {
  const keys = rsaKeys();
  const certificate = bare(keys.publicKey, validity);
  const subject = [...country(), { shortName: 'CN', value: name }];
  certificate.setSubject(subject);
  certificate.setIssuer(issuer ? issuer.certificate.subject.attributes : subject);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  certificate.sign(issuer?.key ?? keys.privateKey, forge.md.sha256.create());
  const chainPem = issuer ? [issuer.certPem, ...issuer.chainPem] : [];
  return { certPem: pem(certificate), keyPem: keys.keyPem, chainPem, certificate, key: keys.privateKey };
}

/** A CA made earlier, from its PEM files, to issue more with it. */
export function readCa({ certPem, keyPem }: { certPem: string; keyPem: string }): Ca {
  const key = pki.privateKeyFromPem(keyPem) as forge.pki.rsa.PrivateKey;
  return { certPem, keyPem, chainPem: [], certificate: pki.certificateFromPem(certPem), key };
}

/** Company certificate laid out like an ICP-Brasil e-CNPJ or e-CPF A1 (DOC-ICP-04: otherNames of subjectAltName). */
export function issueClientPem(ca: Ca, options: CompanyOptions): IssuedCertificate {
  const { documento, otherNames } = holder(options);
  const stringType = options.otherNameType === 'printable' ? asn1.Type.PRINTABLESTRING : asn1.Type.OCTETSTRING;
  const extensions: object[] = [
    options.keyUsage === 'encipherment'
      ? { name: 'keyUsage', keyEncipherment: true, dataEncipherment: true, critical: true }
      : { name: 'keyUsage', digitalSignature: true, nonRepudiation: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', clientAuth: true, emailProtection: true },
  ];
  if (!options.withoutDocumento) extensions.push(subjectAltName(otherNames, stringType));
  return issue(ca, options, `${options.razaoSocial.toUpperCase()}:${documento}`, extensions);
}

/** The same as a PFX file. `algorithm`: `aes` (PBES2), `3des`, or `rc2` (certificates under RC2-40, key under 3DES: old Windows exports). */
export function issueCompanyPfx(ca: Ca, options: CompanyOptions & { senha: string; algorithm?: PfxAlgorithm }): CompanyPfx {
  const issued = issueClientPem(ca, options);
  const pfx = writePfx({
    keyPem: issued.keyPem,
    certPems: [issued.certPem, ...issued.chainPem],
    senha: options.senha,
    algorithm: options.algorithm ?? 'aes',
  });
  return { ...issued, pfx, senha: options.senha };
}

/** Server certificate whose SAN holds each of `hosts`, names and IP addresses alike. */
export function issueServerCertificate(ca: Ca, { hosts, ...validity }: { hosts: string[] } & Validity): IssuedCertificate {
  const altNames = hosts.map((host) => (isIP(host) ? { type: 7, ip: host } : { type: 2, value: host }));
  return issue(ca, validity, hosts[0] ?? 'localhost', [
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames },
  ]);
}

function holder(o: CompanyOptions): { documento: string; otherNames: [oid: string, value: string][] } {
  const person = '01011980';
  const zeros = (n: number) => '0'.repeat(n);
  // Layout of .3.1 and .3.4: birth date 8, CPF 11, NIS 11, RG 15, issuer of the RG up to 10 (DOC-ICP-04.01).
  if (o.cnpj !== undefined && o.cpf === undefined) {
    const responsible = `${person}10000000108${zeros(11)}${zeros(15)}SSPSP`;
    return {
      documento: o.cnpj,
      otherNames: [
        ['2.16.76.1.3.4', responsible],
        ['2.16.76.1.3.2', 'RESPONSAVEL DE TESTE'],
        ['2.16.76.1.3.3', o.cnpj],
        ['2.16.76.1.3.7', zeros(12)],
      ],
    };
  }
  if (o.cpf !== undefined && o.cnpj === undefined) {
    return {
      documento: o.cpf,
      otherNames: [
        ['2.16.76.1.3.1', `${person}${o.cpf}${zeros(11)}${zeros(15)}SSPSP`],
        ['2.16.76.1.3.6', zeros(12)],
        ['2.16.76.1.3.5', `${zeros(12)}${zeros(3)}${zeros(4)}`],
      ],
    };
  }
  throw new Error('issueCompanyPfx: give exactly one of cnpj and cpf');
}

function issue(ca: Ca, validity: Validity & { keyBits?: number }, commonName: string, extensions: object[]): IssuedCertificate {
  const keys = rsaKeys(validity.keyBits);
  const certificate = bare(keys.publicKey, validity);
  certificate.setSubject([...country(), { shortName: 'CN', value: commonName }]);
  certificate.setIssuer(ca.certificate.subject.attributes);
  const authority = ca.certificate.generateSubjectKeyIdentifier().getBytes();
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false },
    ...extensions,
    { name: 'authorityKeyIdentifier', keyIdentifier: authority },
    { name: 'subjectKeyIdentifier' },
  ]);
  certificate.sign(ca.key, forge.md.sha256.create());
  return { certPem: pem(certificate), keyPem: keys.keyPem, chainPem: [ca.certPem, ...ca.chainPem] };
}

function bare(publicKey: forge.pki.rsa.PublicKey, { notBefore, notAfter }: Validity): forge.pki.Certificate {
  const certificate = pki.createCertificate();
  certificate.publicKey = publicKey;
  // A leading 4x keeps the number positive and without a leading zero byte.
  certificate.serialNumber = `4a${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = notBefore ?? new Date('2025-01-01T00:00:00Z');
  certificate.validity.notAfter = notAfter ?? new Date('2045-01-01T00:00:00Z');
  return certificate;
}

/** Keys come from node:crypto: node-forge needs seconds for the same. */
function rsaKeys(modulusLength = 2048): { keyPem: string; privateKey: forge.pki.rsa.PrivateKey; publicKey: forge.pki.rsa.PublicKey } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
  const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return {
    keyPem,
    privateKey: pki.privateKeyFromPem(keyPem) as forge.pki.rsa.PrivateKey,
    publicKey: pki.publicKeyFromPem(publicKey.export({ type: 'spki', format: 'pem' }).toString()) as forge.pki.rsa.PublicKey,
  };
}

/** SubjectAltName made of otherNames only; node-forge has no field for them. */
function subjectAltName(otherNames: [oid: string, value: string][], type: forge.asn1.Type): object {
  const names = otherNames.map(([oid, value]) =>
    asn1.create(asn1.Class.CONTEXT_SPECIFIC, 0, true, [
      asn1.create(asn1.Class.UNIVERSAL, asn1.Type.OID, false, asn1.oidToDer(oid).getBytes()),
      asn1.create(asn1.Class.CONTEXT_SPECIFIC, 0, true, [asn1.create(asn1.Class.UNIVERSAL, type, false, value)]),
    ]),
  );
  return { id: '2.5.29.17', value: asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, names) };
}

const country = () => [
  { shortName: 'C', value: 'BR' },
  { shortName: 'O', value: 'ICP-Brasil (teste)' },
];
const pem = (certificate: forge.pki.Certificate) => pki.certificateToPem(certificate).replaceAll('\r\n', '\n');
