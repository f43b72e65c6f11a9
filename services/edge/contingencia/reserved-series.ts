import type { Clock } from '@malote/runtime/clock';
import type { Politicas } from '@malote/store/politicas';
import { Problem } from '../problems.ts';

/** Throws where an ERP would number a note in the série that the hub numbers. */
export type CheckSerie = (where: { conta: string; empresa: string; modelo: string; serie: number }) => Promise<void>;

const KEPT_MS = 2_000;
const MOST_KEPT = 10_000;

/** The séries that companies reserved for the hub (`serieContingencia`, NFC-e alone), each read at most every 2 s. */
export function reservedSeries({ politicas, clock }: { politicas: Pick<Politicas, 'find'>; clock: Pick<Clock, 'monotonic'> }): CheckSerie {
  const kept = new Map<string, { serie: number | undefined; until: number }>();

  async function reservedOf(conta: string, empresa: string): Promise<number | undefined> {
    const id = `${conta} ${empresa}`;
    const now = clock.monotonic();
    const known = kept.get(id);
    if (known && known.until > now) return known.serie;
    const found = await politicas.find({ conta, tipo: 'cnpj', documento: empresa });
    const serie = found?.politica.modelos?.['65']?.serieContingencia;
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(id, { serie, until: now + KEPT_MS });
    return serie;
  }

  return async ({ conta, empresa, modelo, serie }) => {
    if (modelo !== '65' || (await reservedOf(conta, empresa)) !== serie) return;
    const detail = `A série ${serie} está reservada às notas que o Malote numera (serieContingencia da empresa ${empresa}); use outra.`;
    throw new Problem('serie-reservada', detail);
  };
}
