import type { XmlElement, XmlLimits } from './parse.ts';

/** The namespace declarations in scope, a list that begins with the innermost. */
interface Binding {
  prefix: string;
  uri: string;
  outer: Binding | undefined;
  /** Length of the list. */
  count: number;
}

/** What a start tag declares and carries. */
interface Tag {
  attributes: ReadonlyMap<string, string>;
  scope: Binding | undefined;
  /** Index of the `>` or `/` that ends the attributes. */
  end: number;
}

/** Ceiling of Binding.count: a name must not cost a walk through thousands of declarations. */
const MAX_BINDINGS = 16;
const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();
/** URIs with rules of their own (Namespaces in XML 1.0 §3): the strict reader knows them. */
const RESERVED = new Set(['http://www.w3.org/XML/1998/namespace', 'http://www.w3.org/2000/xmlns/']);
const DECLARATION = /<\?xml version="1\.0"(?: encoding="(?:UTF-8|utf-8)")?(?: standalone="(?:yes|no)")?\?>/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what XML 1.0 §2.2 keeps out of a document, surrogates aside.
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;
const REFERENCE = /&(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});/y;
const NAMED: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'" };

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const BANG = 0x21;
const QUOTE = 0x22;
const AMP = 0x26;
const APOS = 0x27;
const SLASH = 0x2f;
const COLON = 0x3a;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;

/** Of each ASCII character: 1 it may stand in a name, 2 it may begin one. Other letters are left to the strict reader. */
const NAME = new Uint8Array(128);
for (let c = 0; c < 128; c++) NAME[c] = /[A-Za-z_]/.test(String.fromCharCode(c)) ? 2 : /[-.0-9]/.test(String.fromCharCode(c)) ? 1 : 0;

/**
 * Reads the plain XML that nearly every fiscal document is written in: declaration, elements, attributes, references, CDATA. Answers
 * undefined at whatever it is not sure of (errors, comments, names beyond ASCII, attributes with prefix, limits exceeded): then the
 * strict reader has to judge. What it does read is the very tree that one would build. `text` is well-formed UTF-16 within maxBytes.
 * Time is linear: no character is looked at more than a fixed number of times.
 */
export function readPlain(text: string, max: Required<Omit<XmlLimits, 'maxBytes'>>): XmlElement | undefined {
  DECLARATION.lastIndex = 0;
  let i = skipSpaces(text, DECLARATION.test(text) ? DECLARATION.lastIndex : 0);
  if (text.charCodeAt(i) !== LESS || FORBIDDEN.test(text)) return undefined;
  // Each is the next of its kind at or behind the place being read, searched again only when passed.
  let nextAmp = indexOrEnd(text, '&', i);
  let nextClosing = indexOrEnd(text, ']]>', i);
  let nextCr = indexOrEnd(text, '\r', i);

  let root: XmlElement | undefined;
  let current: XmlElement | undefined;
  let scope: Binding | undefined;
  const outerScopes: (Binding | undefined)[] = [];
  let elements = 0;

  // At each turn `i` is at a '<'.
  for (;;) {
    const start = i;
    const c = text.charCodeAt(i + 1);
    if (c === SLASH) {
      if (current === undefined || !text.startsWith(current.name, i + 2)) return undefined;
      i = skipSpaces(text, i + 2 + current.name.length);
      if (text.charCodeAt(i++) !== GREATER) return undefined;
      current.closeStart = start;
      current.end = i;
      current = current.parent;
      scope = outerScopes.pop();
    } else if (c === BANG) {
      if (current === undefined || !text.startsWith('[CDATA[', i + 2)) return undefined;
      const end = text.indexOf(']]>', i + 9);
      if (end < 0) return undefined;
      const content = text.slice(i + 9, end);
      current.text += nextCr < end ? content.replace(/\r\n?/g, '\n') : content;
      i = end + 3;
    } else {
      const nameEnd = endOfName(text, i + 1);
      if (nameEnd === 0) return undefined;
      let local = nameEnd;
      if (text.charCodeAt(nameEnd) === COLON) {
        local = endOfName(text, nameEnd + 1);
        if (local === 0) return undefined;
      }
      i = local;
      const name = text.slice(start + 1, i);
      let attributes = NO_ATTRIBUTES;
      let inner = scope;
      if (text.charCodeAt(i) !== GREATER) {
        const tag = readAttributes(text, i, scope, max.maxAttributes);
        if (tag === undefined) return undefined;
        ({ attributes, scope: inner, end: i } = tag);
      }
      const selfClosing = text.charCodeAt(i) === SLASH;
      if (selfClosing) i++;
      if (text.charCodeAt(i++) !== GREATER) return undefined;
      const prefixed = local !== nameEnd;
      const uri = uriOf(inner, prefixed ? text.slice(start + 1, nameEnd) : '');
      if (uri === undefined || ++elements > max.maxElements || outerScopes.length >= max.maxDepth) return undefined;
      const element: XmlElement = {
        name,
        local: prefixed ? text.slice(nameEnd + 1, local) : name,
        uri,
        attributes,
        parent: current,
        children: [],
        start,
        openEnd: i,
        closeStart: i,
        end: i,
        text: '',
      };
      if (current === undefined) root = element;
      else current.children.push(element);
      if (!selfClosing) {
        outerScopes.push(scope);
        scope = inner;
        current = element;
      }
    }

    if (current === undefined) return skipSpaces(text, i) === text.length ? root : undefined;
    const end = text.indexOf('<', i);
    if (end < 0) return undefined;
    if (end === i) continue;
    if (nextClosing < i) nextClosing = indexOrEnd(text, ']]>', i);
    if (nextClosing < end) return undefined;
    if (nextAmp < i) nextAmp = indexOrEnd(text, '&', i);
    if (nextCr < i) nextCr = indexOrEnd(text, '\r', i);
    let piece: string | undefined = text.slice(i, end);
    if (nextCr < end) piece = piece.replace(/\r\n?/g, '\n');
    if (nextAmp < end) {
      piece = resolveReferences(piece);
      if (piece === undefined) return undefined;
    }
    current.text = current.text === '' ? piece : current.text + piece;
    i = end;
  }
}

/** From the end of the tag's name to its `>` or `/`. */
function readAttributes(text: string, from: number, outer: Binding | undefined, maxAttributes: number): Tag | undefined {
  let attributes: Map<string, string> | undefined;
  let scope = outer;
  let i = from;
  for (;;) {
    const start = skipSpaces(text, i);
    const c = text.charCodeAt(start);
    if (c === GREATER || c === SLASH) return { attributes: attributes ?? NO_ATTRIBUTES, scope, end: start };
    if (start === i) return undefined;
    i = endOfName(text, start);
    if (i === 0) return undefined;
    if (text.charCodeAt(i) === COLON) {
      if (i - start !== 5 || !text.startsWith('xmlns', start)) return undefined;
      i = endOfName(text, i + 1);
      if (i === 0) return undefined;
    }
    const name = text.slice(start, i);
    if (text.charCodeAt(i) !== EQUALS) return undefined;
    const quote = text.charCodeAt(i + 1);
    if (quote !== QUOTE && quote !== APOS) return undefined;
    const valueStart = i + 2;
    let references = false;
    for (i = valueStart; ; i++) {
      const v = text.charCodeAt(i);
      if (v === quote) break;
      if (v === AMP) references = true;
      // The end of the text (NaN), or white space that would have to be normalised.
      else if (v === LESS || !(v >= SPACE)) return undefined;
    }
    const written = text.slice(valueStart, i);
    const value = references ? resolveReferences(written) : written;
    i++;
    if (value === undefined) return undefined;
    attributes ??= new Map();
    if (attributes.has(name) || attributes.size >= maxAttributes) return undefined;
    attributes.set(name, value);
    if (name === 'xmlns' || name.startsWith('xmlns:')) {
      scope = bind(scope, name.slice(6), value);
      if (scope === undefined) return undefined;
    }
  }
}

function bind(outer: Binding | undefined, prefix: string, uri: string): Binding | undefined {
  const count = (outer?.count ?? 0) + 1;
  if (count > MAX_BINDINGS || uri !== uri.trim() || RESERVED.has(uri)) return undefined;
  return prefix === 'xml' || prefix === 'xmlns' || (prefix !== '' && uri === '') ? undefined : { prefix, uri, outer, count };
}

function uriOf(scope: Binding | undefined, prefix: string): string | undefined {
  for (let binding = scope; binding !== undefined; binding = binding.outer) if (binding.prefix === prefix) return binding.uri;
  return prefix === '' ? '' : undefined;
}

/** Index behind the ASCII name (NCName) that begins at `from`; 0 when none does or a character beyond ASCII follows. */
function endOfName(text: string, from: number): number {
  let i = from;
  let c = text.charCodeAt(i);
  if (!(c < 128) || NAME[c] !== 2) return 0;
  do c = text.charCodeAt(++i);
  while (c < 128 && (NAME[c] as number) > 0);
  return i;
}

function skipSpaces(text: string, from: number): number {
  let i = from;
  for (let c = text.charCodeAt(i); c === SPACE || c === LF || c === CR || c === TAB; ) c = text.charCodeAt(++i);
  return i;
}

function indexOrEnd(text: string, sought: string, from: number): number {
  const found = text.indexOf(sought, from);
  return found < 0 ? text.length : found;
}

/** Undefined when one of them is not sure to be right. */
function resolveReferences(raw: string): string | undefined {
  let resolved = '';
  let from = 0;
  for (let at = raw.indexOf('&'); at >= 0; at = raw.indexOf('&', from)) {
    REFERENCE.lastIndex = at;
    if (!REFERENCE.test(raw)) return undefined;
    const reference = raw.slice(at, REFERENCE.lastIndex);
    const character = NAMED[reference] ?? numbered(reference);
    if (character === undefined) return undefined;
    resolved += raw.slice(from, at) + character;
    from = REFERENCE.lastIndex;
  }
  return resolved + raw.slice(from);
}

function numbered(reference: string): string | undefined {
  const code = reference.charCodeAt(2) === 0x78 ? Number.parseInt(reference.slice(3), 16) : Number.parseInt(reference.slice(2), 10);
  const allowed = code === TAB || code === LF || code === CR || (code >= SPACE && code < 0xd800) || (code >= 0xe000 && code < 0xfffe);
  return allowed || (code >= 0x10000 && code <= 0x10ffff) ? String.fromCodePoint(code) : undefined;
}
