import type { Fault } from '@malote/fiscal/fault';
import type { ErrorDetail, XmlDocument } from 'libxml2-wasm';
import { findPlace } from './fault-place.ts';
import { FAULT_RULES } from './fault-rules.ts';

const MAX_VALUE = 60;
/** A document wrong in its first lines may be wrong in each of 990 items: nobody reads that list. */
export const MAX_FAULTS = 100;

/**
 * Turns the errors of libxml2 into faults: code by kind of error, path of the element, Portuguese text.
 * @param norm what the document was checked against
 */
export function toFaults(doc: XmlDocument, details: readonly ErrorDetail[], expectedUri: string, norm: string): Fault[] {
  return details.slice(0, MAX_FAULTS).map((detail) => toFault(doc, detail, expectedUri, norm));
}

function toFault(doc: XmlDocument, detail: ErrorDetail, expectedUri: string, norm: string): Fault {
  const [prefix = '', attributeName] = /^Element '[^']*'(?:, attribute '([^']*)')?: /.exec(detail.message) ?? [];
  const message = detail.message.slice(prefix.length).trimEnd().replace(/\.$/, '');
  const attribute = attributeName?.replace(/^\{[^}]*\}/, '');
  const { path, element, item } = findPlace(doc, detail.xpath, attribute);
  const value = attribute === undefined ? element.content : (element.attr(attribute)?.value ?? '');
  const context = { name: element.name, value: cut(value), uri: element.namespaceUri, expectedUri };
  for (const rule of FAULT_RULES) {
    const match = rule.when.exec(message);
    const text = match ? rule.text(match, context) : '';
    if (text === '') continue;
    const field = attribute === undefined ? `Campo ${element.name}` : `Atributo ${attribute} de ${element.name}`;
    return { code: rule.code, path, message: `${field}${item === undefined ? '' : ` (item ${item})`}: ${text}`, norm };
  }
  throw new Error(`no fault rule for: ${message}`);
}

function cut(value: string): string {
  const oneLine = value.replace(/\s+/g, ' ');
  return oneLine.length > MAX_VALUE ? `${oneLine.slice(0, MAX_VALUE - 1)}…` : oneLine;
}
