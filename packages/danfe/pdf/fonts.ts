import { WIDTHS } from './widths.data.ts';

export type FontName = keyof typeof WIDTHS;

/** What PDF calls each font; all are of the standard 14, which every reader has. */
export const BASE_FONTS: Readonly<Record<FontName, string>> = {
  times: 'Times-Roman',
  timesBold: 'Times-Bold',
  helvetica: 'Helvetica',
  helveticaBold: 'Helvetica-Bold',
};

const BY_CODE = Object.fromEntries(
  Object.entries(WIDTHS).map(([name, widths]) => [name, Uint16Array.from([...new Array(32).fill(0), ...widths])]),
) as Record<FontName, Uint16Array>;

/** Width in points of a text that toWinAnsi has made. */
export function widthOf(winAnsi: string, font: FontName, size: number): number {
  const widths = BY_CODE[font];
  let sum = 0;
  for (let i = 0; i < winAnsi.length; i++) sum += widths[winAnsi.charCodeAt(i)] as number;
  return (sum * size) / 1000;
}

/** Share of the size above and below the baseline that letters with accents and descenders take. */
export const ASCENT = 0.78;
export const DESCENT = 0.22;
