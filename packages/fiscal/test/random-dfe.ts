import { type Pick, randomText } from './random-xml.ts';

export interface RandomDfe {
  xml: string;
  /** Local name of the element to sign. */
  element: string;
  /** Its namespace. */
  uri: string;
}

const NFE = 'http://www.portalfiscal.inf.br/nfe';
const FAMILIES: { root: string; element: string; supplement?: string; uri: string; prefix: string }[] = [
  { root: 'NFe', element: 'infNFe', supplement: 'infNFeSupl', uri: NFE, prefix: 'NFe' },
  { root: 'CTe', element: 'infCte', supplement: 'infCTeSupl', uri: 'http://www.portalfiscal.inf.br/cte', prefix: 'CTe' },
  { root: 'MDFe', element: 'infMDFe', supplement: 'infMDFeSupl', uri: 'http://www.portalfiscal.inf.br/mdfe', prefix: 'MDFe' },
  { root: 'evento', element: 'infEvento', uri: NFE, prefix: 'ID110111' },
  { root: 'inutNFe', element: 'infInut', uri: NFE, prefix: 'ID' },
];
const FIELDS = ['cUF', 'natOp', 'xNome', 'xFant', 'xLgr', 'xProd', 'infCpl', 'infAdProd', 'vNF', 'xJust'];
const NASTY = [
  'S\u00C3O JO\u00C3O &amp; FILHOS &lt;ME&gt; &quot;X&quot; &#39;Y&#39;',
  '<![CDATA[A & B < C > "d" \'e\' ]]>',
  '\u{1F600}\u{20BB7} ÿ',
  'linha 1&#xD;\nlinha 2&#13;&#10;linha 3\r\nlinha 4\rlinha 5',
  '&#x1F600;&#231;&#xE3;o \u00A0\u2028\u0085',
  '<!-- nota -->antes<!-- & -->depois',
  ' espaços\t e\ttabs ',
];

/** A document with the outline of an NF-e, CT-e, MDF-e, evento or inutilização, unsigned, and with texts and forms that try a signer. */
export function randomDfe(pick: Pick): RandomDfe {
  const family = FAMILIES[pick(2) === 0 ? 0 : pick(FAMILIES.length)] as (typeof FAMILIES)[number];
  const { root, element, supplement, uri, prefix } = family;
  const gap = pretty(pick);
  const id = prefix + Array.from({ length: 44 }, () => pick(10)).join('');
  let content = '';
  for (let n = 3 + pick(12); n > 0; n--) content += gap() + group(pick, gap, 2);
  const wrapped = pick(4) === 0;
  const own = [...(wrapped ? [] : [`xmlns="${uri}"`]), ...extras(pick)];
  const signed = `<${element}${shuffled(pick, [`Id="${id}"`, "versao='4.00'", ...extras(pick)])}>${content}${gap()}</${element}${pick(5) === 0 ? '\n' : ''}>`;
  const behind = supplement !== undefined && pick(3) === 0 ? `${gap()}<${supplement}><qrCode>${text(pick)}</qrCode></${supplement}>` : '';
  let xml = `<${root}${shuffled(pick, own)}>${gap()}${signed}${behind}${gap()}</${root}>`;
  if (wrapped) xml = `<lote${shuffled(pick, [`xmlns="${uri}"`, 'xml:lang="pt-BR"', ...extras(pick)])}>${gap()}${xml}</lote>`;
  return { xml: `${pick(2) === 0 ? '<?xml version="1.0" encoding="UTF-8"?>' : ''}${gap()}${xml}${gap()}`, element, uri };
}

function group(pick: Pick, gap: () => string, depth: number): string {
  const name = FIELDS[pick(FIELDS.length)] as string;
  if (depth === 0 || pick(3) > 0) return pick(9) === 0 ? `<${name}/>` : `<${name}>${text(pick)}</${name}>`;
  let content = '';
  for (let n = pick(5); n > 0; n--) content += gap() + group(pick, gap, depth - 1);
  return `<det${shuffled(pick, [`nItem="${1 + pick(990)}"`, `obs="${randomText(pick).replaceAll('"', '')}"`])}>${content}${gap()}</det>`;
}

function text(pick: Pick): string {
  return pick(2) === 0 ? (NASTY[pick(NASTY.length)] as string) : randomText(pick);
}

/** Declarations and attributes that do not belong there but change what C14N inherits or sorts. */
function extras(pick: Pick): string[] {
  const all = ['xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"', 'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"', 'xmlns:b="urn:b"'];
  return pick(3) === 0 ? [all[pick(all.length)] as string] : [];
}

function shuffled(pick: Pick, attributes: string[]): string {
  const rest = [...attributes];
  let result = '';
  while (rest.length > 0) result += `${pick(6) === 0 ? '\r\n  ' : ' '}${rest.splice(pick(rest.length), 1)[0]}`;
  return result;
}

function pretty(pick: Pick): () => string {
  const gap = ['', '', '\n', '\r\n  ', '\t'][pick(5)] as string;
  return () => gap;
}
