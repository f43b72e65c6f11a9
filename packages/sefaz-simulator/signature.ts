import { createHash, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { C14nCanonicalization } from 'xml-crypto';
import { at, type Element, elements, textAt, walk } from './dom.ts';

const C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const RSA_SHA1 = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1';
const SHA1 = 'http://www.w3.org/2000/09/xmldsig#sha1';
const ID_NAMES = ['Id', 'ID', 'id'];

export type SignatureCheck = { ok: true; certificate: X509Certificate; digest: string } | { ok: false; cStat: '290' | '297' | '298' };

interface Signer {
  certificate: X509Certificate;
  publicKey: KeyObject;
}

/** A company signs thousands of notes with one certificate: read once, by its text. The oldest goes first. */
const KEPT_SIGNERS = 2_000;
const signers = new Map<string, Signer>();

/** Who a Signature says it is from; undefined when KeyInfo holds anything but one readable certificate. */
function signerOf(signature: Element): Signer | undefined {
  const text = textAt(signature, 'KeyInfo/X509Data/X509Certificate');
  const known = signers.get(text);
  if (known) return known;
  try {
    const certificate = new X509Certificate(Buffer.from(text, 'base64'));
    const signer = { certificate, publicKey: certificate.publicKey };
    const [oldest] = signers.keys();
    if (signers.size >= KEPT_SIGNERS && oldest !== undefined) signers.delete(oldest);
    signers.set(text, signer);
    return signer;
  } catch {
    return undefined;
  }
}

/**
 * Checks the Signature beside `inf` (infNFe, infEvento, infInut), in a message that was read: the form that the MOC fixes (298), a readable
 * certificate (290), digest and signature value (297). Trust in the certificate is the caller's.
 *
 * The canonical form is xml-crypto's, over the tree that xmldom has read; SHA-1 and RSA are OpenSSL's. So nothing of it is the hub's own
 * code, and a mistake of the hub cannot hide here. `SignedXml` of xml-crypto is not used: it reads the message and the SignedInfo anew and
 * looks every node up by XPath, at thirty times the cost of what it checks (docs/performance.md). For one form of signature in a message
 * that was checked before (`readMessage`: no prefixes, so no namespace but the default one is inherited; schema: each element once) this
 * is all there is to do.
 */
export function checkSignature(inf: Element): SignatureCheck {
  const signature = inf.parentNode ? elements(inf.parentNode as Element, 'Signature')[0] : undefined;
  const id = inf.getAttribute('Id') ?? '';
  if (!signature || !hasTheForm(signature, id)) return { ok: false, cStat: '298' };
  const signer = signerOf(signature);
  if (!signer) return { ok: false, cStat: '290' };
  if (!isOnlyOne(inf, id) || !verifies(signature, inf, signer)) return { ok: false, cStat: '297' };
  return { ok: true, certificate: signer.certificate, digest: textAt(signature, 'SignedInfo/Reference/DigestValue').replace(/\s/g, '') };
}

/** A Reference to an Id that two elements have could mean either. */
function isOnlyOne(inf: Element, id: string): boolean {
  const root = inf.ownerDocument?.documentElement;
  if (!root) return false;
  for (const element of walk(root)) {
    if (element !== inf && ID_NAMES.some((name) => element.getAttribute(name) === id)) return false;
  }
  return true;
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

function verifies(signature: Element, inf: Element, { publicKey }: Signer): boolean {
  const signedInfo = at(signature, 'SignedInfo');
  if (!signedInfo) return false;
  const digest = createHash('sha1').update(canonical(inf)).digest();
  const told = Buffer.from(textAt(signedInfo, 'Reference/DigestValue'), 'base64');
  const value = Buffer.from(textAt(signature, 'SignatureValue'), 'base64');
  return (
    digest.equals(told) && publicKey.asymmetricKeyType === 'rsa' && verify('RSA-SHA1', Buffer.from(canonical(signedInfo)), publicKey, value)
  );
}

const c14n = new C14nCanonicalization();

/** The enveloped-signature transform has nothing to take away: the Signature stands beside what it signs. */
const canonical = (element: Element) => c14n.process(element as never, {} as never);
