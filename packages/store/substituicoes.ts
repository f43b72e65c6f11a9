import { type Documento, type DocumentoModel, SAGA_ABERTA } from './documento.ts';

/** A document whose place another one took. */
export type Substituida = Documento & Required<Pick<Documento, 'substituicao' | 'substituidaPor'>>;

/** Every substituted document of which it is not settled that one of the two remains, the longest open first, without its body. */
export async function* substituicoesAbertas({ collection }: DocumentoModel): AsyncGenerator<Substituida> {
  const filter = { 'substituicao.situacao': { $in: SAGA_ABERTA } };
  const rows = collection.find(filter, { projection: { entrada: 0 }, hint: 'substituicoes' }).sort({ 'substituicao.desde': 1, _id: 1 });
  for await (const row of rows) yield row as unknown as Substituida;
}
