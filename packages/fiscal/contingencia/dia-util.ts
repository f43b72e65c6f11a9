import type { Uf } from '../model/uf.ts';
import { FERIADO_DATA } from './data/feriados.data.ts';

/** A holiday of every year of a span, in the country (`*`) or in one state. */
export interface Feriado {
  uf: Uf | '*';
  /** `11-20` (month, day), or days from Easter Sunday: `pascoa-2` is Sexta-feira Santa */
  dia: string;
  /** first year */
  desde: number;
  /** last year, where the law ended; equal to `desde` for a single day */
  ate?: number;
  nome: string;
  norma: string;
}

/** The holidays the project is sure of; an operator's own rows go behind them. */
export const FERIADOS: readonly Feriado[] = FERIADO_DATA;

const DAY = 86_400_000;
/** A table in which a whole week is no working day is wrong: the search then ends, too early rather than too late. */
const LONGEST_SEARCH = 7;

/** Easter Sunday of a year of the Gregorian calendar, as `2026-04-05` (Meeus, Jones, Butcher). */
export function pascoa(year: number): string {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const ofCentury = year % 100;
  const leapCenturies = Math.floor(century / 4);
  const moonShift = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * golden + century - leapCenturies - moonShift + 15) % 30;
  const weekday = (32 + 2 * (century % 4) + 2 * Math.floor(ofCentury / 4) - epact - (ofCentury % 4)) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * weekday) / 451);
  const days = epact + weekday - 7 * late + 114;
  return dayText(Date.UTC(year, Math.floor(days / 31) - 1, (days % 31) + 1));
}

/** The row that makes a day (`2026-11-20`) a holiday in a state; undefined when none does. */
export function feriadoOf(dia: string, uf: Uf, feriados: readonly Feriado[] = FERIADOS): Feriado | undefined {
  const year = Number(dia.slice(0, 4));
  const fromEaster = (Date.parse(dia) - Date.parse(pascoa(year))) / DAY;
  const names = [dia.slice(5), `pascoa${fromEaster < 0 ? '' : '+'}${fromEaster}`];
  return feriados.find((f) => names.includes(f.dia) && (f.uf === '*' || f.uf === uf) && f.desde <= year && year <= (f.ate ?? year));
}

/**
 * Whether a day (`2026-11-20`) is a dia útil of the tax office: neither Saturday, Sunday nor holiday (CTN, art. 210, parágrafo único). A day
 * that might be one counts as one: pontos facultativos and municipal holidays do.
 */
export function isDiaUtil(dia: string, uf: Uf, feriados: readonly Feriado[] = FERIADOS): boolean {
  const weekday = new Date(Date.parse(dia)).getUTCDay();
  return weekday !== 0 && weekday !== 6 && !feriadoOf(dia, uf, feriados);
}

/** The first dia útil after a day (`2026-11-20`), that day itself not counted. */
export function diaUtilAfter(dia: string, uf: Uf, feriados: readonly Feriado[] = FERIADOS): string {
  const start = Date.parse(dia);
  for (let days = 1; days < LONGEST_SEARCH; days += 1) {
    const candidate = dayText(start + days * DAY);
    if (isDiaUtil(candidate, uf, feriados)) return candidate;
  }
  return dayText(start + LONGEST_SEARCH * DAY);
}

function dayText(utc: number): string {
  return new Date(utc).toISOString().slice(0, 10);
}
