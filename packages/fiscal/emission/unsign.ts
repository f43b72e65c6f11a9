import { fieldEdit } from '../xml/field-edit.ts';
import { child, children, parseXml, textAt, type XmlElement } from '../xml/parse.ts';
import { type Edit, splice } from '../xml/splice.ts';
import { hashCsrt } from './resp-tec.ts';

/**
 * A note as it was before it was signed, to be prepared and signed again under another key: without Signature and infNFeSupl, and without the
 * hashCSRT that was made with `csrt` for the key it has now (one of somebody else's CSRT stays as it is). Every other byte is kept.
 * Throws when the text is no signed note.
 */
export function unsign(signedXml: string, csrt?: string): string {
  const note = signedNote(signedXml);
  return splice(signedXml, signatureOf(note, csrt).map(removal));
}

/**
 * A note that its ERP posted in normal emission, as it was posted, whatever the hub has signed it for since: unsigned, tpEmis 1, without the
 * Id and cDV of the key it has now, and without dhCont and xJust, which are the hub's own (EMI-068). The cNF is kept.
 * Throws when the text is no signed note.
 */
export function asPosted(signedXml: string, csrt?: string): string {
  const note = signedNote(signedXml);
  const ide = child(note.inf, 'ide');
  const tpEmis = ide && fieldEdit(ide, 'tpEmis', '1', ['tpEmis']);
  const own = ide?.children.filter(({ local }) => OF_THE_FORM.includes(local)) ?? [];
  const gone = [...signatureOf(note, csrt), ...own].map(removal);
  return splice(signedXml, [...gone, ...(tpEmis ? [tpEmis.edit] : []), ...withoutId(signedXml, note.inf)]);
}

/** What belongs to a form of emission, or to the key that it makes. */
const OF_THE_FORM = ['cDV', 'dhCont', 'xJust'];

/** The edit that takes the Id out of infNFe. */
export function withoutId(xml: string, { start, openEnd }: XmlElement): Edit[] {
  const found = /\sId="NFe[0-9A-Z]{44}"/.exec(xml.slice(start, openEnd));
  return found ? [{ at: start + found.index, remove: found[0].length, insert: '' }] : [];
}

/** The edit that takes an element out. */
export function removal({ start, end }: XmlElement): Edit {
  return { at: start, remove: end - start, insert: '' };
}

interface SignedNote {
  root: XmlElement;
  inf: XmlElement;
  signature: XmlElement;
}

function signedNote(signedXml: string): SignedNote {
  const { root } = parseXml(signedXml);
  const inf = child(root, 'infNFe');
  const [signature, ...more] = children(root, 'Signature');
  if (!inf || !signature || more.length > 0) throw new Error('not a signed NFe');
  return { root, inf, signature };
}

/** What came with the signature. */
function signatureOf({ root, inf, signature }: SignedNote, csrt: string | undefined): XmlElement[] {
  return [signature, ...children(root, 'infNFeSupl'), ...ownHash(inf, csrt)];
}

function ownHash(inf: XmlElement, csrt: string | undefined): XmlElement[] {
  const respTec = child(inf, 'infRespTec');
  const hash = respTec && child(respTec, 'hashCSRT');
  if (!hash || csrt === undefined) return [];
  const chave = (inf.attributes.get('Id') ?? '').slice('NFe'.length);
  return textAt(respTec, 'hashCSRT')?.trim() === hashCsrt(csrt, chave) ? [hash] : [];
}
