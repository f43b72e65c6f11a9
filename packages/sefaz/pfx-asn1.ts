import forge from 'node-forge';

const { asn1 } = forge;
export type Asn1 = forge.asn1.Asn1;

export const parse = (bytes: string): Asn1 =>
  asn1.fromDer(forge.util.createBuffer(bytes), { strict: true, parseAllBytes: false, decodeBitStrings: false } as never);

export const der = (bytes: string): Buffer => Buffer.from(bytes, 'binary');

export function required(node: Asn1 | undefined): Asn1 {
  if (!node) throw new Error('the PKCS#12 structure is incomplete');
  return node;
}

export function items(node: Asn1 | undefined): Asn1[] {
  const { value } = required(node);
  if (!Array.isArray(value)) throw new Error('the PKCS#12 structure is not as expected');
  return value as Asn1[];
}

/** A string of octets; BER writers (Windows, Java) cut it in pieces. */
export function octets(node: Asn1 | undefined): string {
  const { value } = required(node);
  return typeof value === 'string' ? value : (value as Asn1[]).map((piece) => octets(piece)).join('');
}

export const oidOf = (node: Asn1 | undefined): string => asn1.derToOid(octets(node));

/** A positive INTEGER; NaN for an empty one. */
export const integerOf = (node: Asn1): number => Number.parseInt(der(octets(node)).toString('hex'), 16);

export const isInteger = ({ tagClass, type }: Asn1): boolean => tagClass === asn1.Class.UNIVERSAL && type === asn1.Type.INTEGER;
