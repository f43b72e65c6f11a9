import { UNATTENDED_MS } from '@malote/fiscal/emission/lifecycle';
import type { Fault } from '@malote/fiscal/fault';
import type { Autorizador } from '@malote/fiscal/model/autorizador';
import { type Familia, MODELOS, type Modelo } from '@malote/fiscal/model/modelo';
import type { Uf } from '@malote/fiscal/model/uf';
import type { RegistroAttempt, RegistroLifecycle, RegistroRetornoRecord, RegistroState } from '@malote/fiscal/registro/registro-state';
import type { AnyEnvelope } from '@malote/messages/envelope';
import type { Fila } from '@malote/messages/types';
import { type IndexDefinition, type IndexOptions, Schema, type SchemaDefinition } from 'mongoose';
import { unpackEntrada } from './conteudos.ts';
import { type OutboxEntry, outboxSchema } from './outbox.ts';
import { type HasCollection, type RepositoryOptions, type Transition, transitionOf } from './transition.ts';

/** Version of the stored shape: readers upgrade on read, `malote migrate` back-fills. */
const REGISTRO_SCHEMA = 1;

/** A round that ended in a refusal, kept when the same identity was asked for again. */
export interface RodadaRegistro {
  fingerprint: string;
  digest?: string;
  conteudo?: string;
  attempts: RegistroAttempt[];
  retorno?: RegistroRetornoRecord;
  faults: Fault[];
  endedAt: Date;
}

/**
 * What an evento and an inutilização have in common: a request that SEFAZ registers, its own unit of atomicity. `_id` is its fiscal
 * identity, so the insert decides every race. Every change is one update filtered on `version`.
 */
export interface Registro extends RegistroLifecycle {
  _id: string;
  schema: number;
  version: number;
  conta: string;
  empresa: string;
  emitente: string;
  tpAmb: '1' | '2';
  modelo: Modelo;
  familia: Familia;
  uf: Uf;
  cUF: string;
  /** Whose queue its messages go to; who receives it (`autorizador`) is fixed at signing. */
  autorizadorNormal: Autorizador;
  fila: Fila;
  layout: 'sefaz' | 'oobj';
  fingerprint: string;
  /** zstd of the body as posted, until it is signed. */
  entrada?: Uint8Array;
  rodadas: RodadaRegistro[];
  dueSentAt?: Date;
  outbox: OutboxEntry[];
  responderAte?: Date;
  /** W3C traceparent of the request that brought it. */
  trace: string;
  createdAt: Date;
  updatedAt: Date;
}

/** States that are not final: counted and woken. */
export const UNSETTLED_REGISTROS: RegistroState[] = ['received', 'signed', 'uncertain'];

/** What a repository of registros offers, whatever their kind. */
export interface Registros<T extends Registro> {
  findById(id: string): Promise<T | undefined>;
  /** The body as it was posted; undefined once it is signed. */
  entradaOf(registro: T): Promise<Buffer | undefined>;
  transition: Transition<T>;
}

export interface AcceptedRegistro<T> {
  /** `same`: this very request is already here. `conflict`: its identity holds another one that may not be replaced. */
  outcome: 'accepted' | 'replaced' | 'same' | 'conflict';
  registro: T;
  /** Present when something was written: the command, already in the outbox and leased to the caller, who publishes it at once. */
  message?: AnyEnvelope;
}

const { Mixed } = Schema.Types;
const text = { type: String, required: true } as const;

/** Fields of every registro's collection. */
export const REGISTRO_FIELDS = {
  ...{ _id: text, conta: text, empresa: text, emitente: text, tpAmb: text, modelo: text, familia: text, uf: text, cUF: text },
  ...{ autorizadorNormal: text, fila: text, layout: text, fingerprint: text, state: text, trace: text, autor: text },
  schema: { type: Number, required: true },
  version: { type: Number, required: true },
  entrada: Buffer,
  ...{ attempts: [Mixed], faults: [Mixed], avisos: [Mixed], rodadas: [Mixed] },
  ...{ autorizador: String, digest: String, conteudo: String, certificado: String, adotado: String, retorno: Mixed },
  consultas: { type: Number, required: true },
  ...{ nextAt: Date, dueSentAt: Date, responderAte: Date },
  outbox: [outboxSchema],
  createdAt: { type: Date, required: true },
  updatedAt: { type: Date, required: true },
} satisfies SchemaDefinition;

/** Of the sweeps and the backlog, as documents have them: outbox (relay.ts), due actions (clockwork.ts), unsettled (backlog.ts, recovering.ts). */
export const REGISTRO_INDEXES: readonly [IndexDefinition, IndexOptions & { name: string }][] = [
  [{ 'outbox.0': 1 }, { name: 'outbox', partialFilterExpression: { 'outbox.0': { $exists: true } } }],
  [{ updatedAt: 1 }, { name: 'outboxAge', partialFilterExpression: { 'outbox.0': { $exists: true } } }],
  [{ nextAt: 1 }, { name: 'nextAt', partialFilterExpression: { nextAt: { $exists: true } } }],
  [
    { state: 1, nextAt: 1 },
    { name: 'unsettled', partialFilterExpression: { state: { $in: UNSETTLED_REGISTROS } } },
  ],
];

/** The repository's part that every kind shares. */
export function registrosOf<T extends Registro>(model: HasCollection, options: RepositoryOptions): Registros<T> {
  return {
    findById: async (id) => ((await model.collection.findOne({ _id: id as never })) as T | null) ?? undefined,
    entradaOf: async ({ entrada }) => entrada && unpackEntrada(entrada),
    transition: transitionOf<T>(model, options),
  };
}

export interface FreshRegistro {
  conta: string;
  empresa: string;
  emitente: string;
  autor: string;
  tpAmb: '1' | '2';
  modelo: Modelo;
  uf: Uf;
  cUF: string;
  autorizadorNormal: Autorizador;
  layout: 'sefaz' | 'oobj';
  fingerprint: string;
  responderAte?: Date | undefined;
  traceparent: string;
}

/** A registro as it is first stored, but for its identity, its body and its outbox. */
export function freshRegistro(
  { traceparent, responderAte, ...given }: FreshRegistro,
  now: Date,
): Omit<Registro, '_id' | 'version' | 'entrada' | 'outbox' | 'rodadas' | 'createdAt'> {
  return {
    ...given,
    schema: REGISTRO_SCHEMA,
    familia: MODELOS[given.modelo].familia,
    fila: given.modelo === '65' || responderAte ? 'agora' : 'lote',
    state: 'received',
    attempts: [],
    faults: [],
    avisos: [],
    consultas: 0,
    nextAt: new Date(now.getTime() + UNATTENDED_MS),
    ...(responderAte ? { responderAte } : {}),
    trace: traceparent,
    updatedAt: now,
  };
}

/** Fields of an earlier round that the new one must not inherit. */
export const CLEARED_ROUND = {
  ...{ autorizador: undefined, digest: undefined, conteudo: undefined, certificado: undefined, adotado: undefined, retorno: undefined },
  responderAte: undefined,
};

const MAX_RODADAS = 50;

/** A round that reached nobody leaves no trace worth keeping. */
export function registroRounds({ rodadas, fingerprint, digest, conteudo, attempts, retorno, faults, updatedAt }: Registro) {
  if (attempts.length === 0) return rodadas;
  const ended: RodadaRegistro = {
    ...{ fingerprint, attempts, faults, endedAt: updatedAt },
    ...(digest ? { digest } : {}),
    ...(conteudo ? { conteudo } : {}),
    ...(retorno ? { retorno } : {}),
  };
  return [...rodadas, ended].slice(-MAX_RODADAS);
}
