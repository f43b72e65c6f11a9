import { code128 } from '../pdf/code128.ts';
import { LEADING } from '../pdf/fit.ts';
import type { FontName } from '../pdf/fonts.ts';
import { widthOf } from '../pdf/fonts.ts';
import { addPage, type Canvas, drawBars, drawBox, drawLine, drawLogo, drawQr, drawWinAnsi, PT } from '../pdf/pages.ts';
import { qrMatrix } from '../pdf/qr.ts';
import { toWinAnsi } from '../pdf/win-ansi.ts';
import { wrapLines } from '../pdf/wrap.ts';
import type { Entry } from './entry.ts';

/** Millimetres. */
export interface Paper {
  width: number;
  /** White at each side. */
  margin: number;
  /** Fixed height of a page; undefined: one page as tall as its content. */
  height?: number;
  /** Every size of letters times this. */
  scale: number;
}

export const PAPERS = {
  58: { width: 58, margin: 4, scale: 0.9 },
  80: { width: 80, margin: 4, scale: 1 },
  100: { width: 100, margin: 4, scale: 1.2 },
  210: { width: 210, margin: 12, height: 297, scale: 1.25 },
} as const satisfies Record<number, Paper>;

export type PaperWidth = keyof typeof PAPERS;

/** A part of known height that is drawn at a y. */
interface Strip {
  height: number;
  draw: (y: number) => void;
}

const TOP = 4;
const DEFAULT_SIZE = 7;

/** Each copy begins a page. */
export function drawCupom(canvas: Canvas, copies: readonly Entry[][], paper: Paper): void {
  for (const entries of copies) {
    const strips = entries.map((entry) => stripOf(canvas, entry, paper));
    for (const page of pagesOf(strips, paper)) {
      const height = page.reduce((total, strip) => total + strip.height, 2 * TOP);
      addPage(canvas, paper.width, paper.height ?? height);
      let y = TOP;
      for (const strip of page) {
        strip.draw(y);
        y += strip.height;
      }
    }
  }
}

function pagesOf(strips: readonly Strip[], { height }: Paper): Strip[][] {
  if (height === undefined) return [[...strips]];
  const room = height - 2 * TOP - 6;
  const pages: Strip[][] = [[]];
  let used = 0;
  for (const strip of strips) {
    if (used + strip.height > room && used > 0) {
      pages.push([]);
      used = 0;
    }
    (pages.at(-1) as Strip[]).push(strip);
    used += strip.height;
  }
  return pages;
}

function stripOf(canvas: Canvas, entry: Entry, paper: Paper): Strip {
  const { width, margin, scale } = paper;
  const [x, w] = [margin, width - 2 * margin];
  const block = entry.kind;
  const strip = (height: number, draw: (y: number) => void): Strip => ({
    height,
    draw: (y) => {
      canvas.block = block;
      draw(y);
    },
  });
  switch (entry.kind) {
    case 'text':
      return textStrip(canvas, entry, x, w, scale, strip);
    case 'pair':
      return pairStrip(canvas, entry, x, w, scale, strip);
    case 'rule':
      return strip(1.8, (y) => drawLine(canvas, x, y + 0.9, x + w, y + 0.9, 'dotted'));
    case 'space':
      return strip(2, () => undefined);
    case 'logo':
      return canvas.logo === undefined ? strip(0, () => undefined) : strip(16, (y) => drawLogo(canvas, x, y, w, 15));
    case 'qr':
      return qrStrip(canvas, entry.text, x, w, strip);
    case 'bars':
      return barsStrip(canvas, entry.text, x, w, strip);
    case 'notice':
      return noticeStrip(canvas, entry.lines, x, w, scale, strip);
  }
}

type MakeStrip = (height: number, draw: (y: number) => void) => Strip;

function textStrip(canvas: Canvas, entry: Entry & { kind: 'text' }, x: number, w: number, scale: number, strip: MakeStrip): Strip {
  const font: FontName = entry.bold ? 'helveticaBold' : 'helvetica';
  const size = (entry.size ?? DEFAULT_SIZE) * scale;
  const lines = wrapLines([toWinAnsi(entry.text)], font, size, w * PT);
  const step = (size * LEADING) / PT;
  const align = entry.align ?? 'left';
  const left = align === 'center' ? x + w / 2 : x;
  return strip(lines.length * step + 0.3, (y) => {
    for (const [i, { text }] of lines.entries()) drawWinAnsi(canvas, text, left, y + (size * 0.88) / PT + i * step, { font, size, align });
  });
}

/** The right text keeps its line; the left one wraps before it. */
function pairStrip(canvas: Canvas, entry: Entry & { kind: 'pair' }, x: number, w: number, scale: number, strip: MakeStrip): Strip {
  const font: FontName = entry.bold ? 'helveticaBold' : 'helvetica';
  const size = (entry.size ?? DEFAULT_SIZE) * scale;
  const right = toWinAnsi(entry.right);
  const rightWidth = widthOf(right, font, size) / PT;
  const indent = /^ */.exec(entry.left)?.[0].length ?? 0;
  const inset = indent * 0.8;
  const lines = wrapLines([toWinAnsi(entry.left)], font, size, (w - rightWidth - inset - 1.5) * PT);
  const step = (size * LEADING) / PT;
  const count = Math.max(1, lines.length);
  return strip(count * step + 0.3, (y) => {
    const first = y + (size * 0.88) / PT;
    for (const [i, { text }] of lines.entries()) drawWinAnsi(canvas, text, x + inset, first + i * step, { font, size });
    drawWinAnsi(canvas, right, x + w, first + (count - 1) * step, { font, size, align: 'right' });
  });
}

/** Three dots of a thermal head (203 dpi) a module where there is room; never below the 22 mm of the manual, plus its quiet zone. */
function qrStrip(canvas: Canvas, text: string, x: number, w: number, strip: MakeStrip): Strip {
  const matrix = qrMatrix(text);
  const content = Math.min(w / 1.2, Math.max(25, matrix.size * 0.4));
  const side = content * 1.2;
  return strip(side, (y) => drawQr(canvas, matrix, x + (w - side) / 2, y, side, content * 0.1));
}

const MIN_MODULE = 0.2;

/** Along the paper when its width leaves less than 0,2 mm a module (letters in the key, 58 mm). */
function barsStrip(canvas: Canvas, text: string, x: number, w: number, strip: MakeStrip): Strip {
  const { modules } = code128(text);
  const length = Math.max(60, Math.min(w, modules * 0.25));
  if (w / modules >= MIN_MODULE) return strip(13, (y) => drawBars(canvas, text, x + (w - length) / 2, y, length, 12));
  const tall = Math.max(60, modules * 0.21);
  return strip(tall + 1, (y) => drawBars(canvas, text, x + w / 2 - 7, y, 14, tall, true));
}

function noticeStrip(canvas: Canvas, texts: readonly string[], x: number, w: number, scale: number, strip: MakeStrip): Strip {
  const font: FontName = 'helveticaBold';
  const size = 9 * scale;
  const lines = wrapLines(texts.map(toWinAnsi), font, size, (w - 3) * PT);
  const step = (size * LEADING) / PT;
  const height = lines.length * step + 2;
  return strip(height + 2, (y) => {
    drawBox(canvas, x, y + 1, w, height);
    for (const [i, { text }] of lines.entries())
      drawWinAnsi(canvas, text, x + w / 2, y + 2 + (size * 0.85) / PT + i * step, { font, size, align: 'center' });
  });
}
