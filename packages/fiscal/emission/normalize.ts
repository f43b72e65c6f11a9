import type { Fault } from '../fault.ts';
import type { XmlDocument, XmlElement } from '../xml/parse.ts';
import { type Edit, escapeText } from '../xml/splice.ts';
import { emissionFault } from './fault-codes.ts';
import type { LocatedDocument } from './identity.ts';

/** Whitespace as it stands between tags, written out or as character references. SEFAZ takes neither there (rejection 588). */
const BLANK = /^(?:\s|&#(?:9|10|13|32|x0*(?:9|[aA]|[dD]|20));)*$/;
const COMMENT = /<!--[\s\S]*?-->/g;
const ATTRIBUTE = /([^\s=/<>]+)\s*=\s*("[^"]*"|'[^']*')/g;

export interface Normalization {
  edits: Edit[];
  faults: Fault[];
}

/**
 * The edits that give a received document the form SEFAZ takes (MOC 7.0; rejections 404, 587, 588): only the document without declaration,
 * lote or comments around it, the official default namespace on its root, no prefixes, nothing between tags, no CDATA or comment in
 * what is signed. Every other byte stays. `replaced` elements are left to the caller, who replaces them whole; `infAttributes` are the
 * Id and versao to write on the signed element.
 */
export function normalize(
  doc: XmlDocument,
  { note, inf, info }: LocatedDocument,
  opts: { replaced: ReadonlySet<XmlElement>; infAttributes: string },
): Normalization {
  const { text } = doc;
  const edits: Edit[] = [];
  const faults: Fault[] = [];
  if (note.start > 0) edits.push({ at: 0, remove: note.start, insert: '' });
  if (note.end < text.length) edits.push({ at: note.end, remove: text.length - note.end, insert: '' });

  const visit = (element: XmlElement, path: string, inSigned: boolean): void => {
    if (opts.replaced.has(element)) return;
    if (element.uri !== note.uri && !isSignature(element, note)) {
      const message = `<${element.name}> está no namespace "${element.uri.slice(0, 80)}", que não é o do documento. Use só o namespace padrão, sem prefixo.`;
      faults.push(emissionFault('EMI-002', path, message));
      return;
    }
    if (isSignature(element, note)) return;
    const signed = inSigned || element === inf;
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
    const own = element === note ? ` xmlns="${info.namespace}"` : element === inf ? opts.infAttributes : '';
    const kept = [...text.slice(element.start, element.openEnd).matchAll(ATTRIBUTE)].filter(([, name = '']) => {
      if (name === 'xmlns' || name.startsWith('xmlns:')) return false;
      if (element === inf && (name === 'Id' || name === 'versao')) return false;
      return !(element === note && name.includes(':') && !name.startsWith('xml:'));
    });
    const foreign = kept.map(([, name = '']) => name).find((name) => name.includes(':') && !name.startsWith('xml:'));
    if (foreign) {
      faults.push(emissionFault('EMI-006', path, `O atributo ${foreign} não é permitido em <${element.local}>: retire-o.`));
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

  visit(note, note.local, false);
  return { edits, faults };
}

function isSignature(element: XmlElement, note: XmlElement): boolean {
  return element.parent === note && element.local === 'Signature';
}
