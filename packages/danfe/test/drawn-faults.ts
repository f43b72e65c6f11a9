import type { Drawn } from '../pdf/pages.ts';

/** Rounding and the air inside of a glyph's box. */
const TOLERANCE = 0.12;

/** MOC 7.0 Anexo II: nothing below 5 points. Turned texts have their size as width. */
const MIN_SIZE = (5 * 25.4) / 72 - 0.01;

const overlap = (a: Drawn, b: Drawn): boolean =>
  a.x + a.w > b.x + TOLERANCE && b.x + b.w > a.x + TOLERANCE && a.y + a.h > b.y + TOLERANCE && b.y + b.h > a.y + TOLERANCE;

const describe = ({ page, kind, x, y, w, h, text, block }: Drawn): string =>
  `page ${page} ${block} ${kind} ${JSON.stringify(text ?? '')} x ${x.toFixed(1)} y ${y.toFixed(1)} w ${w.toFixed(1)} h ${h.toFixed(1)}`;

/** Two texts, pictures, bars or codes on one another; a text across the border of a box; anything outside of the margins. */
export function drawnFaults(drawn: readonly Drawn[], size: { width: number; height: number; margin: number }): string[] {
  const faults: string[] = [];
  const pages = Map.groupBy(drawn, ({ page }) => page);
  for (const items of pages.values()) {
    const solid = items
      .filter(({ kind }) => kind === 'text' || kind === 'image' || kind === 'bars' || kind === 'qr')
      .toSorted((a, b) => a.y - b.y);
    for (const [i, a] of solid.entries()) {
      for (const b of solid.slice(i + 1)) {
        if (b.y > a.y + a.h) break;
        if (overlap(a, b)) faults.push(`overlap: ${describe(a)} | ${describe(b)}`);
      }
      const outside =
        a.x < size.margin - TOLERANCE || a.y < 0 || a.x + a.w > size.width - size.margin + TOLERANCE || a.y + a.h > size.height + TOLERANCE;
      if (outside) faults.push(`outside: ${describe(a)}`);
    }
    // The height of a text is its size.
    for (const text of items)
      if (text.kind === 'text' && (text.text ?? '').length > 2 && Math.min(text.h, text.w) < MIN_SIZE)
        faults.push(`too small: ${describe(text)}`);
    const boxes = items.filter(({ kind }) => kind === 'box');
    for (const text of items.filter(({ kind }) => kind === 'text')) {
      for (const box of boxes) {
        if (!overlap(text, box)) continue;
        const inside =
          text.x >= box.x - TOLERANCE &&
          text.x + text.w <= box.x + box.w + TOLERANCE &&
          text.y >= box.y - TOLERANCE &&
          text.y + text.h <= box.y + box.h + 0.4;
        if (!inside) faults.push(`across a border: ${describe(text)} | ${describe(box)}`);
      }
    }
  }
  return faults;
}
