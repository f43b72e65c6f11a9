import type { Clock } from '@malote/runtime/clock';
import type { Inutilizacao, Inutilizacoes } from '@malote/store/inutilizacao';

type Serie = Pick<Inutilizacao, 'emitente' | 'tpAmb' | 'modelo' | 'cUF' | 'serie'>;
type Range = Pick<Inutilizacao, 'numeroInicial' | 'numeroFinal'>;

/** Which numbers of a série SEFAZ has registered as void, as far as this process knows. */
export interface VoidedRanges {
  /** The registered range with the number in it, if any. */
  covering(where: Serie & { numero: number }): Promise<Range | undefined>;
  /** Reads the série again at its next note. */
  forget(where: Serie): void;
}

/** A range that another process registered is seen after at most this long; until then SEFAZ itself refuses the number (206). */
const KNOWN_MS = 60_000;
/** Séries kept; far more than one process emits in a minute. */
const MAX_SERIES = 5_000;
const LAST_NUMBER = 999_999_999;

/** One read per série and minute, none per note. */
export function voidedRanges(inutilizacoes: Pick<Inutilizacoes, 'overlapping'>, clock: Pick<Clock, 'monotonic'>): VoidedRanges {
  const known = new Map<string, { until: number; ranges: Promise<Range[]> }>();
  const keyOf = ({ emitente, tpAmb, modelo, cUF, serie }: Serie) => `${emitente}.${tpAmb}.${modelo}.${cUF}.${serie}`;

  async function read({ emitente, tpAmb, modelo, cUF, serie }: Serie): Promise<Range[]> {
    const rows = await inutilizacoes.overlapping({ emitente, tpAmb, modelo, cUF, serie, de: 1, ate: LAST_NUMBER });
    return rows.filter(({ state }) => state === 'registered').map(({ numeroInicial, numeroFinal }) => ({ numeroInicial, numeroFinal }));
  }

  return {
    async covering({ numero, ...serie }) {
      const key = keyOf(serie);
      const now = clock.monotonic();
      let entry = known.get(key);
      if (!entry || entry.until <= now) {
        entry = { until: now + KNOWN_MS, ranges: read(serie) };
        entry.ranges.catch(() => known.delete(key));
        known.delete(key);
        known.set(key, entry);
        const oldest = known.keys().next().value;
        if (known.size > MAX_SERIES && oldest !== undefined) known.delete(oldest);
      }
      return (await entry.ranges).find(({ numeroInicial, numeroFinal }) => numeroInicial <= numero && numero <= numeroFinal);
    },
    forget: (where) => void known.delete(keyOf(where)),
  };
}
