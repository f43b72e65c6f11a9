import forge from 'node-forge';

const { asn1 } = forge;
type Asn1 = forge.asn1.Asn1;

const SUBJECT_ALT_NAME = '2.5.29.17';
const CNPJ = '2.16.76.1.3.3';
const PERSON = '2.16.76.1.3.1';
const KEY_USAGE = '2.5.29.15';
/** The first bit of the BIT STRING (RFC 5280 § 4.2.1.3). */
const DIGITAL_SIGNATURE = 0x80;

/**
 * Who an ICP-Brasil certificate was issued to, from the otherNames of its subjectAltName (DOC-ICP-04): an e-CNPJ carries the CNPJ
 * itself; an e-CPF carries birth date (8), CPF (11) and more in one string. Undefined when it has neither.
 */
export function readDocumento(certDer: Uint8Array): { tipo: 'CNPJ' | 'CPF'; documento: string } | undefined {
  const otherNames = readOtherNames(certDer);
  const cnpj = otherNames.get(CNPJ)?.trim().toUpperCase();
  if (cnpj && /^[0-9A-Z]{12}[0-9]{2}$/.test(cnpj)) return { tipo: 'CNPJ', documento: cnpj };
  const cpf = otherNames.get(PERSON)?.slice(8, 19);
  if (cpf && /^[0-9]{11}$/.test(cpf)) return { tipo: 'CPF', documento: cpf };
  return undefined;
}

/** True when the certificate may sign data: keyUsage has digitalSignature, or is absent and limits nothing. */
export function maySign(certDer: Uint8Array): boolean {
  const extension = extensions(parse(Buffer.from(certDer).toString('binary'))).find((e) => oidOf(e) === KEY_USAGE);
  const value = extension && list(extension).at(-1)?.value;
  if (typeof value !== 'string') return extension === undefined;
  // A BIT STRING begins with the number of its unused bits.
  const bits = parse(value).value;
  return typeof bits === 'string' && (bits.charCodeAt(1) & DIGITAL_SIGNATURE) !== 0;
}

function readOtherNames(certDer: Uint8Array): Map<string, string> {
  const names = new Map<string, string>();
  const extension = extensions(parse(Buffer.from(certDer).toString('binary'))).find((e) => oidOf(e) === SUBJECT_ALT_NAME);
  const value = extension && (list(extension).at(-1)?.value as string);
  if (!value) return names;
  for (const name of list(parse(value))) {
    if (name.tagClass !== asn1.Class.CONTEXT_SPECIFIC || (name.type as number) !== 0) continue;
    const [, explicit] = list(name);
    // OCTET STRING, PrintableString and UTF8String are all in use.
    const inner = explicit && list(explicit)[0]?.value;
    if (typeof inner === 'string') names.set(oidOf(name), inner);
  }
  return names;
}

/** Extensions stand in [3] of the TBSCertificate. */
function extensions(certificate: Asn1): Asn1[] {
  const tbs = list(certificate)[0];
  const holder = tbs && list(tbs).find((field) => field.tagClass === asn1.Class.CONTEXT_SPECIFIC && (field.type as number) === 3);
  const sequence = holder && list(holder)[0];
  return sequence ? list(sequence) : [];
}

const parse = (bytes: string) => asn1.fromDer(forge.util.createBuffer(bytes), { strict: false, decodeBitStrings: false } as never);
const list = (node: Asn1) => (Array.isArray(node.value) ? (node.value as Asn1[]) : []);
const oidOf = (node: Asn1) => {
  const first = list(node)[0];
  return first && typeof first.value === 'string' ? asn1.derToOid(first.value) : '';
};
