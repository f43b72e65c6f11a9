import type { X509Certificate } from 'node:crypto';
import { holderOf, isInForce, isIssuedBy, sameBase } from './certificate.ts';
import type { Element } from './dom.ts';
import { checkSignature } from './signature.ts';

export interface Signed {
  /** Why the signature is refused. */
  cStat?: string;
  /** Base64; empty when the signature does not hold. */
  digest: string;
  certificate?: X509Certificate;
}

/**
 * The Signature beside `inf`, and whose certificate made it: in force (291), of a trusted authority (293), with a CNPJ or CPF
 * (292), of the company `documento` (213, or `otherBase`).
 */
export function checkSigned(
  inf: Element,
  documento: string,
  { now, trusted }: { now: Date; trusted: readonly X509Certificate[] },
  otherBase = '213',
): Signed {
  const signature = checkSignature(inf);
  if (!signature.ok) return { cStat: signature.cStat, digest: '' };
  const { certificate, digest } = signature;
  if (!isInForce(certificate, now)) return { cStat: '291', digest };
  if (!isIssuedBy(certificate, trusted)) return { cStat: '293', digest };
  const holder = holderOf(certificate.raw);
  if (!holder) return { cStat: '292', digest };
  return sameBase(holder, documento) ? { digest, certificate } : { cStat: otherBase, digest };
}
