import { hash, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { canonicalize } from './canonicalize.ts';
import { type XmlDocument, type XmlElement, XmlError } from './parse.ts';
import {
  C14N_URI,
  countId,
  ENVELOPED_URI,
  isSignature,
  isSupplement,
  RSA_SHA1_URI,
  SHA1_URI,
  soleElement,
  XMLDSIG_URI,
} from './xmldsig.ts';

export type Verification = { ok: true; certDer: Uint8Array; digest: string } | { ok: false; reason: string };

/** A reason against the signature, in Portuguese; never leaves this file as an exception. */
class Refusal extends Error {}

/**
 * Checks the signature of one element of somebody else's document. `element` is a local name that occurs once in the document, or the
 * element itself where a name occurs more often (infEvento in a procEventoNFe).
 *
 * ok means: this very element, as it stands, was signed with the key of `certDer`, by the fixed algorithms, by a Signature in its
 * place. It does *not* mean that the certificate is valid, trusted or the emitter's: the caller checks that.
 * Everything not exactly of the schema's shape is refused, so that no part of the Signature can be there for another reader.
 */
export function verifyXml(doc: XmlDocument, element: string | XmlElement): Verification {
  try {
    return verifyElement(doc, typeof element === 'string' ? find(doc, element) : element);
  } catch (error) {
    if (error instanceof Refusal || error instanceof XmlError) return { ok: false, reason: error.message };
    throw error;
  }
}

function verifyElement(doc: XmlDocument, signed: XmlElement): Verification {
  const signature = signatureOf(signed);
  const [info, value, keyInfo] = sequence(signature, 'SignedInfo', 'SignatureValue', 'KeyInfo');
  const [c14n, method, reference] = sequence(info, 'CanonicalizationMethod', 'SignatureMethod', 'Reference');
  const [transforms, digestMethod, digestValue] = sequence(reference, 'Transforms', 'DigestMethod', 'DigestValue');
  const [enveloped, second] = sequence(transforms, 'Transform', 'Transform');
  algorithm(c14n, C14N_URI);
  algorithm(method, RSA_SHA1_URI);
  algorithm(enveloped, ENVELOPED_URI);
  algorithm(second, C14N_URI);
  algorithm(digestMethod, SHA1_URI);
  const [x509Data] = sequence(keyInfo, 'X509Data');
  const [x509Certificate] = sequence(x509Data, 'X509Certificate');

  const id = signed.attributes.get('Id') ?? '';
  if (id === '') throw new Refusal(`<${signed.name}> não tem o atributo Id.`);
  if (reference.attributes.get('URI') !== `#${id}`)
    throw new Refusal(`A referência da assinatura não é "#${id}", o Id de <${signed.name}>.`);
  if (countId(doc.root, id) !== 1) throw new Refusal(`O Id "${id}" aparece em mais de um elemento.`);

  const digest = hash('sha1', canonicalize(doc, signed), 'base64');
  if (base64(digestValue).toString('base64') !== digest) {
    throw new Refusal(`<${signed.name}> foi alterado depois de assinado: o digest não confere.`);
  }
  const certDer = base64(x509Certificate);
  if (!verify('sha1', Buffer.from(canonicalize(doc, info)), rsaKeyOf(certDer), base64(value))) {
    throw new Refusal('O valor da assinatura não confere com o certificado.');
  }
  return { ok: true, certDer, digest };
}

function find(doc: XmlDocument, local: string): XmlElement {
  const found = soleElement(doc.root, local);
  if (found === 'none') throw new Refusal(`O XML não tem o elemento <${local}>.`);
  if (found === 'several') throw new Refusal(`O XML tem mais de um elemento <${local}>.`);
  return found;
}

function signatureOf(signed: XmlElement): XmlElement {
  const siblings = signed.parent?.children ?? [];
  const signatures = siblings.filter(isSignature);
  const [signature] = signatures;
  if (signature === undefined) throw new Refusal(`<${signed.name}> não está assinado.`);
  if (signatures.length > 1) throw new Refusal(`Há mais de uma assinatura ao lado de <${signed.name}>.`);
  const between = siblings.slice(siblings.indexOf(signed) + 1, siblings.indexOf(signature));
  const inPlace =
    siblings.indexOf(signature) > siblings.indexOf(signed) && between.length <= 1 && between.every((e) => isSupplement(e, signed));
  if (!inPlace) throw new Refusal(`A assinatura não está logo depois de <${signed.name}>.`);
  return signature;
}

/** The children of `element`, which must be exactly these xmldsig elements in this order, with no text between them. */
function sequence<N extends readonly string[]>(element: XmlElement, ...locals: N): { [K in keyof N]: XmlElement } {
  const as = element.children;
  const same = as.length === locals.length && as.every((e, i) => e.local === locals[i] && e.uri === XMLDSIG_URI);
  if (!same || element.text.trim() !== '')
    throw new Refusal(`A assinatura está fora do padrão: <${element.local}> deve conter ${locals.join(', ')}.`);
  return as as unknown as { [K in keyof N]: XmlElement };
}

function algorithm(element: XmlElement, uri: string): void {
  const used = element.attributes.get('Algorithm');
  if (used !== uri) throw new Refusal(`A assinatura usa em <${element.local}> o algoritmo "${used ?? ''}"; o padrão é "${uri}".`);
  if (element.children.length > 0 || element.text.trim() !== '')
    throw new Refusal(`A assinatura está fora do padrão: <${element.local}> deve ser vazio.`);
}

function base64(element: XmlElement): Buffer {
  const compact = element.text.replace(/[ \t\r\n]/g, '');
  const bytes = Buffer.from(compact, 'base64');
  // Buffer skips what is not base64; only what comes back the same was base64.
  if (element.children.length > 0 || bytes.length === 0 || bytes.toString('base64') !== compact)
    throw new Refusal(`A assinatura está fora do padrão: <${element.local}> não é base64.`);
  return bytes;
}

function rsaKeyOf(der: Buffer): KeyObject {
  let key: KeyObject | undefined;
  try {
    const certificate = new X509Certificate(der);
    // It would read PEM too, or leave bytes behind the certificate unread.
    if (certificate.raw.equals(der)) key = certificate.publicKey;
  } catch {
    key = undefined;
  }
  if (key?.asymmetricKeyType !== 'rsa') throw new Refusal('O certificado da assinatura não pode ser lido ou não é RSA.');
  return key;
}
