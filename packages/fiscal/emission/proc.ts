import { MODELOS } from '../model/modelo.ts';

const XML_DECLARATION = /^\uFEFF?\s*(?:<\?xml[^>]*\?>)?\s*/;
const { namespace, versao, procTag } = MODELOS['55'];

/**
 * What was signed and SEFAZ's word about it in one document (nfeProc, procEventoNFe, ProcInutNFe), both byte for byte as they were sent and
 * received; only an XML declaration in front of either is dropped (there may be one per file). Composed when read, never stored, never
 * serialised again: the signature covers the bytes.
 */
export function joinProc(tag: string, layout: string, signedXml: string, answer: string): string {
  const parts = [signedXml, answer].map((xml) => xml.replace(XML_DECLARATION, '').trimEnd());
  return `<?xml version="1.0" encoding="UTF-8"?><${tag} xmlns="${namespace}" versao="${layout}">${parts.join('')}</${tag}>`;
}

/** nfeProc: the signed note and its protocolo. */
export function buildProc(signedXml: string, protocoloXml: string): string {
  return joinProc(procTag, versao, signedXml, protocoloXml);
}
