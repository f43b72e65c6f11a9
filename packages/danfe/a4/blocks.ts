import { at, children, textAt, type XmlElement } from '@malote/fiscal/xml/parse';
import { cep, date, decimal, fone, time } from '../note/format.ts';
import { documentOf, streetOf, townOf } from '../note/person.ts';
import type { Note } from '../note/read-note.ts';
import type { Block, Field } from './block.ts';
import type { Geometry } from './geometry.ts';
import { transportBlock } from './transport.ts';

type Get = (path: string) => string | undefined;

const getter =
  (element: XmlElement | undefined): Get =>
  (path) =>
    element === undefined ? undefined : textAt(element, path);

/** The blocks of the first sheet between header and products, in the order of MOC 7.0 Anexo II; what may be suppressed is left out when empty. */
export function upperBlocks(note: Note, geo: Geometry): { blocks: Block[]; leftOver: string[] } {
  const { inf } = note;
  const invoice = invoiceBlock(inf, geo);
  const blocks = [
    addressee(note, geo),
    place(at(inf, 'retirada'), 'retirada', 'INFORMAÇÕES DO LOCAL DE RETIRADA', geo),
    place(at(inf, 'entrega'), 'entrega', 'INFORMAÇÕES DO LOCAL DE ENTREGA', geo),
    invoice.block,
    taxes(inf, geo),
    reformTotals(inf, geo),
  ];
  const transport = transportBlock(inf, geo);
  const present = blocks.filter((block): block is Block => block !== undefined);
  return { blocks: [...present, transport.block], leftOver: [...invoice.leftOver, ...transport.leftOver] };
}

const wide = (geo: Geometry) => geo.orientation === 'paisagem';
/** Published width in portrait or in landscape. */
const width = (geo: Geometry, portrait: number, landscape: number): number => (wide(geo) ? landscape : portrait);

function addressee({ inf, dhEmi }: Note, geo: Geometry): Block {
  const dest = at(inf, 'dest');
  const get = getter(dest);
  const address = dest && at(dest, 'enderDest');
  const leaves = textAt(inf, 'ide/dhSaiEnt');
  const w = (portrait: number, landscape: number) => width(geo, portrait, landscape);
  return {
    name: 'destinatario',
    title: wide(geo) ? 'DESTINATÁRIO | REMETENTE' : 'DESTINATÁRIO / REMETENTE',
    rows: [
      [
        { label: 'NOME / RAZÃO SOCIAL', value: get('xNome') ?? '', w: w(12.32, 16.38) },
        { label: 'CNPJ / CPF', value: documentOf(dest), w: w(5.33, 5.84), bold: true },
        { label: 'DATA DA EMISSÃO', value: date(dhEmi), w: w(2.92, 4.32), align: 'center' },
      ],
      [
        { label: 'ENDEREÇO', value: streetOf(address), w: w(10.16, 12.45) },
        { label: 'BAIRRO / DISTRITO', value: get('enderDest/xBairro') ?? '', w: w(4.83, 5.84) },
        { label: 'CEP', value: cep(get('enderDest/CEP')), w: w(2.67, 3.94), align: 'center' },
        { label: 'DATA DA SAÍDA/ENTRADA', value: date(leaves), w: w(2.92, 4.32), bold: true, align: 'center' },
      ],
      [
        { label: 'MUNICÍPIO', value: townOf(address), w: w(7.11, 10.03) },
        { label: 'FONE / FAX', value: fone(get('enderDest/fone')), w: w(4.06, 5.08), align: 'center' },
        { label: 'UF', value: get('enderDest/UF') ?? '', w: w(1.14, 1.27), align: 'center' },
        { label: 'INSCRIÇÃO ESTADUAL', value: get('IE') ?? '', w: w(5.33, 5.84) },
        { label: 'HORA DA SAÍDA/ENTRADA', value: time(leaves), w: w(2.92, 4.32), bold: true, align: 'center' },
      ],
    ],
  };
}

function place(element: XmlElement | undefined, name: string, title: string, geo: Geometry): Block | undefined {
  if (element === undefined) return undefined;
  const get = getter(element);
  return {
    name,
    title: wide(geo) ? title.replace('INFORMAÇÕES DO ', '').replace(' DE ', ' | DE ') : title,
    rows: [
      [
        { label: 'NOME / RAZÃO SOCIAL', value: get('xNome') ?? '', w: 12.3 },
        { label: 'CNPJ / CPF', value: documentOf(element), w: 5.2, bold: true },
        { label: 'INSCRIÇÃO ESTADUAL', value: get('IE') ?? '', w: 3.4 },
      ],
      [
        { label: 'ENDEREÇO', value: streetOf(element), w: 8.2 },
        { label: 'BAIRRO / DISTRITO', value: get('xBairro') ?? '', w: 3.7 },
        { label: 'MUNICÍPIO', value: townOf(element), w: 3.8 },
        { label: 'UF', value: get('UF') ?? '', w: 0.9, align: 'center' },
        { label: 'CEP', value: cep(get('CEP')), w: 2, align: 'center' },
        { label: 'FONE', value: fone(get('fone')), w: 2.3, align: 'center' },
      ],
    ],
  };
}

const MAX_ROWS_OF_DUP = 3;

function invoiceBlock(inf: XmlElement, geo: Geometry): { block: Block | undefined; leftOver: string[] } {
  const cobr = at(inf, 'cobr');
  const fat = cobr && at(cobr, 'fat');
  const dups = cobr === undefined ? [] : children(cobr, 'dup');
  if (fat === undefined && dups.length === 0) return { block: undefined, leftOver: [] };
  const rows: Field[][] = [];
  if (fat !== undefined) {
    const get = getter(fat);
    rows.push([
      { label: 'NÚMERO DA FATURA', value: get('nFat') ?? '', w: 2 },
      { label: 'VALOR ORIGINAL', value: decimal(get('vOrig')), w: 1, align: 'right' },
      { label: 'VALOR DO DESCONTO', value: decimal(get('vDesc')), w: 1, align: 'right' },
      { label: 'VALOR LÍQUIDO', value: decimal(get('vLiq')), w: 1, align: 'right' },
    ]);
  }
  const perRow = wide(geo) ? 6 : 5;
  const shown = dups.slice(0, perRow * MAX_ROWS_OF_DUP);
  for (let i = 0; i < shown.length; i += perRow) {
    const row = shown.slice(i, i + perRow).map(dupField);
    while (row.length < perRow && i > 0) row.push({ label: '', value: '', w: 1 });
    rows.push(row);
  }
  const rest = dups.slice(shown.length).map((dup) => dupText(dup));
  const leftOver = rest.length === 0 ? [] : [`Demais duplicatas (número, vencimento, valor): ${rest.join('; ')}`];
  return { block: { name: 'fatura', title: wide(geo) ? 'FATURA | DUPLIC.' : 'FATURA / DUPLICATAS', rows }, leftOver };
}

const dupText = (dup: XmlElement): string =>
  [textAt(dup, 'nDup') ?? '', date(textAt(dup, 'dVenc')), decimal(textAt(dup, 'vDup'))].filter((part) => part !== '').join('  ');

const dupField = (dup: XmlElement): Field => ({ label: 'DUPLICATA / VENCIMENTO / VALOR', value: dupText(dup), w: 1, align: 'center' });

function taxes(inf: XmlElement, geo: Geometry): Block {
  const get = getter(at(inf, 'total/ICMSTot'));
  const w = (portrait: number, landscape: number) => width(geo, portrait, landscape);
  const money = (label: string, tag: string, wide: number): Field => ({ label, value: decimal(get(tag)), w: wide, align: 'right' });
  const quarter = w(4.06, 5.33);
  const fifth = w(3.3, 4.32);
  const about = get('vTotTrib');
  const rows: Field[][] = [
    [
      money('BASE DE CÁLCULO DO ICMS', 'vBC', quarter),
      money('VALOR DO ICMS', 'vICMS', quarter),
      money('BASE DE CÁLC. ICMS SUBST.', 'vBCST', quarter),
      money('VALOR DO ICMS SUBST.', 'vST', quarter),
      ...(about === undefined ? [] : [money('VALOR APROX. DOS TRIBUTOS', 'vTotTrib', quarter)]),
      money('VALOR TOTAL DOS PRODUTOS', 'vProd', w(4.32, 5.21)),
    ],
    [
      money('VALOR DO FRETE', 'vFrete', fifth),
      money('VALOR DO SEGURO', 'vSeg', fifth),
      money('DESCONTO', 'vDesc', fifth),
      money('OUTRAS DESP. ACESSÓRIAS', 'vOutro', fifth),
      money('VALOR DO IPI', 'vIPI', fifth),
      { ...money('VALOR TOTAL DA NOTA', 'vNF', w(4.06, 4.95)), bold: true },
    ],
  ];
  const others = OTHER_TOTALS.filter(([, tag]) => Number(get(tag) ?? 0) > 0);
  if (others.length > 0) rows.push(others.map(([label, tag]) => money(label, tag, 1)));
  return { name: 'imposto', title: wide(geo) ? 'CÁLCULO | DO IMPOSTO' : 'CÁLCULO DO IMPOSTO', rows };
}

/** Printed only when they are not zero. */
const OTHER_TOTALS: readonly [string, string][] = [
  ['VALOR DO FCP', 'vFCP'],
  ['VALOR DO FCP ST', 'vFCPST'],
  ['ICMS UF DESTINO', 'vICMSUFDest'],
  ['FCP UF DESTINO', 'vFCPUFDest'],
  ['ICMS DESONERADO', 'vICMSDeson'],
  ['VALOR DO II', 'vII'],
  ['IPI DEVOLVIDO', 'vIPIDevol'],
  ['ICMS MONOFÁSICO', 'vICMSMono'],
  ['ICMS MONOF. RETENÇÃO', 'vICMSMonoReten'],
];

/** NT 2026.010; monophasic values only when there are any. */
function reformTotals(inf: XmlElement, geo: Geometry): Block | undefined {
  const total = at(inf, 'total');
  const totals = total && at(total, 'IBSCBSTot');
  const seletivo = total && textAt(total, 'ISTot/vIS');
  if (totals === undefined && seletivo === undefined) return undefined;
  const get = getter(totals);
  const money = (label: string, value: string | undefined): Field => ({ label, value: decimal(value), w: 1, align: 'right' });
  const rows = [
    [
      money('VALOR DA CBS', get('gCBS/vCBS')),
      money('VALOR DO IBS UF', get('gIBS/gIBSUF/vIBSUF')),
      money('VALOR DO IBS MUNICÍPIO', get('gIBS/gIBSMun/vIBSMun')),
      money('VALOR DO IMPOSTO SELETIVO', seletivo),
    ],
  ];
  const mono = totals && at(totals, 'gMono');
  if (mono !== undefined) {
    const of = getter(mono);
    rows.push([
      money('IBS MONOFÁSICO', of('vIBSMono')),
      money('CBS MONOFÁSICA', of('vCBSMono')),
      money('IBS MONOF. POR RETENÇÃO', of('vIBSMonoReten')),
      money('CBS MONOF. POR RETENÇÃO', of('vCBSMonoReten')),
    ]);
  }
  return { name: 'ibs-cbs-is', title: wide(geo) ? 'TOTAL DO | IBS/CBS/IS' : 'TOTAL DO IBS/CBS/IS', rows };
}

export function issqnBlock(inf: XmlElement, geo: Geometry): Block | undefined {
  const total = at(inf, 'total/ISSQNtot');
  if (total === undefined) return undefined;
  const get = getter(total);
  const w = width(geo, 5.08, 6.6);
  const money = (label: string, tag: string): Field => ({ label, value: decimal(get(tag)), w, align: 'right' });
  return {
    name: 'issqn',
    title: wide(geo) ? 'ISSQN' : 'CÁLCULO DO ISSQN',
    rows: [
      [
        { label: 'INSCRIÇÃO MUNICIPAL', value: textAt(inf, 'emit/IM') ?? '', w },
        money('VALOR TOTAL DOS SERVIÇOS', 'vServ'),
        money('BASE DE CÁLCULO DO ISSQN', 'vBC'),
        { ...money('VALOR DO ISSQN', 'vISS'), w: width(geo, 5.33, 6.73) },
      ],
    ],
  };
}
