import { X509Certificate } from 'node:crypto';

/**
 * `icp-brasil`: signed, step by step, up to one of the roots. `outra`: by somebody else. `nao-verificada`: nothing to compare with (no
 * roots configured), or the file lacks intermediates of what calls itself ICP-Brasil.
 */
export type ChainVerdict = 'icp-brasil' | 'outra' | 'nao-verificada';

/** A certificate and the issuers that came with it, in any order. */
export interface ChainToJudge {
  certPem: string;
  chainPem: readonly string[];
  /** The self-signed certificate that the file carries above them, if any. */
  rootPem?: string | undefined;
}

/** Longer than any chain of ICP-Brasil (root, first level, second level, holder); ends a loop of cross-signed CAs. */
const MAX_STEPS = 8;

/** The certificates of a PEM file. @throws Error when a block of it is none */
export function readRoots(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]+?-----END (?:TRUSTED )?CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** Who vouches for a certificate, by signatures alone: the dates of the CAs are not looked at. */
export function judgeChain({ certPem, chainPem, rootPem }: ChainToJudge, roots: readonly X509Certificate[]): ChainVerdict {
  if (roots.length === 0) return 'nao-verificada';
  const carried = chainPem.map((pem) => new X509Certificate(pem));
  let below = new X509Certificate(certPem);
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const signed = below;
    if (roots.some((root) => root.fingerprint256 === signed.fingerprint256 || isSignedBy(signed, root))) return 'icp-brasil';
    const issuer = carried.find((ca) => ca.ca && ca.fingerprint256 !== signed.fingerprint256 && isSignedBy(signed, ca));
    if (!issuer) return rootPem === undefined && callsItselfIcpBrasil(signed) ? 'nao-verificada' : 'outra';
    below = issuer;
  }
  return 'outra';
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** Every CA of ICP-Brasil has exactly this organisation in its name (DOC-ICP-04). */
function callsItselfIcpBrasil(certificate: X509Certificate): boolean {
  return !certificate.checkIssued(certificate) && certificate.issuer.split('\n').includes('O=ICP-Brasil');
}
