import { drawFitted } from '../pdf/fit.ts';
import { widthOf } from '../pdf/fonts.ts';
import { type Canvas, drawBox, drawText, drawTextUp, PT } from '../pdf/pages.ts';
import { toWinAnsi } from '../pdf/win-ansi.ts';
import type { Geometry } from './geometry.ts';

/** A box with a label in capitals and a value. */
export interface Field {
  label: string;
  value: string;
  /** Share of the row; published widths in centimetres are written here as they are. */
  w: number;
  bold?: boolean;
  align?: 'left' | 'center' | 'right';
}

export interface Block {
  name: string;
  /** '' for rows that belong to what stands above. */
  title: string;
  rows: Field[][];
}

const PAD = 0.7;
const LABEL_HEIGHT = 2.4;

export function blockHeight(block: Block, geo: Geometry): number {
  return (block.title === '' ? 0 : geo.titleHeight) + block.rows.length * geo.rowHeight + geo.gap;
}

/** Draws the block with its top at `y` and gives the y below it. */
export function drawBlock(canvas: Canvas, block: Block, geo: Geometry, y: number): number {
  canvas.block = block.name;
  const height = block.rows.length * geo.rowHeight;
  const { x, width, top } = drawTitle(canvas, block.title, geo, y, height);
  for (const [i, row] of block.rows.entries()) drawRow(canvas, row, x, top + i * geo.rowHeight, width, geo.rowHeight);
  return top + height + geo.gap;
}

/** Draws the title above or beside a body of this height and tells where the body is. */
export function drawTitle(
  canvas: Canvas,
  title: string,
  geo: Geometry,
  y: number,
  height: number,
): { x: number; width: number; top: number } {
  if (title === '') return { x: geo.x, width: geo.width, top: y };
  if (geo.stripWidth === 0) {
    drawText(canvas, title, geo.x, y + geo.titleHeight - 0.8, { font: 'timesBold', size: 7 });
    return { x: geo.x, width: geo.width, top: y + geo.titleHeight };
  }
  drawBox(canvas, geo.x, y, geo.stripWidth, height);
  const lines = title.split('|').map((line) => line.trim());
  const longest = Math.max(...lines.map((line) => widthOf(toWinAnsi(line), 'timesBold', 1)));
  const size = Math.min(6, Math.floor(((height - 0.8) * PT * 10) / longest) / 10);
  const step = (size * 1.1) / PT;
  const first = geo.x + geo.stripWidth / 2 + 0.6 - ((lines.length - 1) * step) / 2;
  for (const [i, line] of lines.entries()) drawTextUp(canvas, line, first + i * step, y + height / 2, { font: 'timesBold', size });
  return { x: geo.x + geo.stripWidth, width: geo.width - geo.stripWidth, top: y };
}

export function drawRow(canvas: Canvas, fields: Field[], x: number, y: number, width: number, height: number): void {
  const total = fields.reduce((sum, { w }) => sum + w, 0);
  let left = x;
  for (const field of fields) {
    const w = (field.w / total) * width;
    drawField(canvas, field, left, y, w, height);
    left += w;
  }
}

export function drawField(canvas: Canvas, field: Omit<Field, 'w'>, x: number, y: number, w: number, h: number): void {
  drawBox(canvas, x, y, w, h);
  drawLabel(canvas, field.label, x, y, w);
  const font = field.bold ? 'timesBold' : 'times';
  const { align = 'left' } = field;
  drawFitted(canvas, field.value, x + PAD, y + LABEL_HEIGHT, w - 2 * PAD, h - LABEL_HEIGHT - 0.2, { font, size: 10, min: 6, align });
}

export function drawLabel(canvas: Canvas, label: string, x: number, y: number, w: number): void {
  drawFitted(canvas, label, x + PAD, y + 0.3, w - 2 * PAD, 2.1, { font: 'times', size: 6, min: 5, single: true });
}
