import { child, parseXml, type XmlElement } from '@malote/fiscal/xml/parse';

type Format = (value: string) => string;

const same: Format = (value) => value;
/** Written apart from the package: Intl rounds nothing away with so many decimals, and the samples stay within a double. */
const number =
  (min: number): Format =>
  (value) =>
    new Intl.NumberFormat('pt-BR', { minimumFractionDigits: min, maximumFractionDigits: 10 }).format(Number(value));
const money = number(2);
const fours: Format = (value) => (value.match(/.{4}/g) ?? []).join(' ');
const day: Format = (value) => value.slice(0, 10).split('-').toReversed().join('/');
const cnpj: Format = (value) => value.replace(/^(..)(...)(...)(....)(..)$/, '$1.$2.$3/$4-$5');
const cpf: Format = (value) => value.replace(/^(...)(...)(...)(..)$/, '$1.$2.$3-$4');

const ADDRESS: [string, Format][] = [
  ['xLgr', same],
  ['nro', same],
  ['xCpl', same],
  ['xBairro', same],
  ['xMun', same],
  ['UF', same],
];
const within = (path: string, list: [string, Format][]): [string, Format][] => list.map(([tag, format]) => [`${path}/${tag}`, format]);

/** What MOC 7.0 Anexo II wants on the A4 forms: path below infNFe (every element of the path) and its form on paper. */
const A4: [string, Format][] = [
  ['ide/natOp', same],
  ['ide/dhEmi', day],
  ['ide/dhSaiEnt', day],
  ['ide/xJust', same],
  ...within('emit', [['xNome', same], ['CNPJ', cnpj], ['CPF', cpf], ['IE', same], ['IEST', same], ...within('enderEmit', ADDRESS)]),
  ...within('dest', [
    ['xNome', same],
    ['CNPJ', cnpj],
    ['CPF', cpf],
    ['idEstrangeiro', same],
    ['IE', same],
    ...within('enderDest', ADDRESS),
  ]),
  ...within('retirada', [['xNome', same], ['CNPJ', cnpj], ...ADDRESS]),
  ...within('entrega', [['xNome', same], ['CNPJ', cnpj], ...ADDRESS]),
  ...within('det/prod', [
    ['cProd', same],
    ['xProd', same],
    ['NCM', same],
    ['CFOP', same],
    ['uCom', same],
    ['qCom', money],
    ['vUnCom', money],
    ['vProd', money],
    ['rastro/nLote', same],
    ['rastro/dVal', day],
  ]),
  ['det/infAdProd', same],
  ...['vBC', 'vICMS', 'pICMS', 'vBCST', 'vICMSST'].map((tag): [string, Format] => [`det/imposto/ICMS/*/${tag}`, money]),
  ['det/imposto/IPI/IPITrib/vIPI', money],
  ['det/imposto/IBSCBS/cClassTrib', same],
  ['det/imposto/IBSCBS/gIBSCBS/gIBSUF/vIBSUF', money],
  ['det/imposto/IBSCBS/gIBSCBS/gCBS/gRed/pAliqEfet', money],
  ['det/imposto/IBSCBS/gIBSCBS/gCBS/vCBS', money],
  ...['vBC', 'vICMS', 'vBCST', 'vST', 'vProd', 'vFrete', 'vSeg', 'vDesc', 'vOutro', 'vIPI', 'vNF', 'vTotTrib'].map(
    (tag): [string, Format] => [`total/ICMSTot/${tag}`, money],
  ),
  ...[
    'gIBS/gIBSUF/vIBSUF',
    'gIBS/gIBSMun/vIBSMun',
    'gCBS/vCBS',
    'gMono/vIBSMono',
    'gMono/vCBSMono',
    'gMono/vIBSMonoReten',
    'gMono/vCBSMonoReten',
  ].map((path): [string, Format] => [`total/IBSCBSTot/${path}`, money]),
  ['total/ISTot/vIS', money],
  ...['vServ', 'vBC', 'vISS'].map((tag): [string, Format] => [`total/ISSQNtot/${tag}`, money]),
  ...['xNome', 'IE', 'xEnder', 'xMun', 'UF'].map((tag): [string, Format] => [`transp/transporta/${tag}`, same]),
  ['transp/veicTransp/placa', same],
  ['transp/veicTransp/RNTC', same],
  ['transp/reboque/placa', same],
  ...['esp', 'marca', 'nVol'].map((tag): [string, Format] => [`transp/vol/${tag}`, same]),
  ['transp/vol/pesoB', number(3)],
  ['transp/vol/pesoL', number(3)],
  ['transp/vol/lacres/nLacre', same],
  ['cobr/fat/nFat', same],
  ['cobr/fat/vLiq', money],
  ['cobr/dup/nDup', same],
  ['cobr/dup/dVenc', day],
  ['cobr/dup/vDup', money],
  ['infAdic/infAdFisco', same],
  ['infAdic/infCpl', same],
  ['infAdic/obsCont/xTexto', same],
  ['ide/NFref/refNFe', fours],
];

/** The manual of the DANFE NFC-e and the minimum of the simplified forms. */
const CUPOM: [string, Format][] = [
  ...within('emit', [['xNome', same], ['CNPJ', cnpj], ['CPF', cpf], ...within('enderEmit', ADDRESS)]),
  ...within('dest', [
    ['CNPJ', cnpj],
    ['CPF', cpf],
  ]),
  ...within('det/prod', [
    ['cProd', same],
    ['xProd', same],
    ['qCom', number(0)],
    ['uCom', same],
    ['vUnCom', money],
    ['vProd', money],
  ]),
  ['total/ICMSTot/vNF', money],
  ['pag/detPag/vPag', money],
  ['infAdic/infCpl', same],
];

const SIMPLIFIED: [string, Format][] = [
  ...within('emit', [
    ['xNome', same],
    ['CNPJ', cnpj],
    ['IE', same],
    ['enderEmit/UF', same],
  ]),
  ...within('dest', [
    ['xNome', same],
    ['CNPJ', cnpj],
    ['CPF', cpf],
    ['enderDest/UF', same],
  ]),
  ['total/ICMSTot/vNF', money],
  ['ide/dhEmi', day],
];

const ITEMS = CUPOM.filter(([path]) => path.startsWith('det/'));

export const FORMS = { a4: A4, cupom: CUPOM, simplificado: [...SIMPLIFIED, ...ITEMS], etiqueta: SIMPLIFIED };

/** Every text that has to be found, with its path; white space does not count. */
export function expectedTexts(xml: string, form: keyof typeof FORMS): { path: string; text: string }[] {
  const { root } = parseXml(xml, { maxBytes: 20_000_000, maxElements: 600_000 });
  const nfe = child(root, 'NFe') as XmlElement;
  const inf = child(nfe, 'infNFe') as XmlElement;
  const texts = FORMS[form].flatMap(([path, format]) => elementsAt(inf, path.split('/')).map(({ text }) => ({ path, text: format(text) })));
  const chave = inf.attributes.get('Id')?.slice(3) ?? '';
  return [...texts, { path: '@Id', text: fours(chave) }].filter(({ text }) => text !== '');
}

function elementsAt(element: XmlElement, path: readonly string[]): XmlElement[] {
  const [local, ...rest] = path;
  if (local === undefined) return [element];
  return element.children.filter((c) => local === '*' || c.local === local).flatMap((c) => elementsAt(c, rest));
}
