import { elements, parse } from './dom.ts';
import type { Service } from './services.ts';

const SOAP12 = 'http://www.w3.org/2003/05/soap-envelope';

/** The request never reached the service: answered as a SOAP fault (or plainly) with an HTTP error, as the authorisers' containers do. */
export class SoapFault extends Error {
  readonly status: number;
  readonly code: 'Sender' | 'Receiver' | 'VersionMismatch';
  constructor(status: number, code: 'Sender' | 'Receiver' | 'VersionMismatch', reason: string) {
    super(reason);
    this.status = status;
    this.code = code;
  }
}

/** The service read the request and refuses it as a whole, with a cStat in its own answer. */
export class Refusal extends Error {
  readonly cStat: string;
  readonly detail: string;
  constructor(cStat: string, detail = '') {
    super(`${cStat} ${detail}`);
    this.cStat = cStat;
    this.detail = detail;
  }
}

/**
 * The content of nfeDadosMsg exactly as received, after checking what binds the transport: SOAP 1.2, media type and action, no
 * header, one body child in the namespace of the service's WSDL.
 * @throws SoapFault, or Refusal 402 for an encoding other than UTF-8.
 */
export function readEnvelope(body: Uint8Array, contentType: string | undefined, service: Service): string {
  checkContentType(contentType, service);
  const text = decode(body);
  const message = /<((?:[A-Za-z_][\w.-]*:)?nfeDadosMsg)(?=[\s/>])[^>]*>/.exec(text);
  const from = message ? message.index + message[0].length : 0;
  const to = message ? text.lastIndexOf(`</${message[1]}`) : -1;
  if (!message || message[0].endsWith('/>') || to < from) {
    checkEnvelope(text, service);
    throw new Refusal('516');
  }
  // Only the frame is parsed here: what stands inside is judged, and sliced, as it was received.
  checkFrame(text.slice(0, from) + text.slice(to), service);
  if (/<\?/.test(text.slice(from, to)))
    throw new SoapFault(400, 'Sender', 'the envelope is not well-formed XML: a processing instruction in it');
  return text.slice(from, to);
}

function checkContentType(contentType: string | undefined, service: Service): void {
  const [media = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim());
  if (media.toLowerCase() !== 'application/soap+xml') {
    throw new SoapFault(415, 'Sender', `Content-Type must be application/soap+xml (SOAP 1.2), not "${media}"`);
  }
  const value = (name: string) => {
    const found = parameters.find((part) => part.toLowerCase().startsWith(`${name}=`));
    return found?.slice(name.length + 1).replace(/^"|"$/g, '');
  };
  const charset = value('charset');
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8') throw new Refusal('402');
  const expected = `${service.wsdl}/${service.operation}`;
  const action = value('action');
  if (action !== expected) throw new SoapFault(500, 'Sender', `action must be "${expected}", not "${action ?? ''}"`);
}

function decode(body: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new Refusal('402');
  }
  const declared = /^\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']+)["']/.exec(text)?.[1];
  if (declared !== undefined && declared.toLowerCase() !== 'utf-8') throw new Refusal('402');
  return text;
}

/** A client writes the same frame around every message: those found right are known again by their text. */
const KEPT_FRAMES = 200;
const rightFrames = new Set<string>();

function checkFrame(frame: string, service: Service): void {
  const known = `${service.name} ${frame}`;
  if (rightFrames.has(known)) return;
  checkEnvelope(frame, service);
  if (rightFrames.size >= KEPT_FRAMES) rightFrames.clear();
  rightFrames.add(known);
}

function checkEnvelope(frame: string, service: Service): void {
  const sender = (reason: string) => new SoapFault(400, 'Sender', reason);
  let envelope: ReturnType<typeof parse>['documentElement'];
  try {
    envelope = parse(frame.trim()).documentElement;
  } catch (error) {
    throw sender(`the envelope is not well-formed XML: ${(error as Error).message.split('\n')[0]}`);
  }
  if (envelope?.localName !== 'Envelope') throw sender('the root element must be a SOAP Envelope');
  if (envelope.namespaceURI !== SOAP12) throw new SoapFault(500, 'VersionMismatch', `the Envelope must be SOAP 1.2 (${SOAP12})`);
  const parts = elements(envelope);
  if (parts.some((part) => part.localName === 'Header')) throw sender('layout 4.00 has no SOAP Header (nfeCabecMsg)');
  const [soapBody] = parts;
  if (parts.length !== 1 || !soapBody || soapBody.localName !== 'Body' || soapBody.namespaceURI !== SOAP12) {
    throw sender('the Envelope must hold exactly one Body');
  }
  const [message, ...others] = elements(soapBody);
  if (!message || others.length > 0 || message.localName !== 'nfeDadosMsg') throw sender('the Body must hold exactly one nfeDadosMsg');
  if (message.namespaceURI !== service.wsdl) {
    throw sender(`nfeDadosMsg must be in the namespace "${service.wsdl}", not "${message.namespaceURI ?? ''}"`);
  }
}

/** A whole SOAP answer around the XML of a retorno. */
export function writeEnvelope(service: Service, retorno: string): string {
  return (
    `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${SOAP12}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ` +
    `xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body><nfeResultMsg xmlns="${service.wsdl}">${retorno}</nfeResultMsg>` +
    `</soap:Body></soap:Envelope>`
  );
}

export function writeFault(fault: SoapFault): string {
  return (
    `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${SOAP12}"><soap:Body><soap:Fault><soap:Code><soap:Value>` +
    `soap:${fault.code}</soap:Value></soap:Code><soap:Reason><soap:Text xml:lang="en">${escapeXml(fault.message)}</soap:Text></soap:Reason>` +
    `</soap:Fault></soap:Body></soap:Envelope>`
  );
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
