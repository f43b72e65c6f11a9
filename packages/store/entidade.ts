import type { Uf } from '@malote/fiscal/model/uf';
import type { SealedSecret } from '@malote/runtime/secret-box';
import { type Connection, Schema } from 'mongoose';
import type { Quem } from './auditoria.ts';

/** One row of one request, as it was applied. */
export interface HistoricoEntidade {
  em: Date;
  pedido: string;
  /** Of the request, from 1. */
  linha: number;
  quem: Quem;
  contrato?: string;
  /** 1 blocks, 2 frees. */
  parametro: 1 | 2;
}

/** Who gave the entity its present TOKEN. */
export interface OrigemToken {
  pedido: string;
  /** From 1; 0 of a request that asked for a new TOKEN and nothing else. */
  linha: number;
  seq: number;
}

/**
 * An establishment as the contract system knows it; several may share document, UF and IE. Only the entity-block worker writes it.
 * `_id`: `<conta>.<documento>.<uf>.<ie>.<entidade>`.
 */
export interface Entidade {
  _id: string;
  schema: number;
  version: number;
  conta: string;
  documento: string;
  uf: Uf;
  /** Canonical: fiscal/model/chave-entidade. */
  ie: string;
  /** `<documento>.<uf>.<ie>` */
  chave: string;
  /** 6 digits, one per account. */
  entidade: string;
  /** 20 digits. */
  idEmpresa?: string;
  nome?: string;
  /** The one last given with a request. */
  contrato?: string;
  bloqueada: boolean;
  ativadaEm?: Date;
  token?: SealedSecret;
  /** SHA-256, hex. */
  tokenHash?: string;
  tokenPor?: OrigemToken;
  /** The request that created it, and its place in the account's order. */
  pedido: string;
  seqInicial: number;
  /** Of the latest request that its block flag comes from: an earlier one that arrives late changes the flag no more. */
  seq: number;
  /** The last 500. */
  historico: HistoricoEntidade[];
  createdAt: Date;
  updatedAt: Date;
}

/** Version of the stored shape. */
export const ENTIDADE_SCHEMA = 1;

export const MAX_HISTORICO = 500;

const { Mixed } = Schema.Types;
const text = { type: String, required: true } as const;
const number = { type: Number, required: true } as const;
const date = { type: Date, required: true } as const;

const entidadeSchema = new Schema(
  {
    ...{ _id: text, schema: number, version: number, conta: text, documento: text, uf: text, ie: text, chave: text, entidade: text },
    ...{ idEmpresa: String, nome: String, contrato: String, bloqueada: { type: Boolean, required: true }, ativadaEm: Date },
    ...{ token: Mixed, tokenHash: String, tokenPor: Mixed, pedido: text, seqInicial: number, seq: number },
    ...{ historico: { type: [Mixed], required: true }, createdAt: date, updatedAt: date },
  },
  { collection: 'entidades', strict: 'throw', versionKey: false, minimize: false, autoIndex: false, autoCreate: false },
);

/** Rows of a request, and the block check of an edge without Redis. */
entidadeSchema.index({ conta: 1, chave: 1, entidade: 1 }, { name: 'chave' });
/** Lists of an account, and one of its entities. */
entidadeSchema.index({ conta: 1, entidade: 1 }, { name: 'entidade' });
/** Lists of a contract. */
entidadeSchema.index(
  { conta: 1, contrato: 1, entidade: 1 },
  { name: 'contrato', partialFilterExpression: { contrato: { $exists: true } } },
);
/** Sign-in with a TOKEN. */
entidadeSchema.index({ tokenHash: 1 }, { name: 'token', partialFilterExpression: { tokenHash: { $exists: true } } });
/** The whole block list, from the index alone. */
entidadeSchema.index({ conta: 1, chave: 1, contrato: 1 }, { name: 'bloqueadas', partialFilterExpression: { bloqueada: true } });

export function entidadeModel(connection: Connection) {
  return connection.model('Entidade', entidadeSchema);
}

export type EntidadeModel = ReturnType<typeof entidadeModel>;
