import { isRefused } from '@malote/fiscal/registro/registro-state';
import { type AnyEnvelope, envelope } from '@malote/messages/envelope';
import type { RegistroPayload } from '@malote/messages/types';
import { type Connection, Schema } from 'mongoose';
import type { DueRow, Wake } from './clockwork.ts';
import { packEntrada } from './conteudos.ts';
import type { Documento } from './documento.ts';
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

/** One evento of one document. `_id`: `<document id>.<tpEvento>.<nSeq3>`. */
export interface Evento extends Registro {
  documentoId: string;
  chave: string;
  tpEvento: string;
  nSeqEvento: number;
  /** As the caller gave it, if he did. */
  nSeqPedido?: number;
  /** As written in the XML; fixed at signing. */
  dhEvento?: string;
}

/** What is read of a request before it is stored (fiscal/evento/read-evento.ts). */
export interface PedidoDeEvento {
  tpEvento: string;
  nSeqEvento?: number | undefined;
  autor?: string | undefined;
  fingerprint: string;
}

export interface NovoEvento {
  conta: string;
  /** With its chave: an evento is about a document that was signed. */
  documento: Documento;
  pedido: PedidoDeEvento;
  /** Row of fiscal/evento/kinds.ts: who receives it, and how many there may be. */
  kind: { orgao: 'UF' | 'AN' | 'SVRS'; maxSeq: number };
  layout: 'sefaz' | 'oobj';
  /** The body as received. */
  entrada: Uint8Array;
  traceparent: string;
  responderAte?: Date;
}

export interface Eventos extends Registros<Evento> {
  /**
   * Stores an evento with its first command: one majority write. Without an nSeqEvento it gets the number after the highest that is
   * registered or under way; a refused number is used again. The same request while the latest is under way or registered is `same`.
   */
  accept(novo: NovoEvento): Promise<AcceptedRegistro<Evento>>;
  /** Every evento of a document, in the order of arrival, without bodies. */
  listOf(where: { conta: string; documentoId: string }): Promise<Evento[]>;
}

const eventoSchema = new Schema(
  {
    ...REGISTRO_FIELDS,
    documentoId: { type: String, required: true },
    chave: { type: String, required: true },
    tpEvento: { type: String, required: true },
    nSeqEvento: { type: Number, required: true },
    nSeqPedido: Number,
    dhEvento: String,
  },
  { collection: 'eventos', strict: 'throw', versionKey: false, minimize: false, autoIndex: false, autoCreate: false },
);
for (const [fields, options] of REGISTRO_INDEXES) eventoSchema.index(fields, options);

export function eventoModel(connection: Connection) {
  return connection.model('Evento', eventoSchema);
}

export type EventoModel = ReturnType<typeof eventoModel>;

/** Of a race for a number; far more than anybody makes. */
const MAX_TRIES = 50;

export function eventosOf(model: EventoModel, options: RepositoryOptions): Eventos {
  const { clock, leaseMs, protections = PROTECTED } = options;
  const common = registrosOf<Evento>(model, options);
  const listed = async (prefix: string, more: object = {}) =>
    (await model.collection
      .find({ _id: startingWith(prefix) as never, ...more }, { projection: { entrada: 0 } })
      .toArray()) as unknown as Evento[];

  async function accept(novo: NovoEvento): Promise<AcceptedRegistro<Evento>> {
    const { documento, pedido } = novo;
    const prefix = `${documento._id}.${pedido.tpEvento}.`;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const found = placeOf(novo, await listed(prefix));
      if ('outcome' in found) return found;
      const now = clock.now();
      const fresh = freshEvento(novo, found.nSeqEvento, now);
      const message = eventoCommand(fresh, { id: clock.uuid(), at: now, traceparent: novo.traceparent });
      const entry = leasedEntry(message, now, leaseMs);
      const entrada = await packEntrada(novo.entrada);
      if (found.refused) {
        const { _id, ...fields } = fresh;
        const change = { ...CLEARED_ROUND, nSeqPedido: undefined, dhEvento: undefined, ...fields, entrada };
        const { refused } = found;
        const outbox = [...refused.outbox, entry];
        const registro = await common.transition(refused, { ...change, rodadas: registroRounds(refused), outbox });
        if (registro) return { outcome: 'replaced', registro, message };
        continue;
      }
      const registro: Evento = { ...fresh, version: 1, entrada, rodadas: [], createdAt: now, outbox: protections.outbox ? [entry] : [] };
      try {
        await model.collection.insertOne(registro as never, { ignoreUndefined: true });
        return { outcome: 'accepted', registro, message };
      } catch (error) {
        // Somebody else took the number: what he took it for decides.
        if (!isDuplicateKey(error)) throw error;
      }
    }
    throw new Error(`no free number for ${prefix} after ${MAX_TRIES} tries`);
  }

  return {
    ...common,
    accept,
    async listOf({ conta, documentoId }) {
      const rows = await listed(`${documentoId}.`, { conta });
      return rows.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || a._id.localeCompare(b._id));
    },
  };
}

type Place = { nSeqEvento: number; refused?: Evento } | AcceptedRegistro<Evento>;

/** Where the request goes among those of its type. */
function placeOf({ pedido, kind }: NovoEvento, ofType: Evento[]): Place {
  const at = (nSeq: number) => ofType.find(({ nSeqEvento }) => nSeqEvento === nSeq);
  const given = pedido.nSeqEvento ?? (kind.maxSeq === 1 ? 1 : undefined);
  const alive = ofType.filter(({ state }) => !isRefused(state)).sort((a, b) => a.nSeqEvento - b.nSeqEvento);
  const held = given === undefined ? alive.at(-1) : alive.find(({ nSeqEvento }) => nSeqEvento === given);
  if (held?.fingerprint === pedido.fingerprint && held.state !== 'conflict') return { outcome: 'same', registro: held };
  if (held && given !== undefined) return { outcome: 'conflict', registro: held };
  const nSeqEvento = given ?? (held?.nSeqEvento ?? 0) + 1;
  const refused = at(nSeqEvento);
  return refused ? { nSeqEvento, refused } : { nSeqEvento };
}

function freshEvento(novo: NovoEvento, nSeqEvento: number, now: Date) {
  const { conta, documento, pedido, kind, layout, traceparent, responderAte } = novo;
  const { emitente, empresa, tpAmb, modelo, uf, cUF, chave } = documento;
  if (!chave) throw new Error(`documento ${documento._id} was never signed: nothing can be registered about it`);
  const autorizadorNormal = kind.orgao === 'UF' ? documento.autorizadorNormal : kind.orgao;
  const fields = { conta, empresa, emitente, tpAmb, modelo, uf, cUF, autorizadorNormal, layout, responderAte, traceparent };
  return {
    ...freshRegistro({ ...fields, fingerprint: pedido.fingerprint, autor: pedido.autor ?? emitente }, now),
    _id: eventoId({ documentoId: documento._id, tpEvento: pedido.tpEvento, nSeqEvento }),
    documentoId: documento._id,
    chave,
    tpEvento: pedido.tpEvento,
    nSeqEvento,
    ...(pedido.nSeqEvento === undefined ? {} : { nSeqPedido: pedido.nSeqEvento }),
  };
}

/** `<document id>.<tpEvento>.<nSeq3>` */
export function eventoId({ documentoId, tpEvento, nSeqEvento }: Pick<Evento, 'documentoId' | 'tpEvento' | 'nSeqEvento'>): string {
  return `${documentoId}.${tpEvento}.${String(nSeqEvento).padStart(3, '0')}`;
}

type Routed = Pick<Evento, '_id' | 'documentoId' | 'conta' | 'empresa' | 'familia' | 'autorizadorNormal' | 'fila'>;

/** The routing facts that every message about an evento carries. */
export function eventoPayload({ _id, documentoId, conta, empresa, familia, autorizadorNormal, fila }: Routed): RegistroPayload {
  return { registroId: _id, documentId: documentoId, conta, empresa, familia, autorizador: autorizadorNormal, fila };
}

export function eventoCommand(evento: Routed, facts: { id: string; at: Date; traceparent: string }): AnyEnvelope {
  return envelope('evento.register', eventoPayload(evento), { ...facts, correlationId: evento.documentoId });
}

/** How an evento is woken. */
export const WAKE_EVENTO: Wake<Evento & DueRow> = {
  fields: ['documentoId', 'conta', 'empresa', 'familia', 'autorizadorNormal', 'fila'],
  message: eventoCommand,
};

/** Ids that begin so: `/` is the character after `.`, which every prefix ends with. */
function startingWith(prefix: string) {
  return { $gte: prefix, $lt: `${prefix.slice(0, -1)}/` };
}
