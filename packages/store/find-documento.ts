import { parseChave } from '@malote/fiscal/chave/chave-acesso';
import { type DocumentIdentity, documentId } from '@malote/fiscal/emission/identity';
import { UFS } from '@malote/fiscal/model/uf';
import { unpackConteudo } from './conteudos.ts';
import type { Documento, DocumentoModel } from './documento.ts';

export interface Numero {
  conta: string;
  emitente: string;
  tpAmb: '1' | '2';
  modelo: string;
  ano: number;
  serie: number;
  numero: number;
}

export interface Chave {
  conta: string;
  chave: string;
  tpAmb: '1' | '2';
}

/** A document, and the bytes of its `conteudo` that were read with it; undefined when it has none. */
export interface ComConteudo {
  documento: Documento;
  conteudo(): Promise<Buffer | undefined>;
}

export interface Finders {
  findByNumero(where: Numero): Promise<Documento | undefined>;
  findByChave(where: Chave): Promise<Documento | undefined>;
  /** The same with its bytes in one round trip. */
  readByNumero(where: Numero): Promise<ComConteudo | undefined>;
  readByChave(where: Chave): Promise<ComConteudo | undefined>;
}

type Row = Documento & { bytes?: [{ bytes: Uint8Array }?] };

const WITH_BYTES = { $lookup: { from: 'conteudos', localField: 'conteudo', foreignField: '_id', as: 'bytes' } };

/** The documents that a path can mean, by their primary keys alone: MongoDB then weighs no other index. */
export function findersOf({ collection }: Pick<DocumentoModel, 'collection'>): Finders {
  const find = async (ids: string[]): Promise<Row[]> => (await collection.find(matching(ids)).toArray()) as unknown as Row[];
  const read = async (ids: string[]): Promise<Row[]> =>
    (await collection.aggregate([{ $match: matching(ids) }, WITH_BYTES]).toArray()) as unknown as Row[];
  const byNumero = (rows: Row[], { conta, ano }: Numero) =>
    rows.filter((row) => row.conta === conta && row.ano === ano).sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())[0];
  const byChave = (rows: Row[], { conta, chave }: Chave) => rows.find((row) => row.conta === conta && row.chave === chave);
  return {
    findByNumero: async (where) => byNumero(await find(idsOfNumero(where)), where),
    readByNumero: async (where) => withBytes(byNumero(await read(idsOfNumero(where)), where)),
    findByChave: async (where) => byChave(await find(idsOfChave(where)), where),
    readByChave: async (where) => withBytes(byChave(await read(idsOfChave(where)), where)),
  };
}

/** `_id` of the document with a number. */
export function idOf(parts: { emitente: string; tpAmb: string; modelo: string; cUF: string; serie: number; numero: number }): string {
  return documentId(parts as DocumentIdentity);
}

function matching(ids: string[]): { _id: never } {
  return { _id: (ids.length === 1 ? ids[0] : { $in: ids }) as never };
}

/** The path names no UF and one CNPJ may emit in several: every UF's id. */
function idsOfNumero({ emitente, tpAmb, modelo, serie, numero }: Numero): string[] {
  return Object.values(UFS).map(({ cUF }) => idOf({ emitente, tpAmb, modelo, cUF, serie, numero }));
}

function idsOfChave({ chave, tpAmb }: Chave): string[] {
  const parts = parseChave(chave);
  if (!parts) return [];
  const { cUF, modelo, documento } = parts;
  const emitentes = documento.startsWith('000') ? [documento, documento.slice(3)] : [documento];
  return emitentes.map((emitente) => idOf({ emitente, tpAmb, modelo, cUF, serie: Number(parts.serie), numero: Number(parts.numero) }));
}

function withBytes(row: Row | undefined): ComConteudo | undefined {
  if (!row) return undefined;
  const { bytes: found, ...documento } = row;
  const packed = found?.[0]?.bytes;
  return { documento, conteudo: async () => packed && unpackConteudo(packed) };
}
