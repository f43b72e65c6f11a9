import { type Canvas, drawBox, drawLine, drawText, drawWinAnsi, PT } from '../pdf/pages.ts';
import { drawTitle } from './block.ts';
import type { Geometry } from './geometry.ts';
import { type Item, type ItemLayout, splitHead } from './item-columns.ts';
import { EXTRAS_PAD, extrasInset, lineHeight, PIECE_PAD, type Piece } from './item-rows.ts';

const HEAD_HEIGHT = 5;

/** Title and column headings. */
export const tableHeadHeight = (geo: Geometry): number => geo.titleHeight + HEAD_HEIGHT;

/** Draws the pieces in a table of this height (title included) and gives the y below it. */
export function drawItemTable(
  canvas: Canvas,
  pieces: readonly Piece[],
  layout: ItemLayout,
  geo: Geometry,
  y: number,
  height: number,
): number {
  canvas.block = 'produtos';
  const bodyHeight = height - geo.titleHeight - geo.gap;
  const title = geo.stripWidth === 0 ? 'DADOS DOS PRODUTOS / SERVIÇOS' : 'DADOS DOS | PRODUTOS / SERVIÇOS';
  const { x, width, top } = drawTitle(canvas, title, geo, y, bodyHeight);
  const bottom = top + bodyHeight;
  drawBox(canvas, x, top, width, bodyHeight);
  drawLine(canvas, x, top + HEAD_HEIGHT, x + width, top + HEAD_HEIGHT);
  drawHeads(canvas, layout, x, top);
  const bands = drawPieces(canvas, pieces, layout, x, width, top + HEAD_HEIGHT);
  drawRules(canvas, layout, x, top, bottom, bands);
  return bottom + geo.gap;
}

function drawHeads(canvas: Canvas, { columns, headSize }: ItemLayout, x: number, top: number): void {
  let left = x;
  for (const { heads, width } of columns) {
    const lines = heads.length > 1 ? heads : splitHead(heads[0] as string);
    const step = lineHeight(headSize);
    const first = top + HEAD_HEIGHT / 2 + 0.6 - ((lines.length - 1) * step) / 2;
    for (const [i, line] of lines.entries())
      drawText(canvas, line, left + width / 2, first + i * step, { font: 'times', size: headSize, align: 'center' });
    left += width;
  }
}

interface Band {
  top: number;
  bottom: number;
}

/** Gives the bands of lines below items, which the rules between the columns leave out. */
function drawPieces(canvas: Canvas, pieces: readonly Piece[], layout: ItemLayout, x: number, width: number, top: number): Band[] {
  const { columns, size } = layout;
  const step = lineHeight(size);
  const ascent = (size * 0.82) / PT;
  const bands: Band[] = [];
  let y = top;
  for (const [index, piece] of pieces.entries()) {
    if (index > 0 && piece.item !== undefined) drawLine(canvas, x, y, x + width, y, 'dotted');
    let left = x;
    for (const [i, { align, width: w, values }] of piece.item === undefined ? [] : columns.entries()) {
      const lines = piece.wrapped[i] ?? values(piece.item as Item);
      const at = align === 'left' ? left + 0.6 : align === 'right' ? left + w - 0.6 : left + w / 2;
      for (const [row, line] of lines.entries())
        if (line !== '') drawWinAnsi(canvas, line, at, y + PIECE_PAD + ascent + row * step, { font: 'times', size, align });
      left += w;
    }
    const extrasTop = y + piece.cellsHeight;
    for (const [row, line] of piece.extras.entries())
      drawWinAnsi(canvas, line, x + extrasInset(layout), extrasTop + EXTRAS_PAD + ascent + row * step, { font: 'times', size });
    y += piece.height;
    if (piece.extras.length > 0) bands.push({ top: extrasTop, bottom: y });
  }
  return bands;
}

function drawRules(canvas: Canvas, { columns }: ItemLayout, x: number, top: number, bottom: number, bands: readonly Band[]): void {
  const runs: Band[] = [];
  let start = top;
  for (const band of bands) {
    if (band.top > start) runs.push({ top: start, bottom: band.top });
    start = band.bottom;
  }
  if (bottom > start) runs.push({ top: start, bottom });
  let left = x;
  for (const [i, { width }] of columns.entries()) {
    left += width;
    if (i === columns.length - 1) break;
    for (const run of runs) drawLine(canvas, left, run.top, left, run.bottom);
  }
}
