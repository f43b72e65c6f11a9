import { children } from '@malote/fiscal/xml/parse';
import type { Note } from '../note/read-note.ts';
import { watermark } from '../note/situation.ts';
import { addPage, type Canvas, drawMark } from '../pdf/pages.ts';
import { additionalTexts, drawAdditional } from './additional.ts';
import { blockHeight, drawBlock } from './block.ts';
import { issqnBlock, upperBlocks } from './blocks.ts';
import { canhotoHeight, drawCanhoto } from './canhoto.ts';
import type { Geometry } from './geometry.ts';
import { drawHeader, headerHeight } from './header.ts';
import { itemOf, layoutColumns } from './item-columns.ts';
import { piecesOf } from './item-rows.ts';
import { drawItemTable } from './item-table.ts';
import { paginate } from './paginate.ts';

export interface A4Options {
  /** Without the receipt. */
  semCanhoto?: boolean | undefined;
  lineBreak?: string | undefined;
}

/** DANFE of model 55 on A4 (MOC 7.0 Anexo II, NT 2026.010). */
export function drawA4(canvas: Canvas, note: Note, geo: Geometry, { semCanhoto = false, lineBreak }: A4Options): void {
  const { blocks, leftOver } = upperBlocks(note, geo);
  const issqn = issqnBlock(note.inf, geo);
  const tableWidth = geo.width - geo.stripWidth;
  const dets = children(note.inf, 'det');
  const items = dets.map(itemOf);
  const layout = layoutColumns(items, tableWidth);
  const pieces = dets.flatMap((det, i) => piecesOf(det, items[i] as (typeof items)[number], layout, tableWidth));

  const receipt = semCanhoto ? 0 : canhotoHeight(geo);
  const room = geo.bottom - geo.top - headerHeight(geo);
  const others = [...blocks, ...(issqn ? [issqn] : [])].reduce((sum, block) => sum + blockHeight(block, geo), 0);
  const plans = paginate(pieces, additionalTexts(note, leftOver, lineBreak), geo, { first: room - receipt - others, next: room });

  for (const [index, plan] of plans.entries()) {
    addPage(canvas, geo.pageWidth, geo.pageHeight);
    drawWatermark(canvas, note, geo);
    const first = index === 0;
    if (first && !semCanhoto) drawCanhoto(canvas, note, geo);
    let y = drawHeader(canvas, note, geo, geo.top + (first ? receipt : 0), { folha: index + 1, folhas: plans.length });
    if (first) for (const block of blocks) y = drawBlock(canvas, block, geo, y);
    if (plan.tableHeight > 0) y = drawItemTable(canvas, plan.pieces, layout, geo, y, plan.tableHeight);
    if (first && issqn) y = drawBlock(canvas, issqn, geo, y);
    if (plan.infoHeight > 0) drawAdditional(canvas, plan.lines, geo, y, plan.infoHeight, first);
  }
}

function drawWatermark(canvas: Canvas, note: Note, geo: Geometry): void {
  const text = watermark(note.situation);
  if (text === undefined) return;
  canvas.block = 'marca';
  const portrait = geo.orientation === 'retrato';
  const size = Math.min(64, 900 / text.length);
  const style = { font: 'timesBold', size, gray: 0.86 } as const;
  drawMark(canvas, text, geo.x + geo.width / 2, portrait ? 175 : 115, portrait ? 45 : 30, style);
}
