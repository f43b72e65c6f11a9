import { X509Certificate } from 'node:crypto';

/** Bytes of `OBJECT IDENTIFIER 2.16.76.1.3.x`, the otherNames that ICP-Brasil puts into subjectAltName (DOC-ICP-04). */
const oid = (last: number) => Buffer.from([0x06, 0x05, 0x60, 0x4c, 0x01, 0x03, last]);
const CNPJ = oid(3);
/** dd mm aaaa birth date, CPF, NIS, RG …: the CPF is characters 8 to 19. */
const CPF_DATA = oid(1);

/** CNPJ (14) or CPF (11) of the holder of an e-CNPJ or e-CPF; undefined when the certificate names none. */
export function holderOf(certDer: Uint8Array): string | undefined {
  const der = Buffer.from(certDer);
  const cnpj = otherName(der, CNPJ);
  if (cnpj && /^[0-9A-Z]{12}\d{2}$/.test(cnpj)) return cnpj;
  const cpf = otherName(der, CPF_DATA)?.slice(8, 19);
  return cpf && /^\d{11}$/.test(cpf) && cpf !== '00000000000' ? cpf : undefined;
}

/** The string of `SEQUENCE { OID, [0] EXPLICIT string }`; these are short, so each length is one byte. */
function otherName(der: Buffer, id: Buffer): string | undefined {
  const found = der.indexOf(id);
  if (found < 0) return undefined;
  const explicit = found + id.length;
  if (der[explicit] !== 0xa0) return undefined;
  const length = der[explicit + 3] ?? 0;
  if (length > 127) return undefined;
  return der.subarray(explicit + 4, explicit + 4 + length).toString('latin1');
}

/** Whether emitter and certificate are of one company: the first 8 characters of a CNPJ, a CPF whole. */
export function sameBase(holder: string, documento: string): boolean {
  return documento.length === 14 && holder.length === 14 ? holder.slice(0, 8) === documento.slice(0, 8) : holder === documento;
}

export function isInForce(certificate: X509Certificate, now: Date): boolean {
  return now >= certificate.validFromDate && now <= certificate.validToDate;
}

/** Every certificate of a PEM file. @throws Error when there is none, or one is unreadable. */
export function readCertificates(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new Error('no certificate in the PEM file');
  return blocks.map((block) => new X509Certificate(block));
}

/** Whether one of the trusted certificates issued this one, by name and by signature. */
export function isIssuedBy(certificate: X509Certificate, trusted: readonly X509Certificate[]): boolean {
  return trusted.some((issuer) => certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey));
}
