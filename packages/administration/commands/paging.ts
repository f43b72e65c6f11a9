import { OptionFault } from '../option.ts';

export const PAGINA = { description: 'página de 20 linhas, a partir de 1 (padrão 1)', example: 'n' } as const;
const ROWS = 20;
const MAX_PAGE = 9_999_999;

/** What `--pagina` means for a query; throws OptionFault. */
export function pageOf(pagina: string | undefined): { skip: number; limit: number } {
  const page = wholeOf('pagina', pagina, { min: 1, max: MAX_PAGE }) ?? 1;
  return { skip: (page - 1) * ROWS, limit: ROWS };
}

/** A whole number within bounds, undefined where none was given; throws OptionFault. */
export function wholeOf(name: string, text: string | undefined, { min, max }: { min: number; max: number }): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < min || value > max)
    throw new OptionFault(`--${name} ${text}: deve ser um número inteiro de ${min} a ${max}`, name);
  return value;
}
