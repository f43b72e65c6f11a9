import type { XmlElement } from './parse.ts';

/** The only algorithms the DF-e schemas allow (xmldsig-core-schema v1.01 fixes every URI; SHA-1 still, in 2026). */
export const XMLDSIG_URI = 'http://www.w3.org/2000/09/xmldsig#';
export const C14N_URI = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
export const ENVELOPED_URI = `${XMLDSIG_URI}enveloped-signature`;
export const RSA_SHA1_URI = `${XMLDSIG_URI}rsa-sha1`;
export const SHA1_URI = `${XMLDSIG_URI}sha1`;

/** Calls `visit` for every element of the tree, `element` first, in document order. */
function eachElement(element: XmlElement, visit: (e: XmlElement) => void): void {
  visit(element);
  for (const c of element.children) eachElement(c, visit);
}

/** Attributes that some verifier takes for an id: a reference must not be able to mean two elements. */
const ID_NAMES = new Set(['id', 'xml:id']);

/** How many elements of the document carry this id under any spelling of the attribute's name. */
export function countId(root: XmlElement, id: string): number {
  let count = 0;
  eachElement(root, ({ attributes }) => {
    if (attributes.size === 0) return;
    for (const [name, value] of attributes) if (value === id && ID_NAMES.has(name.toLowerCase())) count++;
  });
  return count;
}

/** The one element with this local name. Two of them make "the signed element" ambiguous, which signature wrapping lives on. */
export function soleElement(root: XmlElement, local: string): XmlElement | 'none' | 'several' {
  const found: XmlElement[] = [];
  eachElement(root, (element) => {
    if (element.local === local) found.push(element);
  });
  return found.length > 1 ? 'several' : (found[0] ?? 'none');
}

export function isSignature(element: XmlElement): boolean {
  return element.local === 'Signature' && element.uri === XMLDSIG_URI;
}

/**
 * The siblings that stand between the signed element and its Signature in the schemas: infNFeSupl (65), infCTeSupl, infMDFeSupl, in
 * the same namespace. They are outside the signature.
 */
export function isSupplement(element: XmlElement, signed: XmlElement): boolean {
  // infCte has an infCTeSupl.
  return element.uri === signed.uri && element.local.toLowerCase() === `${signed.local}supl`.toLowerCase();
}
