import { parseChave } from '@malote/fiscal/chave/chave-acesso';
import { type DocumentIdentity, documentId } from '@malote/fiscal/emission/identity';
import { UFS } from '@malote/fiscal/model/uf';
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

export interface Finders {
  findByNumero(where: Numero): Promise<Documento | undefined>;
  findByChave(where: Chave): Promise<Documento | undefined>;
}

/** The documents that a path can mean, by their primary keys alone: MongoDB then weighs no other index. */
export function findersOf({ collection }: Pick<DocumentoModel, 'collection'>): Finders {
  const find = async (ids: string[]): Promise<Documento[]> => (await collection.find(matching(ids)).toArray()) as unknown as Documento[];
  const byNumero = (rows: Documento[], { conta, ano }: Numero) =>
    rows.filter((row) => row.conta === conta && row.ano === ano).sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())[0];
  const byChave = (rows: Documento[], { conta, chave }: Chave) => rows.find((row) => row.conta === conta && row.chave === chave);
  return {
    findByNumero: async (where) => byNumero(await find(idsOfNumero(where)), where),
    findByChave: async (where) => byChave(await find(idsOfChave(where)), where),
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
