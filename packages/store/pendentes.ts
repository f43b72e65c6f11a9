import type { Documento, DocumentoModel } from './documento.ts';

/** Of one company: the documents handed over in contingência that are not authorised yet. */
export interface PendentesQuery {
  conta: string;
  empresa: string;
  /** Both when absent. */
  tpAmb?: '1' | '2';
  skip: number;
  limit: number;
}

export interface PendentesPage {
  total: number;
  /** In the order of emission, without `entrada` and `outbox`. */
  documentos: Documento[];
}

const QUERY_TIMEOUT_MS = 20_000;

/** What a page reads, and in which order; on the index `pendentes` alone but for the rows of the page. */
export function pendentesFilter({ conta, empresa, tpAmb }: Omit<PendentesQuery, 'skip' | 'limit'>) {
  return { conta, empresa, tpAmb: tpAmb ?? { $in: ['1', '2'] }, pendenteDesde: { $exists: true } };
}

export const PENDENTES_ORDER = { emitidoEm: 1, _id: 1 } as const;

/** A page of a company's pending documents. There are few of them outside an outage, so that skipping costs nothing that matters. */
export async function listPendentes({ collection }: DocumentoModel, query: PendentesQuery): Promise<PendentesPage> {
  const { skip, limit } = query;
  const filter = pendentesFilter(query);
  const page = collection.find(filter, { projection: { entrada: 0, outbox: 0 }, hint: 'pendentes', maxTimeMS: QUERY_TIMEOUT_MS });
  const [total, documentos] = await Promise.all([
    collection.countDocuments(filter, { hint: 'pendentes', maxTimeMS: QUERY_TIMEOUT_MS }),
    page.sort(PENDENTES_ORDER).skip(skip).limit(limit).toArray(),
  ]);
  return { total, documentos: documentos as unknown as Documento[] };
}

/** What is read of a pending document, whoever's, to tell of its deadline; enough for a transition. */
export type PendenteDoHub = Pick<
  Documento,
  '_id' | 'version' | 'conta' | 'empresa' | 'uf' | 'chave' | 'state' | 'attempts' | 'avisos' | 'contingencia' | 'outbox'
> & { pendenteDesde: Date };

const FIELDS = ['version', 'conta', 'empresa', 'uf', 'chave', 'state', 'attempts', 'avisos', 'contingencia', 'outbox', 'pendenteDesde'];

/** Every pending document of the hub, the longest pending first. */
export async function* pendentesDoHub({ collection }: DocumentoModel): AsyncGenerator<PendenteDoHub> {
  const projection = Object.fromEntries(FIELDS.map((field) => [field, 1]));
  const rows = collection.find({ pendenteDesde: { $exists: true } }, { projection, hint: 'pendenteDesde' }).sort({ pendenteDesde: 1 });
  for await (const row of rows) yield row as unknown as PendenteDoHub;
}
