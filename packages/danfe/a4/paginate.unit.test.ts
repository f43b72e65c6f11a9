import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAISAGEM, RETRATO } from './geometry.ts';
import type { Piece } from './item-rows.ts';
import { tableHeadHeight } from './item-table.ts';
import { paginate } from './paginate.ts';

const piece = (height: number): Piece => ({ item: undefined, wrapped: [], extras: [], cellsHeight: height, height });
const WORDS = (count: number): string => Array.from({ length: count }, (_, i) => `w${i}`).join(' ');

test('every piece and every word stands on one sheet, in order, and no sheet is over-full', () => {
  for (const geo of [RETRATO, PAISAGEM]) {
    const room = { first: 95, next: geo.bottom - geo.top - 60 };
    for (let items = 0; items <= 130; items += 13) {
      for (const words of [0, 30, 400, 3000]) {
        const pieces = Array.from({ length: items }, (_, i) => piece(3 + ((i * 7) % 11)));
        const plans = paginate(pieces, [WORDS(words)], geo, room);
        const at = `${geo.orientation}, ${items} items, ${words} words`;
        assert.deepEqual(
          plans.flatMap((plan) => plan.pieces),
          pieces,
          at,
        );
        const text = plans.flatMap((plan) => plan.lines.map((line) => line.text)).join(' ');
        assert.equal(text, WORDS(words), at);
        for (const [i, plan] of plans.entries()) {
          const used = plan.pieces.reduce((sum, { height }) => sum + height, 0);
          assert.ok(plan.pieces.length === 0 || used + tableHeadHeight(geo) + geo.gap <= plan.tableHeight + 1e-6, `${at}, sheet ${i + 1}`);
          assert.ok(plan.tableHeight + plan.infoHeight <= (i === 0 ? room.first : room.next) + 1e-6, `${at}, sheet ${i + 1}`);
          assert.ok(plan.pieces.length > 0 || plan.lines.length > 0 || i === 0, `${at}, sheet ${i + 1} is empty`);
        }
      }
    }
  }
});
