import { X509Certificate } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import { at, type Element, elements, textAt } from './dom.ts';

const C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const RSA_SHA1 = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1';
const SHA1 = 'http://www.w3.org/2000/09/xmldsig#sha1';

export type SignatureCheck = { ok: true; certificate: X509Certificate; digest: string } | { ok: false; cStat: '290' | '297' | '298' };

/** The certificate that a Signature carries; undefined when KeyInfo holds anything but one readable certificate. */
function certificateOf(signature: Element): X509Certificate | undefined {
  try {
    return new X509Certificate(Buffer.from(textAt(signature, 'KeyInfo/X509Data/X509Certificate'), 'base64'));
  } catch {
    return undefined;
  }
}

/**
 * Checks the Signature beside `inf` (infNFe) in `message`, the text that holds it: the form that the MOC fixes (298), a readable
 * certificate (290), digest and signature value as xml-crypto computes them (297). Trust in the certificate is the caller's.
 */
export function checkSignature(message: string, inf: Element): SignatureCheck {
  const signature = inf.parentNode ? elements(inf.parentNode as Element, 'Signature')[0] : undefined;
  if (!signature || !hasTheForm(signature, inf.getAttribute('Id') ?? '')) return { ok: false, cStat: '298' };
  const certificate = certificateOf(signature);
  if (!certificate) return { ok: false, cStat: '290' };
  if (!verifies(message, signature, certificate)) return { ok: false, cStat: '297' };
  return { ok: true, certificate, digest: textAt(signature, 'SignedInfo/Reference/DigestValue').replace(/\s/g, '') };
}

function hasTheForm(signature: Element, id: string): boolean {
  const algorithm = (path: string) => at(signature, path)?.getAttribute('Algorithm');
  const references = elements(at(signature, 'SignedInfo') ?? signature, 'Reference');
  const transforms = at(signature, 'SignedInfo/Reference/Transforms');
  const chain = transforms ? elements(transforms, 'Transform').map((transform) => transform.getAttribute('Algorithm')) : [];
  const keyInfo = at(signature, 'KeyInfo');
  const x509 = at(signature, 'KeyInfo/X509Data');
  return (
    algorithm('SignedInfo/CanonicalizationMethod') === C14N &&
    algorithm('SignedInfo/SignatureMethod') === RSA_SHA1 &&
    algorithm('SignedInfo/Reference/DigestMethod') === SHA1 &&
    references.length === 1 &&
    references[0]?.getAttribute('URI') === `#${id}` &&
    chain.join(' ') === `${ENVELOPED} ${C14N}` &&
    keyInfo !== undefined &&
    elements(keyInfo).length === 1 &&
    x509 !== undefined &&
    elements(x509).length === 1
  );
}

function verifies(message: string, signature: Element, certificate: X509Certificate): boolean {
  const verifier = new SignedXml({
    publicCert: certificate.publicKey.export({ type: 'spki', format: 'pem' }),
    getCertFromKeyInfo: () => null,
  });
  try {
    verifier.loadSignature(signature as never);
    return verifier.checkSignature(message);
  } catch {
    // xml-crypto throws on a wrong signature value, and returns false on a wrong digest.
    return false;
  }
}
