import { autorizadorNormal } from '@malote/fiscal/model/autorizador';
import type { Modelo } from '@malote/fiscal/model/modelo';
import type { Uf } from '@malote/fiscal/model/uf';
import { isRefused } from '@malote/fiscal/registro/registro-state';
import { type AnyEnvelope, envelope } from '@malote/messages/envelope';
import type { RegistroPayload } from '@malote/messages/types';
import { type Connection, Schema } from 'mongoose';
import type { DueRow, Wake } from './clockwork.ts';
import { packEntrada } from './conteudos.ts';
import type { NumberRange } from './documentos.ts';
import { leasedEntry } from './outbox.ts';
import { PROTECTED } from './protections.ts';
import {
  type AcceptedRegistro,
  CLEARED_ROUND,
  freshRegistro,
  REGISTRO_FIELDS,
  REGISTRO_INDEXES,
  type Registro,
  type Registros,
  registroRounds,
  registrosOf,
} from './registro.ts';
import { isDuplicateKey, type RepositoryOptions } from './transition.ts';

/** One range of numbers that shall never be used. `_id`: `<emitente>.<tpAmb>.<modelo>.<cUF>.<AA>.<serie3>.<ini9>.<fin9>`. */
export interface Inutilizacao extends Registro {
  /** Two digits. */
  ano: string;
  serie: number;
  numeroInicial: number;
  numeroFinal: number;
}

/** What is read of a request before it is stored (fiscal/inutilizacao). */
export interface PedidoDeInutilizacao {
  cUF: string;
  uf: Uf;
  ano: string;
  emitente: string;
  tpAmb: '1' | '2';
  modelo: Modelo;
  serie: number;
  numeroInicial: number;
  numeroFinal: number;
  fingerprint: string;
}

export interface NovaInutilizacao {
  conta: string;
  empresa: string;
  pedido: PedidoDeInutilizacao;
  layout: 'sefaz' | 'oobj';
  /** The body as received. */
  entrada: Uint8Array;
  traceparent: string;
  responderAte?: Date;
}

/** A range and what became of it: a série may have thousands. */
export type RangeState = Pick<Inutilizacao, '_id' | 'state' | 'numeroInicial' | 'numeroFinal'>;

export interface Inutilizacoes extends Registros<Inutilizacao> {
  /** Stores an inutilização with its first command: one majority write. A refused range may be asked for again. */
  accept(nova: NovaInutilizacao): Promise<AcceptedRegistro<Inutilizacao>>;
  /** The one a number is in: the registered one, else the latest. */
  findCovering(where: CoveringQuery): Promise<Inutilizacao | undefined>;
  /** The latest first, without bodies. */
  list(query: { conta: string; empresa: string; tpAmb: '1' | '2'; skip: number; limit: number }): Promise<InutilizacoesPage>;
  /** Every one that shares a number with the range, whatever its year and state, by first number. */
  overlapping(range: NumberRange): Promise<RangeState[]>;
}

export interface CoveringQuery {
  conta: string;
  empresa: string;
  tpAmb: '1' | '2';
  modelo: string;
  cUF: string;
  /** Two digits. */
  ano: string;
  serie: number;
  numero: number;
}

export interface InutilizacoesPage {
  total: number;
  inutilizacoes: Inutilizacao[];
}

const inutilizacaoSchema = new Schema(
  {
    ...REGISTRO_FIELDS,
    ano: { type: String, required: true },
    serie: { type: Number, required: true },
    numeroInicial: { type: Number, required: true },
    numeroFinal: { type: Number, required: true },
  },
  { collection: 'inutilizacoes', strict: 'throw', versionKey: false, minimize: false, autoIndex: false, autoCreate: false },
);
for (const [fields, options] of REGISTRO_INDEXES) inutilizacaoSchema.index(fields, options);
/** Ranges around numbers. */
inutilizacaoSchema.index({ emitente: 1, tpAmb: 1, modelo: 1, cUF: 1, serie: 1, numeroInicial: 1, numeroFinal: 1 }, { name: 'numeros' });
/** Lists of a company. */
inutilizacaoSchema.index({ conta: 1, empresa: 1, tpAmb: 1, createdAt: -1, _id: 1 }, { name: 'lista' });

export function inutilizacaoModel(connection: Connection) {
  return connection.model('Inutilizacao', inutilizacaoSchema);
}

export type InutilizacaoModel = ReturnType<typeof inutilizacaoModel>;

const PROJECTION = { projection: { entrada: 0, outbox: 0 } };

export function inutilizacoesOf(model: InutilizacaoModel, options: RepositoryOptions): Inutilizacoes {
  const { clock, leaseMs, protections = PROTECTED } = options;
  const common = registrosOf<Inutilizacao>(model, options);

  async function accept(nova: NovaInutilizacao): Promise<AcceptedRegistro<Inutilizacao>> {
    const now = clock.now();
    const fresh = freshInutilizacao(nova, now);
    const message = inutilizacaoCommand(fresh, { id: clock.uuid(), at: now, traceparent: nova.traceparent });
    const entry = leasedEntry(message, now, leaseMs);
    const entrada = await packEntrada(nova.entrada);
    const registro: Inutilizacao = {
      ...fresh,
      version: 1,
      entrada,
      rodadas: [],
      createdAt: now,
      outbox: protections.outbox ? [entry] : [],
    };
    try {
      await model.collection.insertOne(registro as never, { ignoreUndefined: true });
      return { outcome: 'accepted', registro, message };
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    const existing = await common.findById(fresh._id);
    if (!existing) throw new Error(`inutilização ${fresh._id} vanished after a duplicate key`);
    if (existing.conta !== nova.conta) return { outcome: 'conflict', registro: existing };
    if (!isRefused(existing.state)) {
      const same = existing.fingerprint === fresh.fingerprint && existing.state !== 'conflict';
      return { outcome: same ? 'same' : 'conflict', registro: existing };
    }
    const { _id, ...fields } = fresh;
    const outbox = [...existing.outbox, entry];
    const change = { ...CLEARED_ROUND, ...fields, entrada, rodadas: registroRounds(existing), outbox };
    const replaced = await common.transition(existing, change);
    return replaced ? { outcome: 'replaced', registro: replaced, message } : accept(nova);
  }

  const find = (filter: object, sort: Record<string, 1 | -1>) => model.collection.find(filter, PROJECTION).sort(sort);

  return {
    ...common,
    accept,
    async findCovering({ conta, empresa: emitente, tpAmb, modelo, cUF, ano, serie, numero }) {
      const around = { numeroInicial: { $lte: numero }, numeroFinal: { $gte: numero } };
      const rows = find({ emitente, tpAmb, modelo, cUF, serie, ...around, ano, conta }, { createdAt: -1 });
      const found = (await rows.hint('numeros').toArray()) as unknown as Inutilizacao[];
      return found.find(({ state }) => state === 'registered') ?? found[0];
    },
    async list({ conta, empresa, tpAmb, skip, limit }) {
      const filter = { conta, empresa, tpAmb };
      const [total, rows] = await Promise.all([
        model.collection.countDocuments(filter, { hint: 'lista' }),
        find(filter, { createdAt: -1, _id: 1 }).hint('lista').skip(skip).limit(limit).toArray(),
      ]);
      return { total, inutilizacoes: rows as unknown as Inutilizacao[] };
    },
    async overlapping({ emitente, tpAmb, modelo, cUF, serie, de, ate }) {
      const shared = { numeroInicial: { $lte: ate }, numeroFinal: { $gte: de } };
      const projection = { state: 1, numeroInicial: 1, numeroFinal: 1 };
      const rows = model.collection.find({ emitente, tpAmb, modelo, cUF, serie, ...shared }, { projection }).sort({ numeroInicial: 1 });
      return (await rows.hint('numeros').toArray()) as unknown as RangeState[];
    },
  };
}

function freshInutilizacao(nova: NovaInutilizacao, now: Date) {
  const { conta, empresa, pedido, layout, traceparent, responderAte } = nova;
  const { cUF, uf, ano, emitente, tpAmb, modelo, serie, numeroInicial, numeroFinal, fingerprint } = pedido;
  const normal = autorizadorNormal(modelo, uf, { serie });
  const fields = { conta, empresa, emitente, autor: emitente, tpAmb, modelo, uf, cUF, layout, fingerprint, responderAte, traceparent };
  return {
    ...freshRegistro({ ...fields, autorizadorNormal: normal }, now),
    _id: inutilizacaoId(pedido),
    ...{ ano, serie, numeroInicial, numeroFinal },
  };
}

type Range = Pick<PedidoDeInutilizacao, 'emitente' | 'tpAmb' | 'modelo' | 'cUF' | 'ano' | 'serie' | 'numeroInicial' | 'numeroFinal'>;

/** `<emitente>.<tpAmb>.<modelo>.<cUF>.<AA>.<serie3>.<ini9>.<fin9>` */
export function inutilizacaoId({ emitente, tpAmb, modelo, cUF, ano, serie, numeroInicial, numeroFinal }: Range): string {
  const digits = (n: number, length: number) => String(n).padStart(length, '0');
  const numbers = `${digits(serie, 3)}.${digits(numeroInicial, 9)}.${digits(numeroFinal, 9)}`;
  return `${emitente}.${tpAmb}.${modelo}.${cUF}.${ano}.${numbers}`;
}

type Routed = Pick<Inutilizacao, '_id' | 'conta' | 'empresa' | 'familia' | 'autorizadorNormal' | 'fila'>;

/** The routing facts that every message about an inutilização carries. */
export function inutilizacaoPayload({ _id, conta, empresa, familia, autorizadorNormal: autorizador, fila }: Routed): RegistroPayload {
  return { registroId: _id, documentId: _id, conta, empresa, familia, autorizador, fila };
}

export function inutilizacaoCommand(nova: Routed, facts: { id: string; at: Date; traceparent: string }): AnyEnvelope {
  return envelope('inutilizacao.request', inutilizacaoPayload(nova), { ...facts, correlationId: nova._id });
}

/** How an inutilização is woken. */
export const WAKE_INUTILIZACAO: Wake<Inutilizacao & DueRow> = {
  fields: ['conta', 'empresa', 'familia', 'autorizadorNormal', 'fila'],
  message: inutilizacaoCommand,
};
