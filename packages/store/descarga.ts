import type { Documento, DocumentoModel } from './documento.ts';

/** Notes that one authoriser gets in one mode: what may be transmitted, or not, together. */
export type GrupoDescarga = Pick<Documento, 'autorizadorNormal' | 'tpAmb' | 'modelo' | 'uf'>;

/** What is read of a note to decide whether it is transmitted now. */
export type NotaEmitida = GrupoDescarga &
  Pick<Documento, '_id' | 'conta' | 'emitente' | 'cUF' | 'serie' | 'numero' | 'emitidoEm' | 'contingencia' | 'tpEmisInformado'>;

/** What is read of one that is being transmitted. */
export type NotaEmCurso = Pick<Documento, '_id' | 'state' | 'attempts' | 'nextAt'>;

export interface ProximasQuery {
  limit: number;
  semContas: string[];
  /** Companies and séries that have one under way. */
  semSeries: { emitente: string; serie: number }[];
}

export interface Descarga {
  /** Every group that has an issued note. */
  grupos(): Promise<GrupoDescarga[]>;
  /** The first issued notes of a group whose turn has not come, in the order of emission; but for these accounts and séries. */
  proximas(grupo: GrupoDescarga, query: ProximasQuery): Promise<NotaEmitida[]>;
  emCurso(ids: string[]): Promise<NotaEmCurso[]>;
}

const FIELDS = [
  ...['conta', 'emitente', 'cUF', 'serie', 'numero', 'emitidoEm', 'contingencia', 'tpEmisInformado'],
  ...['autorizadorNormal', 'tpAmb', 'modelo', 'uf'],
];
const PROJECTION = Object.fromEntries(FIELDS.map((field) => [field, 1]));
const QUERY_TIMEOUT_MS = 20_000;
const MAX = new Date(8_640_000_000_000_000);

/** On the index `descarga` alone: outside an outage it is empty, and a pass of the sweep is one look at it. */
export function descargaOf({ collection }: DocumentoModel): Descarga {
  const options = { hint: 'descarga', maxTimeMS: QUERY_TIMEOUT_MS } as const;
  return {
    async grupos() {
      const found: GrupoDescarga[] = [];
      const projection = { _id: 0, autorizadorNormal: 1, tpAmb: 1, modelo: 1, uf: 1 };
      for (let after: object | undefined; ; ) {
        const query = collection.find({ state: 'issued' }, { ...options, projection }).limit(1);
        // The bound of the index as a whole: a filter has no greater-than over several fields.
        const [row] = (await (after ? query.min(after as never) : query).toArray()) as unknown as GrupoDescarga[];
        if (!row) return found;
        const { autorizadorNormal, tpAmb, modelo, uf } = row;
        found.push({ autorizadorNormal, tpAmb, modelo, uf });
        after = {
          state: 'issued',
          autorizadorNormal,
          tpAmb,
          modelo,
          uf,
          'contingencia.vez': MAX,
          emitidoEm: MAX,
          _id: '~',
          emitente: '~',
          serie: 1000,
        };
      }
    },
    async proximas(grupo, { limit, semContas, semSeries }) {
      const but = [...semSeries.map(({ emitente, serie }) => ({ emitente, serie })), ...semContas.map((conta) => ({ conta }))];
      const filter = { state: 'issued', ...grupo, 'contingencia.vez': null, ...(but.length > 0 ? { $nor: but } : {}) };
      const rows = collection
        .find(filter, { ...options, projection: PROJECTION })
        .sort({ emitidoEm: 1, _id: 1 })
        .limit(limit);
      return (await rows.toArray()) as unknown as NotaEmitida[];
    },
    async emCurso(ids) {
      const rows = collection.find({ _id: { $in: ids as never[] } }, { projection: { state: 1, attempts: 1, nextAt: 1 } });
      return (await rows.toArray()) as unknown as NotaEmCurso[];
    },
  };
}
