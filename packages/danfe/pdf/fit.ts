import { type FontName, widthOf } from './fonts.ts';
import { type Canvas, drawWinAnsi, PT } from './pages.ts';
import { toWinAnsi } from './win-ansi.ts';
import { ellipsize, firstLines, wrapLines } from './wrap.ts';

export interface FitStyle {
  font: FontName;
  /** Largest and smallest size in points. */
  size: number;
  min: number;
  align?: 'left' | 'center' | 'right';
  /** Only one line: what does not fit at the smallest size ends with an ellipsis. */
  single?: boolean;
}

/** From one line to the next, as a multiple of the size. */
export const LEADING = 1.12;

export interface Fitted {
  lines: string[];
  size: number;
}

/** `text` (WinAnsi) in a rectangle of w × h millimetres: as large as it fits in one line, else wrapped at the smallest size. */
export function fit(text: string, w: number, h: number, { font, size, min, single = false }: FitStyle): Fitted {
  const width = w * PT;
  const atOne = widthOf(text, font, 1);
  const height = h * PT;
  const largest = Math.min(size, height);
  const wanted = atOne === 0 ? largest : Math.min(largest, Math.floor((width / atOne) * 10) / 10);
  if (wanted >= min) return { lines: [text], size: wanted };
  const count = single ? 1 : Math.floor(height / (min * LEADING));
  if (count <= 1) return { lines: [ellipsize(text, font, min, width)], size: min };
  return { lines: firstLines(wrapLines([text], font, min, width), count, font, min, width), size: min };
}

/** Draws a text fitted into the rectangle, vertically at its middle (or at its top). */
export function drawFitted(
  canvas: Canvas,
  text: string,
  x: number,
  y: number,
  w: number,
  h: number,
  style: FitStyle & { top?: boolean },
): void {
  const winAnsi = toWinAnsi(text).trim();
  if (winAnsi === '') return;
  const { lines, size } = fit(winAnsi, w, h, style);
  const step = (size * LEADING) / PT;
  const { align = 'left', font } = style;
  const left = align === 'left' ? x : align === 'right' ? x + w : x + w / 2;
  const first = style.top ? y + (size * 0.85) / PT : y + h / 2 - ((lines.length - 1) * step) / 2 + (size * 0.33) / PT;
  for (const [i, line] of lines.entries()) drawWinAnsi(canvas, line, left, first + i * step, { font, size, align });
}
