import { at, textAt, type XmlElement } from '@malote/fiscal/xml/parse';
import { decimal } from '../note/format.ts';
import { cstOf, icmsOf } from '../note/item.ts';
import { widthOf } from '../pdf/fonts.ts';
import { PT } from '../pdf/pages.ts';
import { toWinAnsi } from '../pdf/win-ansi.ts';

/** One column, or two that share it (MOC 7.0 Anexo II 3.2). */
export interface Column {
  heads: string[];
  align: 'left' | 'center' | 'right';
  /** Millimetres; set by layout. */
  width: number;
  /** One text per row of the item, WinAnsi. */
  values: (item: Item) => string[];
  wraps?: boolean;
}

/** The texts of one item by column id. */
export type Item = Readonly<Record<ColumnId, string>>;

type ColumnId = keyof typeof COLUMNS;

interface ColumnDefinition {
  head: string;
  align: 'left' | 'center' | 'right';
  /** Left out when no item has it. */
  optional?: boolean;
}

const COLUMNS = {
  codigo: { head: 'CÓDIGO', align: 'left' },
  descricao: { head: 'DESCRIÇÃO DO PRODUTO / SERVIÇO', align: 'left' },
  ncm: { head: 'NCM/SH', align: 'center' },
  cst: { head: 'CST', align: 'center' },
  cfop: { head: 'CFOP', align: 'center' },
  un: { head: 'UN', align: 'center' },
  quant: { head: 'QUANT.', align: 'right' },
  unitario: { head: 'VALOR UNIT.', align: 'right' },
  desconto: { head: 'DESC.', align: 'right', optional: true },
  total: { head: 'VALOR TOTAL', align: 'right' },
  bc: { head: 'B. CÁLC. ICMS', align: 'right' },
  bcSt: { head: 'B. CÁLC. ICMS ST', align: 'right', optional: true },
  icms: { head: 'VALOR ICMS', align: 'right' },
  icmsSt: { head: 'VALOR ICMS ST', align: 'right', optional: true },
  ipi: { head: 'VALOR IPI', align: 'right' },
  aliqIcms: { head: 'ALÍQ. ICMS', align: 'right' },
  aliqIpi: { head: 'ALÍQ. IPI', align: 'right' },
} as const satisfies Record<string, ColumnDefinition>;

const PAIRS: readonly (readonly ColumnId[])[] = [
  ['codigo'],
  ['descricao'],
  ['ncm'],
  ['cst', 'cfop'],
  ['quant', 'un'],
  ['unitario', 'desconto'],
  ['total', 'bc'],
  ['bcSt', 'icmsSt'],
  ['icms', 'ipi'],
  ['aliqIcms', 'aliqIpi'],
];

export function itemOf(det: XmlElement): Item {
  const prod = at(det, 'prod');
  const get = (tag: string) => (prod === undefined ? undefined : textAt(prod, tag));
  const icms = icmsOf(det);
  const tax = (tag: string) => decimal(icms && textAt(icms, tag));
  const ipi = (tag: string) => decimal(textAt(det, `imposto/IPI/IPITrib/${tag}`));
  return {
    codigo: toWinAnsi(get('cProd') ?? ''),
    descricao: toWinAnsi(get('xProd') ?? ''),
    ncm: get('NCM') ?? '',
    cst: cstOf(det),
    cfop: get('CFOP') ?? '',
    un: toWinAnsi(get('uCom') ?? ''),
    quant: decimal(get('qCom')),
    unitario: decimal(get('vUnCom')),
    desconto: decimal(get('vDesc')),
    total: decimal(get('vProd')),
    bc: tax('vBC'),
    bcSt: tax('vBCST'),
    icms: tax('vICMS'),
    icmsSt: tax('vICMSST'),
    ipi: ipi('vIPI'),
    aliqIcms: tax('pICMS'),
    aliqIpi: ipi('pIPI'),
  };
}

export interface ItemLayout {
  columns: Column[];
  size: number;
  headSize: number;
}

const HEAD_SIZE = 5;
const PAD_MM = 1.2;
/** The description gets at least this; with less the next arrangement is tried. */
const WANTED_DESCRIPTION = 48;
const MAX_NUMBER = 30;
const MAX_CODE = 24;

/** Widths from what the items hold: each number whole on one line, the description gets the rest. */
export function layoutColumns(items: readonly Item[], tableWidth: number): ItemLayout {
  const present = (Object.keys(COLUMNS) as ColumnId[]).filter((id) => {
    const definition: ColumnDefinition = COLUMNS[id];
    return !definition.optional || items.some((item) => item[id] !== '' && item[id] !== '0,00');
  });
  const single = present.map((id) => [id]);
  const paired = PAIRS.map((pair) => pair.filter((id) => present.includes(id))).filter((pair) => pair.length > 0);
  let last: ItemLayout | undefined;
  for (const [groups, size] of [
    [single, 7],
    [single, 6],
    [paired, 7],
    [paired, 6],
  ] as const) {
    last = arrange(groups, items, size, tableWidth);
    const description = last.columns.find(({ wraps, heads }) => wraps && heads[0] === COLUMNS.descricao.head);
    if ((description?.width ?? 0) >= WANTED_DESCRIPTION) break;
  }
  return last as ItemLayout;
}

function arrange(groups: readonly (readonly ColumnId[])[], items: readonly Item[], size: number, tableWidth: number): ItemLayout {
  const columns = groups.map((ids): Column => {
    const heads = ids.map((id) => COLUMNS[id].head);
    const wraps = ids[0] === 'codigo' || ids[0] === 'descricao';
    const widest = ids[0] === 'descricao' ? 0 : Math.max(headWidth(heads), ...ids.map((id) => widestOf(items, id, size)));
    const cap = ids[0] === 'codigo' ? MAX_CODE : MAX_NUMBER;
    const { align } = COLUMNS[ids[0] as ColumnId];
    return { heads, align, width: Math.min(cap, widest / PT + PAD_MM), wraps, values: (item) => ids.map((id) => item[id]) };
  });
  const description = columns.find(({ heads }) => heads[0] === COLUMNS.descricao.head) as Column;
  description.width = tableWidth - columns.reduce((sum, column) => sum + (column === description ? 0 : column.width), 0);
  return { columns, size, headSize: HEAD_SIZE };
}

/** A head may break between its words into two lines. */
function headWidth(heads: readonly string[]): number {
  if (heads.length > 1) return Math.max(...heads.map((head) => widthOf(head, 'times', HEAD_SIZE)));
  return Math.max(...splitHead(heads[0] as string).map((line) => widthOf(line, 'times', HEAD_SIZE)));
}

export function splitHead(head: string): string[] {
  const words = head.split(' ');
  if (words.length < 2 || head === COLUMNS.descricao.head) return [head];
  const middle = Math.ceil(words.length / 2);
  return [words.slice(0, middle).join(' '), words.slice(middle).join(' ')];
}

function widestOf(items: readonly Item[], id: ColumnId, size: number): number {
  let widest = 0;
  for (const item of items) widest = Math.max(widest, widthOf(item[id], 'times', size));
  return widest;
}
