import { child, type XmlElement } from './parse.ts';
import { type Edit, escapeText } from './splice.ts';

/**
 * The edit that gives the child `tag` of an element this text: the present one is replaced whole, a missing one is put behind the last child
 * that comes before it in `order` (the XSD's; children that are not in it count as coming later). Undefined when it has the text already.
 */
export function fieldEdit(
  parent: XmlElement,
  tag: string,
  text: string,
  order: readonly string[],
): { edit: Edit; replaced?: XmlElement } | undefined {
  const insert = `<${tag}>${escapeText(text)}</${tag}>`;
  const present = child(parent, tag);
  if (present) {
    if (present.text === text) return undefined;
    return { edit: { at: present.start, remove: present.end - present.start, insert }, replaced: present };
  }
  const before = new Set(order.slice(0, order.indexOf(tag)));
  const last = parent.children.findLast((c) => before.has(c.local));
  return { edit: { at: last?.end ?? parent.openEnd, insert } };
}
