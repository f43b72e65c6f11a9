import { CODE128_WIDTHS } from './code128.data.ts';

const START_C = 105;
const START_A = 103;
const CODE_A = 101;
const CODE_C = 99;
const STOP = 106;
/** White modules on each side of the bars. */
export const QUIET_MODULES = 10;

/**
 * Symbols of `text` (digits and capital letters) without check symbol and stop, as NT Conjunta DFe 2025.001 §6 orders them: set C, set A
 * for letters and for an odd digit before them; back to C where four or more digits follow or the digits that end the text are even in number.
 */
export function code128Symbols(text: string): number[] {
  if (!/^[0-9A-Z]+$/.test(text)) throw new Error(`code 128: "${text}" has more than digits and capital letters`);
  let inC = /^\d\d/.test(text);
  const symbols = [inC ? START_C : START_A];
  let i = 0;
  while (i < text.length) {
    const run = digitsFrom(text, i);
    if (inC && run >= 2) {
      symbols.push(Number(text.slice(i, i + 2)));
      i += 2;
      continue;
    }
    if (inC) {
      symbols.push(CODE_A);
      inC = false;
    } else if (run % 2 === 0 && (run >= 4 || (run === 2 && i + run === text.length))) {
      symbols.push(CODE_C);
      inC = true;
      continue;
    }
    symbols.push(text.charCodeAt(i) - 32);
    i++;
  }
  return symbols;
}

function digitsFrom(text: string, start: number): number {
  let end = start;
  while (end < text.length && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++;
  return end - start;
}

/** Weighted sum modulo 103. */
export function code128Check(symbols: readonly number[]): number {
  return symbols.reduce((sum, symbol, i) => sum + symbol * Math.max(1, i), 0) % 103;
}

export interface Bars {
  /** Modules of the whole symbol with its quiet zones. */
  modules: number;
  /** First module (quiet zone counted) and width of each black bar. */
  bars: { at: number; width: number }[];
}

export function code128(text: string): Bars {
  const symbols = code128Symbols(text);
  const bars: Bars['bars'] = [];
  let at = QUIET_MODULES;
  for (const symbol of [...symbols, code128Check(symbols), STOP]) {
    const widths = CODE128_WIDTHS[symbol] as string;
    for (let i = 0; i < widths.length; i++) {
      const width = widths.charCodeAt(i) - 48;
      if (i % 2 === 0) bars.push({ at, width });
      at += width;
    }
  }
  return { modules: at + QUIET_MODULES, bars };
}
