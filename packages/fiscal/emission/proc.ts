import { MODELOS } from '../model/modelo.ts';

const XML_DECLARATION = /^\uFEFF?\s*(?:<\?xml[^>]*\?>)?\s*/;

/**
 * nfeProc: the signed note and its protocolo, both byte for byte as they were sent and received; only an XML declaration in front of
 * either is dropped (there may be one per file). Composed when read, never stored, never serialised again: the signature covers the bytes.
 */
export function buildProc(signedXml: string, protocoloXml: string): string {
  const { namespace, versao, procTag } = MODELOS['55'];
  const parts = [signedXml, protocoloXml].map((xml) => xml.replace(XML_DECLARATION, '').trimEnd());
  return `<?xml version="1.0" encoding="UTF-8"?><${procTag} xmlns="${namespace}" versao="${versao}">${parts.join('')}</${procTag}>`;
}
