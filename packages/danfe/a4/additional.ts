import { at, children, textAt } from '@malote/fiscal/xml/parse';
import { situationTexts } from '../note/contingency.ts';
import { inFours } from '../note/format.ts';
import type { Note } from '../note/read-note.ts';
import { LEADING } from '../pdf/fit.ts';
import { type Canvas, drawBox, drawWinAnsi, PT } from '../pdf/pages.ts';
import { toWinAnsi } from '../pdf/win-ansi.ts';
import { type Line, wrapLines } from '../pdf/wrap.ts';
import { drawLabel, drawTitle } from './block.ts';
import type { Geometry } from './geometry.ts';

const SIZE = 7;
const LABEL = 2.8;
const PAD = 0.8;
export const INFO_STEP = (SIZE * LEADING) / PT;

/** What stands in Informações Complementares, in the usual order; `lineBreak` is a character that the ERP uses for a new line. */
export function additionalTexts(note: Note, leftOver: readonly string[], lineBreak: string | undefined): string[] {
  const { inf } = note;
  const get = (path: string) => textAt(inf, path);
  const split = (text: string): string[] => text.split(lineBreak ?? '\n').map((part) => part.trim());
  const texts = situationTexts(note);
  const toFisco = get('infAdic/infAdFisco');
  if (toFisco) texts.push(...split(`Inf. fisco: ${toFisco}`));
  const infCpl = get('infAdic/infCpl');
  if (infCpl) texts.push(...split(infCpl));
  const infAdic = at(inf, 'infAdic');
  for (const obs of infAdic === undefined ? [] : children(infAdic, 'obsCont'))
    texts.push(`${obs.attributes.get('xCampo') ?? ''}: ${textAt(obs, 'xTexto') ?? ''}`);
  texts.push(...references(note), ...leftOver);
  const order = pairs([
    ['Nota de empenho', get('compra/xNEmp')],
    ['Pedido', get('compra/xPed')],
    ['Contrato', get('compra/xCont')],
    ['UF de saída do país', get('exporta/UFSaidaPais')],
    ['Local de exportação', get('exporta/xLocExporta')],
    ['Local de despacho', get('exporta/xLocDespacho')],
  ]);
  if (order !== '') texts.push(order);
  return texts.map(toWinAnsi).filter((text) => text !== '');
}

function pairs(entries: [string, string | undefined][]): string {
  return entries.flatMap(([name, value]) => (value ? [`${name}: ${value}`] : [])).join('. ');
}

function references({ inf }: Note): string[] {
  const ide = at(inf, 'ide');
  const keys = (ide === undefined ? [] : children(ide, 'NFref')).flatMap((ref) => {
    const key = textAt(ref, 'refNFe') ?? textAt(ref, 'refNFeSig') ?? textAt(ref, 'refCTe');
    if (key !== undefined) return [inFours(key)];
    const paper = at(ref, 'refNF') ?? at(ref, 'refNFP');
    return paper === undefined ? [] : [`nota ${textAt(paper, 'nNF') ?? ''} série ${textAt(paper, 'serie') ?? ''}`];
  });
  return keys.length === 0 ? [] : [`Documentos referenciados: ${keys.join('; ')}`];
}

/** Width of the text, on the first sheet and on the others. */
export function infoWidth(geo: Geometry, first: boolean): number {
  const body = geo.width - geo.stripWidth;
  return (first ? body * geo.additional.share : body) - 2 * PAD;
}

export function wrapInfo(texts: readonly string[], geo: Geometry, first: boolean): Line[] {
  return wrapLines(texts, 'times', SIZE, infoWidth(geo, first) * PT);
}

/** Height of the block with so many lines, title included, and the reverse. */
export const infoHeight = (lines: number, geo: Geometry): number => geo.titleHeight + LABEL + lines * INFO_STEP + 1 + geo.gap;
export const infoCapacity = (height: number, geo: Geometry): number =>
  Math.max(0, Math.floor((height - geo.titleHeight - geo.gap - LABEL - 1 + 1e-6) / INFO_STEP));

/** `first`: with RESERVADO AO FISCO, which stays empty (MOC 7.0 Anexo II 3.1.9). */
export function drawAdditional(canvas: Canvas, lines: readonly Line[], geo: Geometry, y: number, height: number, first: boolean): void {
  canvas.block = 'adicionais';
  const body = height - geo.titleHeight - geo.gap;
  const heading = geo.stripWidth === 0 ? 'DADOS ADICIONAIS' : 'DADOS | ADICIONAIS';
  const { x, width, top } = drawTitle(canvas, first || geo.stripWidth > 0 ? heading : `${heading} (CONTINUAÇÃO)`, geo, y, body);
  const left = first ? width * geo.additional.share : width;
  drawBox(canvas, x, top, left, body);
  drawLabel(canvas, first ? 'INFORMAÇÕES COMPLEMENTARES' : 'INFORMAÇÕES COMPLEMENTARES (CONTINUAÇÃO)', x, top, left);
  for (const [i, { text }] of lines.entries())
    drawWinAnsi(canvas, text, x + PAD, top + LABEL + (SIZE * 0.8) / PT + i * INFO_STEP, { font: 'times', size: SIZE });
  if (!first) return;
  drawBox(canvas, x + left, top, width - left, body);
  drawLabel(canvas, 'RESERVADO AO FISCO', x + left, top, width - left);
}
