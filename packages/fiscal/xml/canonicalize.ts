import { type XmlDocument, type XmlElement, XmlError } from './parse.ts';
import { type Edit, escapeAttribute, escapeText, splice } from './splice.ts';

/** In-scope namespace declarations: prefix → URI, '' is the default namespace. */
type Scope = ReadonlyMap<string, string>;

const EMPTY: Scope = new Map();
const XML_URI = 'http://www.w3.org/XML/1998/namespace';

/**
 * Canonical XML 1.0 without comments (http://www.w3.org/TR/2001/REC-xml-c14n-20010315) of the subtree at `element`: the namespaces
 * in scope there and the xml:* attributes of its ancestors are written on it. `exclude` leaves one subtree out (the Signature,
 * for the enveloped-signature transform). Documents with a DTD or processing instructions never get here: parseXml refuses them.
 * Throws XmlError xml-namespace for a relative namespace URI, which C14N 1.0 (§1.3) cannot write.
 *
 * The text between tags is kept as it stands wherever it already is canonical, so a fiscal document costs one slice.
 */
export function canonicalize(doc: XmlDocument, element: XmlElement, opts: { exclude?: XmlElement } = {}): string {
  if (element === opts.exclude) return '';
  const inherited = scopeOf(element.parent);
  const scope = declare(doc, inherited, element);
  const edits: Edit[] = [];
  const selfClosing = element.openEnd === element.end;
  const open = startTag(element.name, scope, [...element.attributes, ...inheritedXmlAttributes(element)], scope);
  edits.push({ at: 0, remove: element.openEnd - element.start, insert: selfClosing ? `${open}</${element.name}>` : open });
  content(doc, element, scope, element.start, opts.exclude, edits);
  return splice(doc.text.slice(element.start, element.end), edits);
}

/**
 * The canonical start tag of an element without attributes of its own, put under `parent` with `xmlns` as its default namespace:
 * what C14N will make of `<SignedInfo>` before it is in the document.
 */
export function apexStartTag(name: string, xmlns: string, doc: XmlDocument, parent: XmlElement): string {
  const scope = new Map(scopeOf(parent)).set('', xmlns);
  checkUris(doc, scope.values(), parent);
  return startTag(name, scope, [...ancestorXmlAttributes(parent)], scope);
}

/** Collects, as edits relative to `base`, everything below `element` that is not canonical yet. */
function content(doc: XmlDocument, element: XmlElement, scope: Scope, base: number, exclude: XmlElement | undefined, edits: Edit[]): void {
  const { text } = doc;
  let from = element.openEnd;
  for (const node of element.children) {
    characterData(text, from, node.start, base, edits);
    from = node.end;
    if (node === exclude) {
      edits.push({ at: node.start - base, remove: node.end - node.start, insert: '' });
      continue;
    }
    const openLength = node.openEnd - node.start;
    let inner = scope;
    // `<name>` with nothing else in it is canonical; this is nearly every tag of a fiscal document.
    if (openLength !== node.name.length + 2) {
      const attributes = [...node.attributes];
      const declared = attributes.filter(([name]) => isDeclaration(name));
      let added: Scope = EMPTY;
      if (declared.length > 0) {
        inner = declare(doc, scope, node);
        added = new Map(
          declared.map(([name, uri]) => [prefixOf(name), uri] as const).filter(([p, uri]) => p !== 'xml' && (scope.get(p) ?? '') !== uri),
        );
      }
      const open = startTag(node.name, added, attributes, inner);
      edits.push({ at: node.start - base, remove: openLength, insert: node.openEnd === node.end ? `${open}</${node.name}>` : open });
    }
    content(doc, node, inner, base, exclude, edits);
  }
  if (element.openEnd === element.end) return;
  characterData(text, from, element.closeStart, base, edits);
  if (element.end - element.closeStart !== element.name.length + 3) {
    edits.push({ at: element.closeStart - base, remove: element.end - element.closeStart, insert: `</${element.name}>` });
  }
}

/** A stretch of text between two tags: references and CDATA resolved and escaped again, comments dropped, line ends normalised. */
function characterData(text: string, from: number, to: number, base: number, edits: Edit[]): void {
  if (isCanonical(text, from, to)) return;
  const canonical = text
    .slice(from, to)
    .replace(/<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|&(#?\w+);|\r\n?|>/g, (found, cdata?: string, reference?: string) => {
      if (reference !== undefined) return escapeText(character(reference));
      if (cdata !== undefined) return escapeText(cdata.replace(/\r\n?/g, '\n'));
      if (found === '>') return '&gt;';
      return found.startsWith('\r') ? '\n' : '';
    });
  edits.push({ at: from - base, remove: to - from, insert: canonical });
}

/** Without & < > and carriage return. Looked at in place: most of these stretches are a few characters, or none. */
function isCanonical(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x26 || c === 0x3c || c === 0x3e || c === 0x0d) return false;
  }
  return true;
}

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function character(reference: string): string {
  if (!reference.startsWith('#')) return NAMED[reference] as string;
  const hex = reference.startsWith('#x');
  return String.fromCodePoint(Number.parseInt(reference.slice(hex ? 2 : 1), hex ? 16 : 10));
}

function startTag(name: string, declarations: Scope, attributes: [string, string][], scope: Scope): string {
  let tag = `<${name}`;
  for (const [prefix, uri] of [...declarations].sort(([a], [b]) => compareCodePoints(a, b))) {
    tag += prefix === '' ? ` xmlns="${escapeAttribute(uri)}"` : ` xmlns:${prefix}="${escapeAttribute(uri)}"`;
  }
  const plain = attributes
    .filter(([attribute]) => !isDeclaration(attribute))
    .map(([attribute, value]) => ({ attribute, value, uri: uriOf(attribute, scope), local: attribute.slice(attribute.indexOf(':') + 1) }));
  plain.sort((a, b) => compareCodePoints(a.uri, b.uri) || compareCodePoints(a.local, b.local));
  for (const { attribute, value } of plain) tag += ` ${attribute}="${escapeAttribute(value)}"`;
  return `${tag}>`;
}

function uriOf(attribute: string, scope: Scope): string {
  const colon = attribute.indexOf(':');
  if (colon < 0) return '';
  const prefix = attribute.slice(0, colon);
  return prefix === 'xml' ? XML_URI : (scope.get(prefix) ?? '');
}

function isDeclaration(attribute: string): boolean {
  return attribute === 'xmlns' || attribute.startsWith('xmlns:');
}

function prefixOf(declaration: string): string {
  return declaration === 'xmlns' ? '' : declaration.slice('xmlns:'.length);
}

/** Namespaces in scope at `element`; an undeclared default namespace (xmlns="") is simply absent. */
function scopeOf(element: XmlElement | undefined): Scope {
  const scope = new Map<string, string>();
  for (let e = element; e !== undefined; e = e.parent) {
    for (const [name, uri] of e.attributes) if (isDeclaration(name) && !scope.has(prefixOf(name))) scope.set(prefixOf(name), uri);
  }
  return without(scope);
}

function declare(doc: XmlDocument, scope: Scope, element: XmlElement): Scope {
  const declared = [...element.attributes].filter(([name]) => isDeclaration(name));
  if (declared.length === 0) {
    checkUris(doc, scope.values(), element);
    return scope;
  }
  const inner = new Map(scope);
  for (const [name, uri] of declared) inner.set(prefixOf(name), uri);
  checkUris(doc, inner.values(), element);
  return without(inner);
}

/** Drops what is never written: the binding of `xml` itself and an empty default namespace. */
function without(scope: Map<string, string>): Scope {
  if (scope.get('') === '') scope.delete('');
  scope.delete('xml');
  return scope;
}

function checkUris(doc: XmlDocument, uris: Iterable<string>, element: XmlElement): void {
  for (const uri of uris) {
    if (uri !== '' && !/^[A-Za-z][A-Za-z0-9+.-]*:/.test(uri)) {
      throw new XmlError('xml-namespace', `o namespace "${uri}" é relativo e não pode ser assinado.`, {
        text: doc.text,
        offset: element.start,
      });
    }
  }
}

/** xml:* attributes the apex takes over from its ancestors: the nearest of each name, unless it has its own (C14N 1.0 §2.4). */
function inheritedXmlAttributes(element: XmlElement): Map<string, string> {
  const found = ancestorXmlAttributes(element.parent);
  for (const name of element.attributes.keys()) found.delete(name);
  return found;
}

function ancestorXmlAttributes(element: XmlElement | undefined): Map<string, string> {
  const found = new Map<string, string>();
  for (let e = element; e !== undefined; e = e.parent) {
    for (const [name, value] of e.attributes) if (name.startsWith('xml:') && !found.has(name)) found.set(name, value);
  }
  return found;
}

/** C14N orders by code point; JavaScript compares UTF-16 units, where U+10000 and above come before U+E000. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    let x = a.charCodeAt(i);
    let y = b.charCodeAt(i);
    if (x === y) continue;
    if (x >= 0xd800 && y >= 0xd800) {
      x += x >= 0xe000 ? -0x2000 : 0x2000;
      y += y >= 0xe000 ? -0x2000 : 0x2000;
    }
    return x - y;
  }
  return a.length - b.length;
}
