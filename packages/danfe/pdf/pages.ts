import { deflateSync } from 'node:zlib';
import { code128 } from './code128.ts';
import { ASCENT, DESCENT, type FontName, widthOf } from './fonts.ts';
import type { Logo } from './logo.ts';
import type { QrMatrix } from './qr.ts';
import { toWinAnsi } from './win-ansi.ts';

/** Points in a millimetre. */
export const PT = 72 / 25.4;

/** What was drawn, for tests: millimetres from the upper left corner of the page. */
export interface Drawn {
  page: number;
  kind: 'text' | 'box' | 'line' | 'fill' | 'image' | 'bars' | 'qr' | 'mark';
  x: number;
  y: number;
  w: number;
  h: number;
  text?: string;
  block: string;
}

export interface TextStyle {
  font: FontName;
  /** Points. */
  size: number;
  align?: 'left' | 'center' | 'right';
  /** 0 black to 1 white; default 0. */
  gray?: number;
}

export interface Page {
  widthMm: number;
  heightMm: number;
  /** Of the page that is being drawn; empty once it is finished. */
  operators: string[];
  /** Content stream of a finished page, compressed with Flate. */
  content?: Uint8Array;
}

/** Pages being drawn. All lengths in millimetres from the upper left corner; all texts in Unicode. */
export interface Canvas {
  pages: Page[];
  fonts: Set<FontName>;
  logo: Logo | undefined;
  /** Name of the part being drawn, for `drawn`. */
  block: string;
  drawn: Drawn[] | undefined;
}

export function createCanvas(options: { logo?: Logo | undefined; drawn?: Drawn[] | undefined } = {}): Canvas {
  return { pages: [], fonts: new Set(), logo: options.logo, block: '', drawn: options.drawn };
}

/** Begins a page; the one before it is finished. */
export function addPage(canvas: Canvas, widthMm: number, heightMm: number): void {
  const previous = canvas.pages.at(-1);
  if (previous) finishPage(previous);
  canvas.pages.push({ widthMm, heightMm, operators: ['0.5 w'] });
}

/**
 * The content stream of a page, which takes no more drawing then. Page by page: 18 sheets of items held as operators until the end cost 25 MB
 * more at the peak. Level 3 costs half of level 6 and leaves the file 8 % larger (measured on pages full of items).
 */
export function finishPage(page: Page): Uint8Array {
  page.content ??= deflateSync(Buffer.from(page.operators.join('\n'), 'latin1'), { level: 3 });
  page.operators = [];
  return page.content;
}

function current(canvas: Canvas): Page {
  return canvas.pages[canvas.pages.length - 1] as Page;
}

function note(canvas: Canvas, kind: Drawn['kind'], x: number, y: number, w: number, h: number, text?: string): void {
  canvas.drawn?.push({ page: canvas.pages.length, kind, x, y, w, h, block: canvas.block, ...(text === undefined ? {} : { text }) });
}

/** A number of the content stream: three decimals at most. */
const n = (value: number): number => Math.round(value * 1000) / 1000;

/** A scale that is multiplied by hundreds of modules. */
const fine = (value: number): number => Math.round(value * 1_000_000) / 1_000_000;

const up = (page: Page, yMm: number): number => n((page.heightMm - yMm) * PT);

function literal(winAnsi: string): string {
  return /[()\\]/.test(winAnsi) ? winAnsi.replace(/[()\\]/g, '\\$&') : winAnsi;
}

/** One line with its baseline at `y`; `x` is its left, middle or right by `align`. The text is drawn whole: see fit.ts for what must fit. */
export function drawText(canvas: Canvas, text: string, x: number, y: number, style: TextStyle): void {
  const winAnsi = toWinAnsi(text);
  if (winAnsi.trim() === '') return;
  drawWinAnsi(canvas, winAnsi, x, y, style);
}

/** The same for a text that toWinAnsi has made. */
export function drawWinAnsi(canvas: Canvas, winAnsi: string, x: number, y: number, style: TextStyle): void {
  const { font, size, align = 'left', gray = 0 } = style;
  const page = current(canvas);
  canvas.fonts.add(font);
  const width = align === 'left' && canvas.drawn === undefined ? 0 : widthOf(winAnsi, font, size) / PT;
  const left = align === 'left' ? x : align === 'right' ? x - width : x - width / 2;
  const shown = `BT/${font} ${size} Tf ${n(left * PT)} ${up(page, y)} Td(${literal(winAnsi)})Tj ET`;
  page.operators.push(gray === 0 ? shown : `${gray} g ${shown} 0 g`);
  if (canvas.drawn) note(canvas, 'text', left, y - (ASCENT * size) / PT, width, ((ASCENT + DESCENT) * size) / PT, winAnsi);
}

/** One line that reads from below to above, its baseline at `x` and its middle at `y`. */
export function drawTextUp(canvas: Canvas, text: string, x: number, y: number, { font, size }: TextStyle): void {
  const winAnsi = toWinAnsi(text);
  const page = current(canvas);
  canvas.fonts.add(font);
  const width = widthOf(winAnsi, font, size) / PT;
  page.operators.push(`BT/${font} ${size} Tf 0 1 -1 0 ${n(x * PT)} ${up(page, y + width / 2)} Tm(${literal(winAnsi)})Tj ET`);
  const height = ((ASCENT + DESCENT) * size) / PT;
  note(canvas, 'text', x - (ASCENT * size) / PT, y - width / 2, height, width, winAnsi);
}

/** Big grey letters across the page, turned by `degrees`, centred at (x, y). Draw it first: what comes later stands on it. */
export function drawMark(canvas: Canvas, text: string, x: number, y: number, degrees: number, style: TextStyle): void {
  const winAnsi = toWinAnsi(text);
  const { font, size, gray = 0.85 } = style;
  const page = current(canvas);
  canvas.fonts.add(font);
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const half = widthOf(winAnsi, font, size) / 2;
  const [cx, cy] = [x * PT - half * cos + 0.35 * size * sin, (page.heightMm - y) * PT - half * sin - 0.35 * size * cos];
  const matrix = `${n(cos)} ${n(sin)} ${n(-sin)} ${n(cos)} ${n(cx)} ${n(cy)}`;
  page.operators.push(`${gray} g BT/${font} ${size} Tf ${matrix} Tm(${literal(winAnsi)})Tj ET 0 g`);
  note(canvas, 'mark', x, y, 0, 0, winAnsi);
}

export function drawBox(canvas: Canvas, x: number, y: number, w: number, h: number): void {
  const page = current(canvas);
  page.operators.push(`${n(x * PT)} ${up(page, y + h)} ${n(w * PT)} ${n(h * PT)} re S`);
  note(canvas, 'box', x, y, w, h);
}

/** `gray`: 0 black to 1 white. */
export function drawFill(canvas: Canvas, x: number, y: number, w: number, h: number, gray: number): void {
  const page = current(canvas);
  page.operators.push(`${gray} g ${n(x * PT)} ${up(page, y + h)} ${n(w * PT)} ${n(h * PT)} re f 0 g`);
  note(canvas, 'fill', x, y, w, h);
}

export function drawLine(canvas: Canvas, x1: number, y1: number, x2: number, y2: number, dash?: 'dashed' | 'dotted'): void {
  const page = current(canvas);
  const path = `${n(x1 * PT)} ${up(page, y1)} m ${n(x2 * PT)} ${up(page, y2)} l S`;
  if (dash === undefined) page.operators.push(path);
  else page.operators.push(dash === 'dashed' ? `[3 2] 0 d ${path} [] 0 d` : `0.25 w [1 1.5] 0 d ${path} [] 0 d 0.5 w`);
  note(canvas, 'line', x1, y1, x2 - x1, y2 - y1);
}

/** Code 128 over the whole rectangle, quiet zones included. Vertical: read from below to above. */
export function drawBars(canvas: Canvas, text: string, x: number, y: number, w: number, h: number, vertical = false): void {
  const page = current(canvas);
  const { modules, bars } = code128(text);
  const module = ((vertical ? h : w) * PT) / modules;
  // One unit is a module: short numbers, and no rounding between two bars.
  const matrix = vertical
    ? `0 ${fine(module)} ${n(w * PT)} 0 ${n(x * PT)} ${up(page, y + h)}`
    : `${fine(module)} 0 0 ${n(h * PT)} ${n(x * PT)} ${up(page, y + h)}`;
  let path = '';
  for (const { at, width } of bars) path += `${at} 0 ${width} 1 re `;
  page.operators.push(`q ${matrix} cm ${path}f Q`);
  note(canvas, 'bars', x, y, w, h, text);
}

/** QR code over the square, with `quiet` millimetres of white on each side inside of it. */
export function drawQr(canvas: Canvas, { text, size, runs }: QrMatrix, x: number, y: number, side: number, quiet: number): void {
  const page = current(canvas);
  const module = ((side - 2 * quiet) * PT) / size;
  let path = '';
  for (const { row, at, length } of runs) path += `${at} ${row} ${length} 1 re `;
  page.operators.push(`q ${fine(module)} 0 0 ${fine(-module)} ${n((x + quiet) * PT)} ${up(page, y + quiet)} cm ${path}f Q`);
  note(canvas, 'qr', x, y, side, side, text);
}

/** The canvas' logo inside the rectangle, in its own proportions, centred. Gives the rectangle it takes. */
export function drawLogo(canvas: Canvas, x: number, y: number, w: number, h: number): void {
  const { logo } = canvas;
  if (logo === undefined) return;
  const page = current(canvas);
  const scale = Math.min(w / logo.width, h / logo.height);
  const [lw, lh] = [logo.width * scale, logo.height * scale];
  const [lx, ly] = [x + (w - lw) / 2, y + (h - lh) / 2];
  page.operators.push(`q ${n(lw * PT)} 0 0 ${n(lh * PT)} ${n(lx * PT)} ${up(page, ly + lh)} cm/Logo Do Q`);
  note(canvas, 'image', lx, ly, lw, lh);
}
