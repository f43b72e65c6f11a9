import { Problem } from './problems.ts';

/** Rows of every page of the contract. */
const PAGE_ROWS = 20;

/** `pagina` from 1; missing or blank is the first. Anything but a whole number is a 400. */
export function readPage(pagina: unknown): { skip: number; limit: number } {
  const text = pagina === undefined ? '1' : String(pagina).trim() || '1';
  if (!/^[1-9][0-9]{0,6}$/.test(text))
    throw new Problem('parametro-invalido', 'O parâmetro pagina deve ser um número inteiro a partir de 1.');
  return { skip: (Number(text) - 1) * PAGE_ROWS, limit: PAGE_ROWS };
}

/** The page object of the contract. */
export function writePage<T>(total: number, registros: T[]): { numeroElementos: number; totalElementos: number; registros: T[] } {
  return { numeroElementos: registros.length, totalElementos: total, registros };
}
