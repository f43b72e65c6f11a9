import { type DocumentIdentity, documentId } from '@malote/fiscal/emission/identity';
import type { DocumentoModel } from './documento.ts';
import type { NumberRange } from './documentos.ts';

/** The highest number of a série that any document has, whatever became of it; undefined when there is none. One step of the primary key. */
export async function lastNumber(model: DocumentoModel, serie: Omit<NumberRange, 'de' | 'ate'>): Promise<number | undefined> {
  const idOf = (numero: number) => documentId({ ...serie, numero } as DocumentIdentity);
  const _id = { $gte: idOf(0), $lte: idOf(999_999_999) };
  const options = { sort: { _id: -1 }, projection: { numero: 1 } } as const;
  const row = await model.collection.findOne({ _id: _id as never }, options);
  return (row as { numero: number } | null)?.numero;
}
