import type { ModosVistos } from '@malote/fiscal/contingencia/modo-da-nota';
import { efetiva, type PoliticaEfetiva } from '@malote/fiscal/contingencia/politica';
import { type AmbienteName, startOf } from '@malote/fiscal/contingencia/situacao';
import type { Modelo } from '@malote/fiscal/model/modelo';
import type { Uf } from '@malote/fiscal/model/uf';
import type { Clock } from '@malote/runtime/clock';
import type { Store } from '@malote/store/connect';
import { type Contingencia, contingenciaId } from '@malote/store/contingencias';
import type { Suspeita } from './suspeita.ts';

/** A note's account, and the row of the mode that is its. */
export interface OndeEmite {
  conta: string;
  modelo: Modelo;
  uf: Uf;
  ambiente: AmbienteName;
}

/** What emission heeds of modes and policies: read at most once a second, nothing per note. */
export interface Modos {
  /** The rows that concern the note; undefined when there is nothing to heed. */
  vistos(onde: OndeEmite): Promise<ModosVistos | undefined>;
  /** What holds for a company, at most a second old. */
  politica(empresa: { conta: string; uf: Uf; documento: string }): Promise<PoliticaEfetiva>;
  /** The end of the account's drill, while one is on: its normal authoriser is then not called. */
  simulacaoAte(onde: OndeEmite): Promise<Date | undefined>;
}

export interface ModosDeps {
  store: Pick<Store, 'contingencias' | 'politicas'>;
  clock: Pick<Clock, 'now' | 'monotonic'>;
  suspeita?: Pick<Suspeita, 'desde'>;
}

const FRESH_MS = 1_000;
/** Companies whose policy is kept; more than one process emits for in a second. */
const MAX_POLITICAS = 2_000;

export function createModos({ store, clock, suspeita }: ModosDeps): Modos {
  const rowsOnce = fresh(clock, 1);
  const politicaOnce = fresh(clock, MAX_POLITICAS);

  async function rows(): Promise<ReadonlyMap<string, Contingencia>> {
    return rowsOnce('', async () => new Map((await store.contingencias.emVigor()).map((row) => [row._id, row])));
  }

  async function find(onde: Omit<OndeEmite, 'conta'> & { conta?: string }): Promise<Contingencia | undefined> {
    return (await rows()).get(contingenciaId(onde));
  }

  return {
    async vistos(onde) {
      const { conta: _conta, ...own } = onde;
      const [hub, conta] = [await find(own), await find(onde)];
      const local = !hub || hub.situacao.mode.modo === 'NORMAL' ? suspeita?.desde(own) : undefined;
      if (!hub && !conta && !local) return undefined;
      const suspeitaDesde = hub?.suspeitaDesde ?? local;
      return {
        ...(hub || local ? { hub: { situacao: hub?.situacao ?? startOf(clock.now()), ...(suspeitaDesde ? { suspeitaDesde } : {}) } } : {}),
        ...(conta ? { conta } : {}),
      };
    },
    politica: (empresa) =>
      politicaOnce(`${empresa.conta} ${empresa.uf} ${empresa.documento}`, async () => efetiva(await store.politicas.ofEmpresa(empresa))),
    async simulacaoAte(onde) {
      const { simulacao } = (await find(onde)) ?? {};
      const now = clock.now();
      return simulacao && simulacao.desde <= now && simulacao.ate > now ? simulacao.ate : undefined;
    },
  };
}

/** Asks for each key at most once in FRESH_MS, however many ask at the same time; a failure is everybody's, and asked again by the next. */
function fresh({ monotonic }: Pick<Clock, 'monotonic'>, max: number) {
  const known = new Map<string, { until: number; value: Promise<unknown> }>();
  return <T>(key: string, load: () => Promise<T>): Promise<T> => {
    const now = monotonic();
    const entry = known.get(key);
    if (entry && entry.until > now) return entry.value as Promise<T>;
    const value = load();
    value.catch(() => known.delete(key));
    known.delete(key);
    known.set(key, { until: now + FRESH_MS, value });
    const oldest = known.keys().next().value;
    if (known.size > max && oldest !== undefined) known.delete(oldest);
    return value;
  };
}
