import { parseXml, type XmlDocument, XmlError } from '../xml/parse.ts';

/** A consult with many events grows: the request limit does not hold for answers. */
const MAX_BYTES = 4_000_000;

/** The XML of an answer, or why it is none (empty, a page, malformed), in Portuguese. Never throws. */
export function parseAnswer(body: string): XmlDocument | string {
  const text = body.trim();
  if (text === '') return 'a resposta veio vazia';
  if (/^(<\?xml[^>]*\?>\s*)?(<!doctype\s+html|<html)\b/i.test(text)) return 'a resposta é uma página HTML';
  try {
    return parseXml(text, { maxBytes: MAX_BYTES, maxElements: 200_000 });
  } catch (error) {
    return error instanceof XmlError ? `a resposta não é XML legível: ${error.message}` : 'a resposta não pôde ser lida';
  }
}
