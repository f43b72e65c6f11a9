import { type Documento, type DocumentoModel, SAGA_ABERTA } from './documento.ts';
import type { NumberRange } from './documentos.ts';
import { idOf } from './find-documento.ts';

/** A document whose place another one took. */
export type Substituida = Documento & Required<Pick<Documento, 'substituicao' | 'substituidaPor'>>;

/** Every substituted document of which it is not settled that one of the two remains, the longest open first, without its body. */
export async function* substituicoesAbertas({ collection }: DocumentoModel): AsyncGenerator<Substituida> {
  const filter = { 'substituicao.situacao': { $in: SAGA_ABERTA } };
  const rows = collection.find(filter, { projection: { entrada: 0 }, hint: 'substituicoes' }).sort({ 'substituicao.desde': 1, _id: 1 });
  for await (const row of rows) yield row as unknown as Substituida;
}

/** Numbers of the range that a substitute is about to have, whether it is stored yet or not: what was announced in the document it replaces. */
export async function numerosAnunciados({ collection }: DocumentoModel, { de, ate, ...serie }: NumberRange): Promise<number[]> {
  const ids = { $gte: idOf({ ...serie, numero: de }), $lte: idOf({ ...serie, numero: ate }) };
  const filter = { 'substituicao.situacao': { $in: SAGA_ABERTA }, 'substituidaPor.documentoId': ids };
  const rows = await collection.find(filter, { projection: { substituidaPor: 1 }, hint: 'substituicoes' }).toArray();
  return rows.map((row) => Number((row as unknown as Substituida).substituidaPor.documentoId.slice(-9)));
}
