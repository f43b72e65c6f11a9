import type { XmlDocument, XmlElement } from '../xml/parse.ts';
import { escapeAttribute } from '../xml/splice.ts';

/**
 * The bytes of an element as they stand in the document, fit to be put where `defaultNamespace` is the default one (`''`: nowhere, a
 * document of its own). They are the received bytes unless the element leans on declarations of its ancestors: those are then written
 * on its start tag, and nothing else changes. A SEFAZ answer with only default namespaces, the usual one, comes out untouched.
 */
export function selfContained(doc: XmlDocument, element: XmlElement, defaultNamespace: string): string {
  const xml = doc.text.slice(element.start, element.end);
  let declarations = '';
  for (const [prefix, uri] of inheritedScope(element)) {
    const name = prefix === '' ? 'xmlns' : `xmlns:${prefix}`;
    const needed = prefix === '' ? uri !== defaultNamespace : xml.includes(`${prefix}:`);
    if (needed && !element.attributes.has(name)) declarations += ` ${name}="${escapeAttribute(uri)}"`;
  }
  if (declarations === '') return xml;
  const afterName = 1 + element.name.length;
  return xml.slice(0, afterName) + declarations + xml.slice(afterName);
}

/** prefix → URI of what the ancestors declare; the nearest one wins. `''` is always there: no default namespace is one too. */
function inheritedScope(element: XmlElement): Map<string, string> {
  const scope = new Map<string, string>();
  for (let e = element.parent; e; e = e.parent) {
    for (const [name, uri] of e.attributes) {
      const prefix = name === 'xmlns' ? '' : name.startsWith('xmlns:') ? name.slice(6) : undefined;
      if (prefix !== undefined && !scope.has(prefix)) scope.set(prefix, uri);
    }
  }
  return scope;
}
