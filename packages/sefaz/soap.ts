import { decodeXml, parseXml, type XmlDocument, type XmlElement, XmlError } from '@malote/fiscal/xml/parse';
import { escapeAttribute } from '@malote/fiscal/xml/splice';

const SOAP12 = 'http://www.w3.org/2003/05/soap-envelope';
const SOAP11 = 'http://schemas.xmlsoap.org/soap/envelope/';

export interface SoapRequest {
  body: Buffer;
  contentType: string;
}

/** An answer that is no readable SOAP envelope. */
export class EnvelopeError extends Error {
  readonly fault: boolean;
  constructor(message: string, options: { fault?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'EnvelopeError';
    this.fault = options.fault ?? false;
  }
}

/**
 * SOAP 1.2, document/literal, without a header (layout 4.00). `wsdl` is the namespace of the service, `message` the element around
 * the XML (`nfeDadosMsg`, `cteDadosMsg` …). `xml` goes in as it is, so it must not start with an XML declaration.
 */
export function buildEnvelope(request: { wsdl: string; operation: string; message: string; xml: string }): SoapRequest {
  const { wsdl, operation, message, xml } = request;
  const text =
    `<?xml version="1.0" encoding="utf-8"?><soap12:Envelope xmlns:soap12="${SOAP12}"><soap12:Body>` +
    `<${message} xmlns="${wsdl}">${xml}</${message}></soap12:Body></soap12:Envelope>`;
  return { body: Buffer.from(text, 'utf8'), contentType: `application/soap+xml; charset=utf-8; action="${wsdl}/${operation}"` };
}

const LIMITS = { maxBytes: 8_000_000, maxDepth: 96, maxElements: 400_000 };

/**
 * The XML of the retorno inside an answer envelope, as received (SOAP 1.2 or 1.1; a result given as text or CDATA is unwrapped).
 * Only prefixes that the retorno borrows from the envelope are declared on its root, since it could not be read alone otherwise.
 * @throws EnvelopeError for an empty body, HTML, a SOAP Fault, or anything else without a retorno.
 */
export function readEnvelope(bytes: Uint8Array): string {
  const doc = parseEnvelope(bytes);
  const [fault] = elementsOf(bodyOf(doc), 'Fault');
  if (fault) throw new EnvelopeError(faultText(fault), { fault: true });
  let wrapper = bodyOf(doc).children[0];
  // Some services wrap twice: nfeDistDFeInteresseResponse > nfeDistDFeInteresseResult > retDistDFeInt.
  for (let depth = 0; wrapper && depth < 3; depth++) {
    const inner: XmlElement | undefined = wrapper.children[0];
    if (!inner) break;
    if (wrapper.children.length === 1 && inner.local.startsWith('ret')) return sliceOf(doc, inner);
    wrapper = inner;
  }
  const text = wrapper?.text.trim() ?? '';
  if (wrapper && wrapper.children.length === 0 && text.startsWith('<')) return text;
  throw new EnvelopeError('o envelope não traz um retorno');
}

function parseEnvelope(bytes: Uint8Array): XmlDocument {
  if (bytes.length === 0) throw new EnvelopeError('a resposta veio vazia');
  let doc: XmlDocument;
  try {
    doc = parseXml(decodeXml(bytes, LIMITS).trim(), LIMITS);
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    const html = /<(!doctype\s+html|html)\b/i.test(Buffer.from(bytes.subarray(0, 1024)).toString('latin1'));
    throw new EnvelopeError(html ? 'a resposta é uma página HTML' : `a resposta não é XML legível: ${error.message}`, { cause: error });
  }
  if (doc.root.local === 'html') throw new EnvelopeError('a resposta é uma página HTML');
  if (doc.root.local !== 'Envelope' || (doc.root.uri !== SOAP12 && doc.root.uri !== SOAP11)) {
    throw new EnvelopeError(`a resposta tem a raiz <${doc.root.name}>, que não é um envelope SOAP`);
  }
  return doc;
}

function bodyOf(doc: XmlDocument): XmlElement {
  const body = doc.root.children.find((e) => e.local === 'Body' && e.uri === doc.root.uri);
  if (!body) throw new EnvelopeError('o envelope não tem Body');
  return body;
}

const elementsOf = (parent: XmlElement, local: string) => parent.children.filter((e) => e.local === local);

/** Reason/Text of SOAP 1.2, faultstring of 1.1. */
function faultText(fault: XmlElement): string {
  const reason = elementsOf(fault, 'Reason')[0];
  const text = (reason && elementsOf(reason, 'Text')[0]?.text) ?? elementsOf(fault, 'faultstring')[0]?.text ?? '';
  return text.trim().slice(0, 300) || 'sem texto';
}

/** The default namespace of the wrapper is the service's, never the retorno's: it is not carried over. */
function sliceOf(doc: XmlDocument, element: XmlElement): string {
  const xml = doc.text.slice(element.start, element.end);
  const declared = new Set([...element.attributes.keys()]);
  let missing = '';
  for (let e = element.parent; e; e = e.parent) {
    for (const [name, uri] of e.attributes) {
      if (!name.startsWith('xmlns:') || declared.has(name)) continue;
      declared.add(name);
      if (xml.includes(`${name.slice(6)}:`)) missing += ` ${name}="${escapeAttribute(uri)}"`;
    }
  }
  const afterName = 1 + element.name.length;
  return missing === '' ? xml : xml.slice(0, afterName) + missing + xml.slice(afterName);
}
