/** A range of numbers voided, as the state file keeps it. */
export interface Inutilizacao {
  kind: 'inutilizacao';
  autorizador: string;
  ambiente: string;
  cUF: string;
  /** CNPJ. */
  emitente: string;
  modelo: string;
  serie: number;
  numeroInicial: number;
  numeroFinal: number;
  /** Two digits. */
  ano: string;
  xJust: string;
  nProt: string;
  /** Instant, ISO 8601 UTC by the simulator's clock. */
  at: string;
  /** The same as the answer writes it. */
  dhRecbto: string;
}

/** The numbers of one company, model and series. */
export type Series = Pick<Inutilizacao, 'ambiente' | 'cUF' | 'emitente' | 'modelo' | 'serie'>;

export interface RangeStore {
  add(range: Inutilizacao): void;
  /** Those that share a number with `from` to `to`, oldest first. */
  overlapping(series: Series, from: number, to: number): Inutilizacao[];
  list(): readonly Inutilizacao[];
}

export function createRangeStore(): RangeStore {
  const bySeries = new Map<string, Inutilizacao[]>();
  const all: Inutilizacao[] = [];
  const idOf = (s: Series) => [s.ambiente, s.cUF, s.emitente, s.modelo, s.serie].join('.');
  return {
    add(range) {
      const id = idOf(range);
      bySeries.set(id, [...(bySeries.get(id) ?? []), range]);
      all.push(range);
    },
    overlapping: (series, from, to) => (bySeries.get(idOf(series)) ?? []).filter((r) => r.numeroInicial <= to && r.numeroFinal >= from),
    list: () => all,
  };
}
