import { type AmbienteName, type Modo, type Situacao, startOf } from '@malote/fiscal/contingencia/situacao';
import type { Modelo } from '@malote/fiscal/model/modelo';
import type { Uf } from '@malote/fiscal/model/uf';
import { type AnyEnvelope, envelope } from '@malote/messages/envelope';
import type { ContingenciaKey } from '@malote/messages/types';
import { type Connection, Schema } from 'mongoose';
import type { DueRow, Wake } from './clockwork.ts';
import { type OutboxEntry, outboxSchema } from './outbox.ts';
import { isDuplicateKey, type RepositoryOptions, type Transition, transitionOf } from './transition.ts';

/** A step of a mode, newest last. Of the hub's own mode with the observations that led to it. */
export interface PassoContingencia {
  em: Date;
  de: Modo;
  para: Modo;
  motivo: string;
  /** `hub`, or the person's account or credential. */
  quem: string;
  observado?: { failures: number; documents: number; normal?: string; svc?: string; epec?: string };
}

/** What a person of an account decided, for that account only. */
export interface OrdemContingencia {
  modo: Modo;
  desde: Date;
  quem: string;
  pedidoId: string;
  justificativa?: string;
}

/** A drill: until `ate` the account's notes are issued as if the normal authoriser were away. `modo` once it is known which mode works. */
export interface SimulacaoContingencia {
  id: string;
  desde: Date;
  ate: Date;
  quem: string;
  modo?: Modo;
}

/**
 * The mode of one (modelo, UF, ambiente): the hub's own (`conta` is `*`), which `situacao` decides, or what an account was told by a person
 * (`ordem`, `simulacao`), which goes before the hub's own for its notes. Written by the contingency worker alone, filtered on `version`.
 */
export interface Contingencia {
  /** `<conta or *>.<modelo>.<uf>.<tpAmb>` */
  _id: string;
  version: number;
  conta: string;
  modelo: Modelo;
  uf: Uf;
  tpAmb: '1' | '2';
  situacao: Situacao;
  /** Enough failures; whether the authoriser is away is being asked. Notes that were never transmitted wait a little. */
  suspeitaDesde?: Date;
  ordem?: OrdemContingencia;
  simulacao?: SimulacaoContingencia;
  /** Drills that have ended, newest last: a report can still be asked for. */
  simulacoes?: SimulacaoContingencia[];
  /** The last orders and drills applied: a repeated message changes nothing. */
  pedidos?: string[];
  historico: PassoContingencia[];
  /** Emission has something to heed: another mode than NORMAL, a suspicion, an order or a drill. */
  emVigor: boolean;
  nextAt?: Date;
  dueSentAt?: Date;
  outbox: OutboxEntry[];
  trace: string;
  createdAt: Date;
  updatedAt: Date;
}

/** Steps that are kept. */
export const MAX_PASSOS = 200;

const { Mixed } = Schema.Types;
const contingenciaSchema = new Schema(
  {
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    conta: { type: String, required: true },
    modelo: { type: String, required: true },
    uf: { type: String, required: true },
    tpAmb: { type: String, required: true },
    situacao: { type: Mixed, required: true },
    suspeitaDesde: Date,
    ordem: Mixed,
    simulacao: Mixed,
    simulacoes: [Mixed],
    pedidos: [String],
    historico: [Mixed],
    emVigor: { type: Boolean, required: true },
    nextAt: Date,
    dueSentAt: Date,
    outbox: [outboxSchema],
    trace: { type: String, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: 'contingencias', strict: 'throw', versionKey: false, minimize: false, autoIndex: false, autoCreate: false },
);
contingenciaSchema.index({ 'outbox.0': 1 }, { name: 'outbox', partialFilterExpression: { 'outbox.0': { $exists: true } } });
contingenciaSchema.index({ updatedAt: 1 }, { name: 'outboxAge', partialFilterExpression: { 'outbox.0': { $exists: true } } });
contingenciaSchema.index({ nextAt: 1 }, { name: 'nextAt', partialFilterExpression: { nextAt: { $exists: true } } });
/** What emission reads every second (emVigor). */
contingenciaSchema.index({ emVigor: 1 }, { name: 'emVigor', partialFilterExpression: { emVigor: true } });

export function contingenciaModel(connection: Connection) {
  return connection.model('Contingencia', contingenciaSchema);
}

export type ContingenciaModel = ReturnType<typeof contingenciaModel>;

/** `conta` undefined or `*`: the hub's own. */
export function contingenciaId({ conta = '*', modelo, uf, ambiente }: ContingenciaKey): string {
  return `${conta}.${modelo}.${uf}.${tpAmbOf(ambiente)}`;
}

function tpAmbOf(ambiente: AmbienteName): '1' | '2' {
  return ambiente === 'prod' ? '1' : '2';
}

export interface Contingencias {
  find(key: ContingenciaKey): Promise<Contingencia | undefined>;
  /** The row, made (NORMAL, nothing known) when it is not there. */
  obtain(key: ContingenciaKey, trace: string): Promise<Contingencia>;
  /** Every row of the hub's own, and those of the account when one is given; by id. */
  list(conta?: string): Promise<Contingencia[]>;
  /** The rows that emission has to heed. */
  emVigor(): Promise<Contingencia[]>;
  transition: Transition<Contingencia>;
}

export function contingenciasOf(model: ContingenciaModel, options: RepositoryOptions): Contingencias {
  const { collection } = model;
  const find = async (key: ContingenciaKey) =>
    ((await collection.findOne({ _id: contingenciaId(key) as never })) as Contingencia | null) ?? undefined;
  const rows = async (filter: object) => (await collection.find(filter).sort({ _id: 1 }).toArray()) as unknown as Contingencia[];
  return {
    find,
    async obtain(key, trace) {
      const known = await find(key);
      if (known) return known;
      const now = options.clock.now();
      const { conta = '*', modelo, uf, ambiente } = key;
      const row: Contingencia = {
        ...{ _id: contingenciaId(key), version: 1, conta, modelo, uf, tpAmb: tpAmbOf(ambiente) },
        ...{ situacao: startOf(now), historico: [], emVigor: false, outbox: [], trace, createdAt: now, updatedAt: now },
      };
      try {
        await collection.insertOne(row as never);
        return row;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      const other = await find(key);
      if (!other) throw new Error(`contingencia ${row._id} vanished`);
      return other;
    },
    async list(conta) {
      // By the primary key: the rows of one owner stand together.
      const owners = conta === undefined ? ['*'] : ['*', conta];
      const all = await Promise.all(owners.map((owner) => rows({ _id: { $gte: `${owner}.`, $lt: `${owner}/` } as never })));
      return all.flat();
    },
    emVigor: async () => (await collection.find({ emVigor: true }).hint('emVigor').toArray()) as unknown as Contingencia[],
    transition: transitionOf<Contingencia>(model, options),
  };
}

type Woken = Pick<Contingencia, 'conta' | 'modelo' | 'uf' | 'tpAmb'> & DueRow;

/** How a mode is woken. */
export const WAKE_CONTINGENCIA: Wake<Woken> = {
  fields: ['conta', 'modelo', 'uf', 'tpAmb'],
  message: (row, facts): AnyEnvelope => {
    const { conta, modelo, uf, tpAmb, _id } = row;
    const payload = { ...(conta === '*' ? {} : { conta }), modelo, uf, ambiente: tpAmb === '1' ? ('prod' as const) : ('hom' as const) };
    return envelope('contingency.evaluate', payload, { ...facts, correlationId: _id });
  },
};
