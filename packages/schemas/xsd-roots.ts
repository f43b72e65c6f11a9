import { ParseOption, XmlDocument, XmlElement } from 'libxml2-wasm';

const XS = 'http://www.w3.org/2001/XMLSchema';
const DS = 'http://www.w3.org/2000/09/xmldsig#';

/** What a catalogue must know of an XSD. */
export interface XsdSummary {
  /** Names of the global elements; always empty for the signature's schema, which is never a document. */
  roots: string[];
  namespace: string;
  /** '4.00' from `…_v4.00.xsd`; '' when the name says none. */
  versao: string;
}

/**
 * Reads the global elements of an XSD without compiling it.
 * @throws Error when the bytes are not a well-formed xs:schema.
 */
export function summarizeXsd(bytes: Uint8Array, fileName: string): XsdSummary {
  const doc = XmlDocument.fromBuffer(bytes, { url: fileName, option: ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_XXE });
  try {
    const schema = doc.root;
    if (schema.name !== 'schema' || schema.namespaceUri !== XS) throw new Error(`${fileName}: root element is not xs:schema`);
    const namespace = schema.attr('targetNamespace')?.value ?? '';
    const roots: string[] = [];
    for (let node = schema.firstChild; node; node = node.next) {
      if (node instanceof XmlElement && node.name === 'element' && node.namespaceUri === XS) roots.push(node.attr('name')?.value ?? '');
    }
    return { roots: namespace === DS ? [] : roots, namespace, versao: /_v(\d+\.\d+)/.exec(fileName)?.[1] ?? '' };
  } finally {
    doc.dispose();
  }
}
