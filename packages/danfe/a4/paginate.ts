import { type Line, unwrap } from '../pdf/wrap.ts';
import { infoCapacity, infoHeight, wrapInfo } from './additional.ts';
import type { Geometry } from './geometry.ts';
import type { Piece } from './item-rows.ts';
import { tableHeadHeight } from './item-table.ts';

export interface SheetPlan {
  pieces: Piece[];
  /** Height of the table with its title; 0 for none. */
  tableHeight: number;
  lines: Line[];
  /** Height of the block of additional information; 0 for none. */
  infoHeight: number;
}

/** Room below the header: on the first sheet after all its other blocks, and on each further sheet. */
export interface Room {
  first: number;
  next: number;
}

/** With less than this a continued text starts on the next sheet. */
const MIN_INFO = 15;

/** Decides what stands on which sheet before anything is drawn, so that FOLHA n/m is right and nothing falls between two sheets. */
export function paginate(pieces: readonly Piece[], infoTexts: readonly string[], geo: Geometry, room: Room): SheetPlan[] {
  const head = tableHeadHeight(geo) + geo.gap;
  const lines = wrapInfo(infoTexts, geo, true);
  const smallest = geo.titleHeight + geo.additional.height;
  const itemsHeight = pieces.reduce((sum, { height }) => sum + height, 0);
  const spare = room.first - head - itemsHeight;
  const infoOnFirst = spare >= smallest ? Math.min(Math.max(smallest, infoHeight(lines.length, geo)), spare) : smallest;
  const onFirst = infoCapacity(infoOnFirst, geo);
  const tableHeight = room.first - infoOnFirst;
  const taken = fill(pieces, 0, tableHeight - head);
  const plans: SheetPlan[] = [{ pieces: pieces.slice(0, taken), tableHeight, lines: lines.slice(0, onFirst), infoHeight: infoOnFirst }];
  let rest = lines.length > onFirst ? wrapInfo(unwrap(lines.slice(onFirst)), geo, false) : [];
  let at = taken;
  while (at < pieces.length || rest.length > 0) {
    const plan: SheetPlan = { pieces: [], tableHeight: 0, lines: [], infoHeight: 0 };
    let left = room.next;
    if (at < pieces.length) {
      const count = Math.max(1, fill(pieces, at, left - head));
      plan.pieces = pieces.slice(at, at + count);
      at += count;
      const used = plan.pieces.reduce((sum, { height }) => sum + height, head);
      // On the sheet where the items end, the text that is left follows them.
      plan.tableHeight = at < pieces.length ? left : Math.max(used, geo.least.table);
      left -= plan.tableHeight;
    }
    if (at >= pieces.length && rest.length > 0 && left >= MIN_INFO) {
      const count = infoCapacity(left, geo);
      plan.lines = rest.slice(0, count);
      rest = rest.slice(count);
      plan.infoHeight = Math.max(infoHeight(plan.lines.length, geo), geo.least.info);
    }
    plans.push(plan);
  }
  return plans;
}

/** How many pieces from `start` on fit. */
function fill(pieces: readonly Piece[], start: number, room: number): number {
  let used = 0;
  let count = 0;
  for (let i = start; i < pieces.length; i++) {
    used += (pieces[i] as Piece).height;
    if (used > room + 1e-6) break;
    count++;
  }
  return count;
}
