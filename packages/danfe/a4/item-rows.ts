import type { XmlElement } from '@malote/fiscal/xml/parse';
import { extraLines } from '../note/item.ts';
import { LEADING } from '../pdf/fit.ts';
import { PT } from '../pdf/pages.ts';
import { toWinAnsi } from '../pdf/win-ansi.ts';
import { wrapLines } from '../pdf/wrap.ts';
import type { Item, ItemLayout } from './item-columns.ts';

/** A part of an item that is not divided between sheets. */
export interface Piece {
  /** Undefined in the later pieces of an item. */
  item: Item | undefined;
  /** Lines of the columns that wrap; those of the others are their `values`. */
  wrapped: (string[] | undefined)[];
  /** Lines over the whole width right of the code. */
  extras: string[];
  cellsHeight: number;
  height: number;
}

/** White above and below the lines of a piece. */
export const PIECE_PAD = 0.5;
/** White between the cells of an item and the lines below them. */
export const EXTRAS_PAD = 0.4;
/** More lines than these go to another piece: an item may name 500 lots. */
const MAX_EXTRAS = 24;

export const lineHeight = (size: number): number => (size * LEADING) / PT;

/** Left edge of the lines below an item, measured from the left edge of the table. */
export function extrasInset(layout: ItemLayout): number {
  return (layout.columns[0]?.width ?? 0) + 0.6;
}

export function piecesOf(det: XmlElement, item: Item, layout: ItemLayout, tableWidth: number): Piece[] {
  const { columns, size } = layout;
  const wrapped = columns.map((column) => {
    if (!column.wraps) return undefined;
    return wrapLines([column.values(item)[0] as string], 'times', size, (column.width - 1) * PT).map(({ text }) => text);
  });
  const width = (tableWidth - extrasInset(layout) - 0.6) * PT;
  const extras = wrapLines(extraLines(det).map(toWinAnsi), 'times', size, width).map(({ text }) => text);
  const step = lineHeight(size);
  const cellsHeight = Math.max(1, ...columns.map(({ heads }, i) => wrapped[i]?.length ?? heads.length)) * step + 2 * PIECE_PAD;
  const first = extras.slice(0, MAX_EXTRAS);
  const pieces: Piece[] = [
    { item, wrapped, extras: first, cellsHeight, height: cellsHeight + (first.length === 0 ? 0 : EXTRAS_PAD + first.length * step) },
  ];
  for (let i = MAX_EXTRAS; i < extras.length; i += MAX_EXTRAS) {
    const more = extras.slice(i, i + MAX_EXTRAS);
    pieces.push({ item: undefined, wrapped: [], extras: more, cellsHeight: 0, height: EXTRAS_PAD + more.length * step });
  }
  return pieces;
}
