import { isUtf8 } from 'node:buffer';
import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from 'saxes';
import { readPlain } from './parse-plain.ts';
import { firstLooseAmpersand, translateSyntaxError } from './syntax-error.ts';

/** An element with its place in the text, so that bytes can be added around it without serialising anything again. */
export interface XmlElement {
  /** Qualified name as written: `NFe`, `ds:Signature`. */
  name: string;
  local: string;
  /** Namespace URI, '' for none. */
  uri: string;
  /** Every attribute as written, namespace declarations included: qualified name → normalised value. */
  attributes: ReadonlyMap<string, string>;
  parent?: XmlElement;
  children: XmlElement[];
  /** Index of `<` of the start tag. */
  start: number;
  /** Index just after `>` of the start tag. */
  openEnd: number;
  /** Index of `</`; for `<a/>` the same as openEnd. */
  closeStart: number;
  /** Index just after the end tag. */
  end: number;
  /** Text directly inside this element (not inside its children), entities and CDATA resolved. */
  text: string;
}

export interface XmlDocument {
  text: string;
  root: XmlElement;
}

/** Ceilings of one document. The defaults take the largest legal NF-e (990 items in the 500 kB class) and refuse what is bigger. */
export interface XmlLimits {
  /** UTF-8 bytes; default 500,000. */
  maxBytes?: number;
  /** Levels, the root is 1; default 64. */
  maxDepth?: number;
  /** Elements in the document; default 60,000. */
  maxElements?: number;
  /** Attributes of one element, namespace declarations included; default 64. */
  maxAttributes?: number;
}

const DEFAULTS = { maxBytes: 500_000, maxDepth: 64, maxElements: 60_000, maxAttributes: 64 };
const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();

/** An XML that cannot be read. `codigo` is permanent; line and column are counted from 1, the column in characters (code points). */
export class XmlError extends Error {
  codigo: string;
  line: number;
  column: number;

  constructor(codigo: string, message: string, place?: { text: string; offset: number }) {
    const { line, column } = place ? lineAndColumn(place.text, place.offset) : { line: 1, column: 1 };
    super(place ? `Linha ${line}, coluna ${column}: ${message}` : message);
    this.name = 'XmlError';
    this.codigo = codigo;
    this.line = line;
    this.column = column;
  }
}

/**
 * Bytes to text. Only UTF-8 is taken (MOC 7.0: UTF-8 is the one encoding of the DF-e), its byte order mark is dropped.
 * Throws XmlError: xml-tamanho, xml-codificacao.
 */
export function decodeXml(bytes: Uint8Array, limits: Pick<XmlLimits, 'maxBytes'> = {}): string {
  const maxBytes = limits.maxBytes ?? DEFAULTS.maxBytes;
  if (bytes.length > maxBytes) throw tooLarge(bytes.length, maxBytes);
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 256)).toString('latin1');
  if (/^(\xfe\xff|\xff\xfe|\0<|<\0)/.test(head)) {
    throw new XmlError('xml-codificacao', 'O arquivo está em UTF-16. Grave-o em UTF-8, a única codificação aceita pela SEFAZ.');
  }
  const declared = /^(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([^"'>]*)/.exec(head)?.[1];
  if (declared !== undefined) checkEncoding(declared);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const at = firstInvalidByte(bytes);
    const text = new TextDecoder('utf-8').decode(bytes.subarray(0, at));
    const hex = (bytes[at] ?? 0).toString(16).toUpperCase().padStart(2, '0');
    throw new XmlError(
      'xml-codificacao',
      `o byte 0x${hex} não é UTF-8 válido. O arquivo parece gravado em ISO-8859-1 (Windows-1252) ou cortado; grave-o em UTF-8.`,
      { text, offset: text.length },
    );
  }
}

/**
 * Reads a document strictly (XML 1.0 with namespaces) into elements with their offsets in `text`.
 * A DOCTYPE is refused before anything after it is read, so no entity of a document is ever defined, fetched or expanded;
 * processing instructions are refused; comments are skipped. Time is linear in the length of the text.
 * Throws XmlError: xml-tamanho, xml-codificacao, xml-dtd, xml-entidade, xml-instrucao, xml-caractere, xml-namespace,
 * xml-profundidade, xml-elementos, xml-atributos, xml-versao, xml-malformado.
 */
export function parseXml(text: string, limits: XmlLimits = {}): XmlDocument {
  return parseWith(text, limits, readPlain);
}

/** parseXml by the strict reader alone: slower, with the same result. For tests that compare the two. */
export function parseXmlStrictly(text: string, limits: XmlLimits = {}): XmlDocument {
  return parseWith(text, limits, () => undefined);
}

function parseWith(text: string, limits: XmlLimits, quick: typeof readPlain): XmlDocument {
  const max = { ...DEFAULTS, ...limits };
  if (text.length > max.maxBytes || (text.length * 3 > max.maxBytes && Buffer.byteLength(text) > max.maxBytes)) {
    throw tooLarge(Buffer.byteLength(text), max.maxBytes);
  }
  // saxes pairs a high surrogate with whatever follows it.
  if (!text.isWellFormed()) throw loneSurrogate(text);
  const plain = quick(text, max);
  if (plain !== undefined) return { text, root: plain };
  refuseDoctype(text);
  return { text, root: readStrictly(text, max) };
}

function readStrictly(text: string, max: Required<XmlLimits>): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const fail = (codigo: string, message: string, offset = parser.position): XmlError => new XmlError(codigo, message, { text, offset });
  let root: XmlElement | undefined;
  let current: XmlElement | undefined;
  let depth = 0;
  let elements = 0;

  // Six handlers at most: with a seventh, V8 turns the parser object into a dictionary and everything is five times slower (measured).
  parser.on('xmldecl', ({ version, encoding }) => {
    if (version !== '1.0') throw fail('xml-versao', `a declaração XML diz versão ${version}; use version="1.0".`);
    if (encoding !== undefined) checkEncoding(encoding);
  });
  parser.on('processinginstruction', ({ target }) => {
    throw fail('xml-instrucao', `a instrução de processamento <?${target} …?> não é permitida em documento fiscal; retire-a.`);
  });
  parser.on('opentag', (tag: SaxesTagNS) => {
    const openEnd = parser.position;
    // Neither a name nor an attribute value holds a '<': this finds the tag's own.
    const start = text.lastIndexOf('<', openEnd - 1);
    depth++;
    elements++;
    if (depth > max.maxDepth) throw fail('xml-profundidade', `há mais de ${max.maxDepth} tags abertas umas dentro das outras.`, start);
    if (elements > max.maxElements) throw fail('xml-elementos', `o documento tem mais de ${max.maxElements} elementos.`, start);
    const { name, local, uri } = tag;
    const attributes = openEnd - start === name.length + 2 ? NO_ATTRIBUTES : attributesOf(tag);
    if (attributes.size > max.maxAttributes) throw fail('xml-atributos', `<${name}> tem mais de ${max.maxAttributes} atributos.`, start);
    const invalid = local === name && attributes.size === 0 ? undefined : invalidName(tag);
    if (invalid !== undefined) throw fail('xml-namespace', invalid, start);
    const element: XmlElement = {
      name,
      local,
      uri,
      attributes,
      parent: current,
      children: [],
      start,
      openEnd,
      closeStart: openEnd,
      end: openEnd,
      text: '',
    };
    if (current === undefined) root = element;
    else current.children.push(element);
    current = element;
  });
  parser.on('closetag', ({ name, isSelfClosing }) => {
    const element = current as XmlElement;
    if (!isSelfClosing) {
      element.end = parser.position;
      element.closeStart = text.lastIndexOf('<', parser.position - 1);
      const found = text.slice(element.closeStart + 2, element.end - 1).trimEnd();
      if (found !== name) {
        const { line } = lineAndColumn(text, element.start);
        throw fail('xml-malformado', `</${found}> não fecha a tag aberta <${name}> (linha ${line}).`, element.closeStart);
      }
    }
    current = element.parent;
    depth--;
  });
  const addText = (piece: string): void => {
    if (current !== undefined) current.text += piece;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);

  try {
    parser.write(text);
    if (current !== undefined) throw unclosed(text, current);
    parser.close();
  } catch (error) {
    throw error instanceof XmlError ? error : asXmlError(error, text, parser.position);
  }
  return root as unknown as XmlElement;
}

/** First child element with this local name. */
export function child(element: XmlElement, local: string): XmlElement | undefined {
  return element.children.find((c) => c.local === local);
}

/** Child elements with this local name, in document order. */
export function children(element: XmlElement, local: string): XmlElement[] {
  return element.children.filter((c) => c.local === local);
}

/** Follows local names downwards, the first of each: `at(infNFe, 'ide/cUF')`. */
export function at(element: XmlElement, path: string): XmlElement | undefined {
  let found: XmlElement | undefined = element;
  for (const local of path.split('/')) {
    found = child(found, local);
    if (found === undefined) return undefined;
  }
  return found;
}

/** Text of the element at `path`, undefined when there is no such element. */
export function textAt(element: XmlElement, path: string): string | undefined {
  return at(element, path)?.text;
}

function attributesOf(tag: SaxesTagNS): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const name in tag.attributes) map.set(name, tag.attributes[name]?.value ?? '');
  return map;
}

/** What saxes lets pass and other readers take differently, or not at all. */
function invalidName(tag: SaxesTagNS): string | undefined {
  if (tag.local !== tag.name && !startsName(tag.local)) return `o nome "${tag.name}" não é válido.`;
  for (const key in tag.attributes) {
    const { name, prefix, local, value } = tag.attributes[key] as SaxesAttributeNS;
    if (prefix !== '' && !startsName(local)) return `o nome "${name}" não é válido.`;
    // saxes trims the URI before it compares, others do not: the two would see different names.
    if ((prefix === 'xmlns' || name === 'xmlns') && value !== value.trim()) return `o namespace de ${name} começa ou termina com espaço.`;
  }
  return undefined;
}

/** saxes checks the first letter of the whole name only, not of the part after the colon (NCName, Namespaces in XML 1.0 §3). */
function startsName(local: string): boolean {
  return !/^(?:[-.0-9\u00B7\u203F\u2040]|[\u0300-\u036F])/.test(local);
}

/** Looks at the prolog alone: behind the root a DOCTYPE is a syntax error, in a comment or CDATA it is text. */
function refuseDoctype(text: string): void {
  const next = /\s*<([?!])/y;
  next.lastIndex = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (let found = next.exec(text); found !== null; found = next.exec(text)) {
    const start = next.lastIndex - 2;
    const closer = found[1] === '?' ? '?>' : text.startsWith('--', next.lastIndex) ? '-->' : undefined;
    if (closer === undefined) {
      if (!/^doctype/i.test(text.slice(next.lastIndex, next.lastIndex + 7))) return;
      throw new XmlError('xml-dtd', 'o documento tem DOCTYPE (DTD), que não é permitido em documento fiscal; retire-o.', {
        text,
        offset: start,
      });
    }
    const end = text.indexOf(closer, next.lastIndex);
    if (end < 0) return;
    next.lastIndex = end + closer.length;
  }
}

function checkEncoding(declared: string): void {
  if (/^utf-?8$/i.test(declared)) return;
  const message = `A declaração XML diz encoding="${declared}". Grave o arquivo em UTF-8, a única codificação aceita pela SEFAZ.`;
  throw new XmlError('xml-codificacao', message);
}

function tooLarge(bytes: number, maxBytes: number): XmlError {
  return new XmlError('xml-tamanho', `O XML tem ${bytes} bytes; o limite é ${maxBytes} bytes.`);
}

function loneSurrogate(text: string): XmlError {
  const offset = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.exec(text)?.index ?? 0;
  return new XmlError('xml-caractere', 'há metade de um caractere (surrogate UTF-16 sem par).', { text, offset });
}

function unclosed(text: string, element: XmlElement): XmlError {
  const ampersand = firstLooseAmpersand(text, text.length);
  if (ampersand !== undefined) return new XmlError('xml-entidade', ampersand.message, { text, offset: ampersand.offset });
  return new XmlError('xml-malformado', `o XML termina sem fechar a tag <${element.name}>, aberta aqui; o arquivo pode estar cortado.`, {
    text,
    offset: element.start,
  });
}

function asXmlError(error: unknown, text: string, position: number): XmlError {
  const { codigo, message } = translateSyntaxError(error instanceof Error ? error.message : String(error));
  const ampersand = codigo === 'xml-entidade' ? firstLooseAmpersand(text, position) : undefined;
  return new XmlError(codigo, ampersand?.message ?? message, { text, offset: ampersand?.offset ?? Math.max(0, position - 1) });
}

function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lines = before.split(/\r\n|\r|\n/);
  return { line: lines.length, column: Array.from(lines.at(-1) ?? '').length + 1 };
}

/** Index of the first byte of the first sequence that is not UTF-8, found by halving. */
function firstInvalidByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  // `good` may lie inside the sequence that goes wrong: its first byte is the one to show.
  for (let start = good; start > good - 4 && start >= 0; start--) {
    if (isUtf8(bytes.subarray(0, start))) return start;
  }
  return good;
}
