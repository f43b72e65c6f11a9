import { hash, type KeyObject, sign } from 'node:crypto';
import { apexStartTag, canonicalize } from './canonicalize.ts';
import { parseXml, type XmlDocument, type XmlElement, XmlError } from './parse.ts';
import { splice } from './splice.ts';
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

export interface SigningCertificate {
  /** RSA private key. A KeyObject, because decoding a PEM at each call costs more than the signature. */
  key: KeyObject;
  /** The end-entity certificate alone, DER. */
  certDer: Uint8Array;
}

export interface SignedXml {
  /** The given text with the Signature put in; every other byte is as it was. */
  xml: string;
  /** DigestValue: base64 of the SHA-1 that SEFAZ gives back as digVal. */
  digest: string;
  /** Id of the signed element. */
  id: string;
}

/**
 * Signs the one element called `target.element` as the DF-e manuals require (MOC 7.0, digital signature; xmldsig-core-schema v1.01):
 * RSA-SHA1 over C14N 1.0, one Reference to its Id, KeyInfo with the certificate only, default namespace and no prefix. The Signature
 * goes behind the element, or behind its infNFeSupl, infCTeSupl or infMDFeSupl where there is one.
 * Throws XmlError: those of parseXml, xml-sem-elemento, xml-elemento-repetido, xml-sem-id, xml-id-invalido, xml-id-repetido,
 * xml-ja-assinado; TypeError when the key is not a private RSA key.
 */
export function signXml(input: string | XmlDocument, target: { element: string }, cert: SigningCertificate): SignedXml {
  if (cert.key.type !== 'private' || cert.key.asymmetricKeyType !== 'rsa') throw new TypeError('a private RSA key is needed to sign');
  const doc = typeof input === 'string' ? parseXml(input) : input;
  const element = findElement(doc, target.element);
  const parent = element.parent as XmlElement;
  const id = idOf(doc, element);

  const digest = hash('sha1', canonicalize(doc, element), 'base64');
  const body = signedInfoBody(id, digest);
  const canonicalInfo = `${apexStartTag('SignedInfo', XMLDSIG_URI, doc, parent)}${body}</SignedInfo>`;
  const value = sign('sha1', Buffer.from(canonicalInfo), cert.key).toString('base64');
  const certificate = Buffer.from(cert.certDer.buffer, cert.certDer.byteOffset, cert.certDer.byteLength).toString('base64');
  const signature =
    `<Signature xmlns="${XMLDSIG_URI}"><SignedInfo>${body}</SignedInfo><SignatureValue>${value}</SignatureValue>` +
    `<KeyInfo><X509Data><X509Certificate>${certificate}</X509Certificate></X509Data></KeyInfo></Signature>`;

  const next = parent.children[parent.children.indexOf(element) + 1];
  const place = next !== undefined && isSupplement(next, element) ? next.end : element.end;
  return { xml: splice(doc.text, [{ at: place, insert: signature }]), digest, id };
}

/** Written in canonical form (no `<a/>`), so that what is hashed here is what stands in the document, namespaces of SignedInfo aside. */
function signedInfoBody(id: string, digest: string): string {
  return (
    `<CanonicalizationMethod Algorithm="${C14N_URI}"></CanonicalizationMethod><SignatureMethod Algorithm="${RSA_SHA1_URI}"></SignatureMethod>` +
    `<Reference URI="#${id}"><Transforms><Transform Algorithm="${ENVELOPED_URI}"></Transform><Transform Algorithm="${C14N_URI}"></Transform></Transforms>` +
    `<DigestMethod Algorithm="${SHA1_URI}"></DigestMethod><DigestValue>${digest}</DigestValue></Reference>`
  );
}

function findElement(doc: XmlDocument, local: string): XmlElement {
  const found = soleElement(doc.root, local);
  if (found === 'none') throw new XmlError('xml-sem-elemento', `O XML não tem o elemento <${local}>, que é o que se assina.`);
  if (found === 'several')
    throw new XmlError('xml-elemento-repetido', `O XML tem mais de um elemento <${local}>; só se assina um por vez.`);
  const place = { text: doc.text, offset: found.start };
  if (found.parent === undefined) {
    throw new XmlError('xml-sem-elemento', `<${local}> é a raiz do XML; falta o elemento que o contém, onde fica a assinatura.`, place);
  }
  const signature = found.parent.children.find(isSignature);
  if (signature !== undefined) {
    throw new XmlError('xml-ja-assinado', `o XML já está assinado; retire <${signature.name}>.`, {
      text: doc.text,
      offset: signature.start,
    });
  }
  return found;
}

function idOf(doc: XmlDocument, element: XmlElement): string {
  const place = { text: doc.text, offset: element.start };
  const id = element.attributes.get('Id');
  if (id === undefined || id === '') throw new XmlError('xml-sem-id', `<${element.name}> não tem o atributo Id.`, place);
  if (!/^[A-Za-z_][\w.-]*$/.test(id))
    throw new XmlError('xml-id-invalido', `o Id "${id}" de <${element.name}> tem caracteres inválidos.`, place);
  if (countId(doc.root, id) !== 1) throw new XmlError('xml-id-repetido', `o Id "${id}" aparece em mais de um elemento.`, place);
  return id;
}
