import type { Fault } from '../fault.ts';
import type { XmlDocument, XmlElement } from './parse.ts';
import { type Edit, escapeAttribute, escapeText } from './splice.ts';

/** Whitespace as it stands between tags, written out or as character references. SEFAZ takes neither there (rejection 588). */
const BLANK = /^(?:\s|&#(?:9|10|13|32|x0*(?:9|[aA]|[dD]|20));)*$/;
const COMMENT = /<!--[\s\S]*?-->/g;
const ATTRIBUTE = /([^\s=/<>]+)\s*=\s*("[^"]*"|'[^']*')/g;

export interface Normalization {
  edits: Edit[];
  faults: Fault[];
}

/** Where the message stands in what was received. */
export interface LocatedMessage {
  /** what is sent: NFe, evento, inutNFe */
  message: XmlElement;
  /** what is signed in it: infNFe, infEvento, infInut */
  signed: XmlElement;
  /** the official namespace, which everything gets */
  namespace: string;
}

/** Why an element cannot be brought into form: an element of another namespace, an attribute of one. */
export type NormalizationFault = (rule: 'namespace' | 'attribute', path: string, message: string) => Fault;

/**
 * The edits that give a received message the form SEFAZ takes (MOC 7.0; rejections 404, 587, 588): only the message without declaration,
 * lote or comments around it, the official default namespace on its root, no prefixes, nothing between tags, no CDATA or comment in
 * what is signed. Every other byte stays. `replaced` elements are left to the caller, who replaces them whole; `attributes` are written on
 * the start tags of their elements, in place of given ones with these names.
 */
export function normalize(
  doc: XmlDocument,
  { message, signed: signedElement, namespace }: LocatedMessage,
  opts: {
    replaced: ReadonlySet<XmlElement>;
    attributes: ReadonlyMap<XmlElement, Readonly<Record<string, string>>>;
    fault: NormalizationFault;
  },
): Normalization {
  const { text } = doc;
  const edits: Edit[] = [];
  const faults: Fault[] = [];
  if (message.start > 0) edits.push({ at: 0, remove: message.start, insert: '' });
  if (message.end < text.length) edits.push({ at: message.end, remove: text.length - message.end, insert: '' });

  const visit = (element: XmlElement, path: string, inSigned: boolean): void => {
    if (opts.replaced.has(element)) return;
    if (element.uri !== message.uri && !isSignature(element, message)) {
      const what = `<${element.name}> está no namespace "${element.uri.slice(0, 80)}", que não é o do documento. Use só o namespace padrão, sem prefixo.`;
      faults.push(opts.fault('namespace', path, what));
      return;
    }
    if (isSignature(element, message)) return;
    const signed = inSigned || element === signedElement;
    tagEdits(element, path);
    contentEdits(element, signed);
    const seen = new Map<string, number>();
    for (const c of element.children) {
      const n = (seen.get(c.local) ?? 0) + 1;
      seen.set(c.local, n);
      visit(c, `${path}/${c.local}${c.local === 'det' || n > 1 ? `[${n}]` : ''}`, signed);
    }
  };

  const tagEdits = (element: XmlElement, path: string): void => {
    const written = opts.attributes.get(element) ?? {};
    const own =
      (element === message ? ` xmlns="${namespace}"` : '') +
      Object.entries(written)
        .map(([name, value]) => ` ${name}="${escapeAttribute(value)}"`)
        .join('');
    const kept = [...text.slice(element.start, element.openEnd).matchAll(ATTRIBUTE)].filter(([, name = '']) => {
      if (name === 'xmlns' || name.startsWith('xmlns:')) return false;
      if (Object.hasOwn(written, name)) return false;
      return !(element === message && name.includes(':') && !name.startsWith('xml:'));
    });
    const foreign = kept.map(([, name = '']) => name).find((name) => name.includes(':') && !name.startsWith('xml:'));
    if (foreign) {
      faults.push(opts.fault('attribute', path, `O atributo ${foreign} não é permitido em <${element.local}>: retire-o.`));
      return;
    }
    const prefixed = element.name !== element.local;
    if (!own && !prefixed && kept.length === element.attributes.size) return;
    const selfClosing = element.openEnd === element.end;
    const attributes = kept.map(([raw]) => ` ${raw}`).join('');
    edits.push({
      at: element.start,
      remove: element.openEnd - element.start,
      insert: `<${element.local}${own}${attributes}${selfClosing ? '/>' : '>'}`,
    });
    if (prefixed && !selfClosing) {
      edits.push({ at: element.closeStart, remove: element.end - element.closeStart, insert: `</${element.local}>` });
    }
  };

  const contentEdits = (element: XmlElement, signed: boolean): void => {
    if (element.children.length === 0) {
      const raw = text.slice(element.openEnd, element.closeStart);
      if (signed && raw.includes('<!')) edits.push({ at: element.openEnd, remove: raw.length, insert: escapeText(element.text) });
      return;
    }
    const gap = (from: number, to: number): void => {
      if (from < to && BLANK.test(text.slice(from, to).replace(COMMENT, ''))) edits.push({ at: from, remove: to - from, insert: '' });
    };
    let from = element.openEnd;
    for (const c of element.children) {
      gap(from, c.start);
      from = c.end;
    }
    gap(from, element.closeStart);
  };

  visit(message, message.local, false);
  return { edits, faults };
}

function isSignature(element: XmlElement, message: XmlElement): boolean {
  return element.parent === message && element.local === 'Signature';
}
