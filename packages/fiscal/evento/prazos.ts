import type { Modelo } from '../model/modelo.ts';
import type { Uf } from '../model/uf.ts';
import { PRAZO_DATA } from './data/prazos.data.ts';

/** How long after the authorisation an event may come. */
export interface PrazoEvento {
  uf: Uf | '*';
  modelo: Modelo;
  tpEvento: string;
  minutos: number;
  /** true: refused here when it is over; false: a warning, SEFAZ decides */
  rigido: boolean;
  /** day from which the row counts, `2026-11-21` */
  desde: string;
  norma: string;
}

/** The rows the project knows; an operator's own rows go behind them. */
export const PRAZOS: readonly PrazoEvento[] = PRAZO_DATA;

/** The row in force on a day (`2026-11-21`): a UF's own before the national one, then the latest `desde`, then the later in the list. */
export function prazoOf(
  prazos: readonly PrazoEvento[],
  facts: { uf: Uf; modelo: Modelo; tpEvento: string; dia: string },
): PrazoEvento | undefined {
  const fits = prazos.filter(
    (p) => p.modelo === facts.modelo && p.tpEvento === facts.tpEvento && (p.uf === '*' || p.uf === facts.uf) && p.desde <= facts.dia,
  );
  const rank = (p: PrazoEvento) => `${p.uf === '*' ? 0 : 1}${p.desde}`;
  return fits.reduce<PrazoEvento | undefined>((best, p) => (!best || rank(p) >= rank(best) ? p : best), undefined);
}
