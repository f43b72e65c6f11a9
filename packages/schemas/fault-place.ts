import { type XmlDocument, XmlElement } from 'libxml2-wasm';

/** Where in the document an error stands. */
export interface Place {
  /** `NFe/infNFe/det[2]/prod/NCM`, `NFe/infNFe/@Id`: local names, an index only among equal siblings. */
  path: string;
  element: XmlElement;
  /** nItem of the det that holds the element, when there is one. */
  item?: string;
}

/**
 * Follows a node path of libxml2, which has `*` for every element in a default namespace and there
 * counts all elements, whatever their names.
 * Gives the deepest element that the path reaches.
 */
export function findPlace(doc: XmlDocument, nodePath: string | undefined, attribute?: string): Place {
  let element = doc.root;
  const names = [element.name];
  let item: string | undefined;
  for (const segment of (nodePath ?? '').split('/').slice(2)) {
    const [, name = '*', index = '1'] = /^([^[]+)(?:\[(\d+)\])?$/.exec(segment) ?? [];
    const children = elementsOf(element);
    const next = children.filter((e) => name === '*' || qualified(e) === name)[Number(index) - 1];
    if (!next) break;
    const twins = children.filter((e) => e.name === next.name);
    names.push(twins.length > 1 ? `${next.name}[${twins.indexOf(next) + 1}]` : next.name);
    element = next;
    if (element.name === 'det') item = element.attr('nItem')?.value ?? item;
  }
  if (attribute !== undefined) names.push(`@${attribute}`);
  return { path: names.join('/'), element, ...(item !== undefined && { item }) };
}

function qualified(element: XmlElement): string {
  return element.prefix === '' ? element.name : `${element.prefix}:${element.name}`;
}

/** New wrapper objects at each call: do not compare those of two calls. */
function elementsOf(parent: XmlElement): XmlElement[] {
  const result: XmlElement[] = [];
  for (let node = parent.firstChild; node; node = node.next) if (node instanceof XmlElement) result.push(node);
  return result;
}
