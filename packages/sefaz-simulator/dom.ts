import { DOMParser, type Document, type Element, type Node } from '@xmldom/xmldom';

export type { Document, Element };

/**
 * Parses a whole document with xmldom; anything that its parser so much as warns of is an error.
 * @throws Error when the text is not well-formed or carries a DOCTYPE.
 */
export function parse(text: string): Document {
  if (/<!DOCTYPE/i.test(text)) throw new Error('DOCTYPE is not allowed');
  const parser = new DOMParser({
    onError: (level, message) => {
      throw new Error(`${level}: ${message}`);
    },
  });
  return parser.parseFromString(text, 'text/xml');
}

/** Child elements, those named `local` only when it is given. */
export function elements(parent: Element, local?: string): Element[] {
  const found: Element[] = [];
  for (let node = parent.firstChild; node; node = node.nextSibling) {
    if (node.nodeType === 1 && (local === undefined || (node as Element).localName === local)) found.push(node as Element);
  }
  return found;
}

/** First element at a path of local names, e.g. `infNFe/ide/cUF`. */
export function at(parent: Element, path: string): Element | undefined {
  let element: Element | undefined = parent;
  for (const local of path.split('/')) element = element && elements(element, local)[0];
  return element;
}

/** Text at a path; empty when there is no such element. */
export function textAt(parent: Element, path: string): string {
  return at(parent, path)?.textContent ?? '';
}

/** `element` and all elements under it, in document order. */
export function* walk(element: Element): Generator<Element> {
  for (let node: Node | null = element; node; node = after(node, element)) if (node.nodeType === 1) yield node as Element;
}

/** The next node in document order below `top`. */
function after(node: Node, top: Node): Node | null {
  if (node.firstChild) return node.firstChild;
  for (let at: Node | null = node; at && at !== top; at = at.parentNode) if (at.nextSibling) return at.nextSibling;
  return null;
}
