import { child, children, parseXml, textAt, type XmlElement } from '../xml/parse.ts';
import { type Edit, splice } from '../xml/splice.ts';
import { hashCsrt } from './resp-tec.ts';

/**
 * A note as it was before it was signed, to be prepared and signed again under another key: without Signature and infNFeSupl, and without the
 * hashCSRT that was made with `csrt` for the key it has now (one of somebody else's CSRT stays as it is). Every other byte is kept.
 * Throws when the text is no signed note.
 */
export function unsign(signedXml: string, csrt?: string): string {
  const { root } = parseXml(signedXml);
  const inf = child(root, 'infNFe');
  const signatures = children(root, 'Signature');
  if (!inf || signatures.length !== 1) throw new Error('not a signed NFe');
  const gone = [...signatures, ...children(root, 'infNFeSupl'), ...ownHash(inf, csrt)];
  return splice(signedXml, gone.map(removal));
}

function ownHash(inf: XmlElement, csrt: string | undefined): XmlElement[] {
  const respTec = child(inf, 'infRespTec');
  const hash = respTec && child(respTec, 'hashCSRT');
  if (!hash || csrt === undefined) return [];
  const chave = (inf.attributes.get('Id') ?? '').slice('NFe'.length);
  return textAt(respTec, 'hashCSRT')?.trim() === hashCsrt(csrt, chave) ? [hash] : [];
}

function removal({ start, end }: XmlElement): Edit {
  return { at: start, remove: end - start, insert: '' };
}
