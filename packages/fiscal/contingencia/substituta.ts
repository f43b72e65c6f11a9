import { removal, unsign, withoutId } from '../emission/unsign.ts';
import { fieldEdit } from '../xml/field-edit.ts';
import { child, parseXml } from '../xml/parse.ts';
import { splice } from '../xml/splice.ts';

export interface SubstitutaRequest {
  /** the first note as it was signed and transmitted */
  signedXml: string;
  serie: number;
  numero: number;
  /** in the layout's form; of the contingência, not after dhEmi */
  dhEmi: string;
  dhCont: string;
  xJust: string;
  /** by which the hub itself made a hashCSRT */
  csrt?: string | undefined;
}

/** What belongs to the first note's key alone: it is made anew. */
const OF_THE_KEY = ['cNF', 'cDV'];

/**
 * The same sale as another note, unsigned and to be issued off line (tpEmis 9): parties, items and values byte for byte, série, number, dhEmi and the
 * contingência its own. MOC 7.0 Anexo III 2.3.3; Ajuste SINIEF 19/16 cl. 11. Throws when the text is no signed note.
 */
export function substitutaOf({ signedXml, serie, numero, dhEmi, dhCont, xJust, csrt }: SubstitutaRequest): string {
  const xml = unsign(signedXml, csrt);
  const inf = child(parseXml(xml).root, 'infNFe');
  const ide = inf && child(inf, 'ide');
  if (!inf || !ide) throw new Error('not a signed NFe');
  const fields = { serie: String(serie), nNF: String(numero), dhEmi, tpEmis: '9', dhCont, xJust };
  const order = [...ide.children.map(({ local }) => local).filter((tag) => tag !== 'dhCont' && tag !== 'xJust'), 'dhCont', 'xJust'];
  const edits = Object.entries(fields).flatMap(([tag, text]) => fieldEdit(ide, tag, text, order)?.edit ?? []);
  const gone = ide.children.filter(({ local }) => OF_THE_KEY.includes(local)).map(removal);
  return splice(xml, [...edits, ...gone, ...withoutId(xml, inf)]);
}
