import type { Uf } from '@malote/fiscal/model/uf';
import type { Documento, DocumentoModel } from './documento.ts';

/** The notes of an account that came while a drill ran: of homologação, which alone has drills. */
export interface DrillSpan {
  conta: string;
  /** The account's companies. */
  empresas: readonly string[];
  modelo: string;
  uf: Uf;
  de: Date;
  ate: Date;
}

/** Notes that a report is made of; a drill with more tells of the first ones. */
const MAX_DRILL_DOCUMENTS = 5_000;
const QUERY_TIMEOUT_MS = 20_000;

/** Those notes in the order of arrival, without their bodies; found by each company's list. */
export async function listDrillDocuments({ collection }: DocumentoModel, span: DrillSpan): Promise<Documento[]> {
  const { conta, empresas, modelo, uf, de, ate } = span;
  const filter = { conta, empresa: { $in: empresas }, tpAmb: '2', modelo, createdAt: { $gte: de, $lt: ate }, uf };
  const projection = { entrada: 0, outbox: 0, rodadas: 0 };
  const found = collection.find(filter, { projection, hint: 'lista', maxTimeMS: QUERY_TIMEOUT_MS });
  return (await found.sort({ createdAt: 1, _id: 1 }).limit(MAX_DRILL_DOCUMENTS).toArray()) as unknown as Documento[];
}
