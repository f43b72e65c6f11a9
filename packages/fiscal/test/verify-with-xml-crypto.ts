import { DOMParser } from '@xmldom/xmldom';
import { SignedXml } from 'xml-crypto';

/** Whether xml-crypto accepts the first Signature of `xml` under `certPem`: a verifier that shares no code with ours. */
export function acceptedByXmlCrypto(xml: string, certPem: string): boolean {
  const doc = new DOMParser().parseFromString(xml, 'text/xml');
  const signature = doc.getElementsByTagNameNS('http://www.w3.org/2000/09/xmldsig#', 'Signature')[0];
  if (signature === undefined) return false;
  const verifier = new SignedXml({ publicCert: certPem, getCertFromKeyInfo: () => null });
  verifier.loadSignature(signature as unknown as Parameters<SignedXml['loadSignature']>[0]);
  try {
    return verifier.checkSignature(xml);
  } catch {
    return false;
  }
}
