import { MODELO_CODES, type Modelo } from '../model/modelo.ts';
import { JUSTIFICATIVA_DO_HUB, ORDEM_PADRAO } from './data/politica.data.ts';
import type { ModoContingencia } from './situacao.ts';

/** Who decides that a model goes into contingência: the hub, only a person, or nobody (it never goes). */
export type Modo = 'automatico' | 'manual' | 'desligado';

export const MODOS: readonly Modo[] = ['automatico', 'manual', 'desligado'];

/** What a policy says of one model; what it does not say comes from the next wider scope. */
export interface PoliticaModelo {
  modo?: Modo;
  /** Tried from the first on; which note may use one (EPEC of the 65, OFFLINE of the 55) is decided when it is issued. */
  ordem?: ModoContingencia[];
  /** Model 65 of a company: the série that the hub itself numbers substitutes in. */
  serieContingencia?: number;
  /** A company's declared stock of security forms; without one there is no FSDA (Convênio ICMS 96/09). */
  formulariosFsda?: number;
}

/** A contingency policy as a conta, a UF of a conta or a company sets it. `ativo: false`: no contingência at all, not even by hand. */
export interface Politica {
  ativo?: boolean;
  modelos?: Partial<Record<Modelo, PoliticaModelo>>;
  /** xJust of the documents. */
  justificativa?: string;
}

/** Where a value comes from, the most specific first. */
export const ORIGENS = ['cnpj', 'uf', 'conta', 'hub'] as const;

export type Origem = (typeof ORIGENS)[number];

/** The policies that apply to one company in one UF; a scope without a policy is left out. */
export type Politicas = Partial<Record<Exclude<Origem, 'hub'>, Politica>>;

export interface Valor<T> {
  valor: T;
  origem: Origem;
}

export interface ModeloEfetivo {
  modo: Valor<Modo>;
  ordem: Valor<readonly ModoContingencia[]>;
  /** Only where somebody set it. */
  serieContingencia?: Valor<number>;
  formulariosFsda?: Valor<number>;
}

export interface PoliticaEfetiva {
  ativo: Valor<boolean>;
  justificativa: Valor<string>;
  modelos: Record<Modelo, ModeloEfetivo>;
}

const byModelo = <T>(of: (modelo: Modelo) => T) =>
  Object.fromEntries(MODELO_CODES.map((modelo) => [modelo, of(modelo)])) as Record<Modelo, T>;

/** What holds where no policy says otherwise: every model automatic. */
export const POLITICA_DO_HUB = {
  ativo: true,
  justificativa: JUSTIFICATIVA_DO_HUB,
  modelos: byModelo((modelo) => ({ modo: 'automatico' as Modo, ordem: ORDEM_PADRAO[modelo] })),
};

/**
 * What holds for one company in one UF, field by field: the most specific scope that sets a field wins (CNPJ > UF > conta > hub).
 * An order is one field: it is taken whole. Policies are those of readPolitica.
 */
export function efetiva(politicas: Politicas): PoliticaEfetiva {
  return {
    ativo: mostSpecific(politicas, ({ ativo }) => ativo) ?? doHub(POLITICA_DO_HUB.ativo),
    justificativa: mostSpecific(politicas, ({ justificativa }) => justificativa) ?? doHub(POLITICA_DO_HUB.justificativa),
    modelos: byModelo((modelo) => {
      const field = <T>(of: (one: PoliticaModelo) => T | undefined) =>
        mostSpecific(politicas, ({ modelos }) => {
          const one = modelos?.[modelo];
          return one && of(one);
        });
      const hub = POLITICA_DO_HUB.modelos[modelo];
      const serieContingencia = field(({ serieContingencia }) => serieContingencia);
      const formulariosFsda = field(({ formulariosFsda }) => formulariosFsda);
      return {
        modo: field(({ modo }) => modo) ?? doHub(hub.modo),
        ordem: field(({ ordem }) => ordem) ?? doHub(hub.ordem),
        ...(serieContingencia && { serieContingencia }),
        ...(formulariosFsda && { formulariosFsda }),
      };
    }),
  };
}

function mostSpecific<T>(politicas: Politicas, field: (politica: Politica) => T | undefined): Valor<T> | undefined {
  for (const origem of ORIGENS) {
    const politica = origem === 'hub' ? undefined : politicas[origem];
    const valor = politica && field(politica);
    if (valor !== undefined) return { valor, origem };
  }
  return undefined;
}

const doHub = <T>(valor: T): Valor<T> => ({ valor, origem: 'hub' });
