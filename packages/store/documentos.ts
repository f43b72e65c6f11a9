import { enviarAteOf } from '@malote/fiscal/emission/deadline';
import { documentId } from '@malote/fiscal/emission/identity';
import { UNATTENDED_MS } from '@malote/fiscal/emission/lifecycle';
import { acceptsNewContent } from '@malote/fiscal/emission/lifecycle-state';
import { autorizadorNormal } from '@malote/fiscal/model/autorizador';
import type { Familia } from '@malote/fiscal/model/modelo';
import { MODELOS } from '@malote/fiscal/model/modelo';
import { type AnyEnvelope, envelope } from '@malote/messages/envelope';
import type { Fila } from '@malote/messages/types';
import type { Clock } from '@malote/runtime/clock';
import type { DueRow, Wake } from './clockwork.ts';
import { packEntrada, unpackEntrada } from './conteudos.ts';
import { type Correcao, type Corrected, correctDocumento } from './correcao.ts';
import { DOCUMENTO_SCHEMA, type Documento, type DocumentoModel, type NovoDocumento } from './documento.ts';
import { type Finders, findersOf, idOf } from './find-documento.ts';
import { leasedEntry } from './outbox.ts';
import { PROTECTED } from './protections.ts';
import { roundsWith } from './rodadas.ts';
import { isDuplicateKey, type RepositoryOptions, type Transition, transitionOf } from './transition.ts';

export interface Accepted {
  /** `same`: this very content is already here. `conflict`: the number holds other content that may not be replaced. */
  outcome: 'accepted' | 'replaced' | 'same' | 'conflict';
  documento: Documento;
  /** Present when something was written: the command, already in the outbox and leased to the caller, who publishes it at once. */
  message?: AnyEnvelope;
}

/** Numbers `de` to `ate` of one série, both included. */
export interface NumberRange {
  emitente: string;
  tpAmb: '1' | '2';
  modelo: string;
  cUF: string;
  serie: number;
  de: number;
  ate: number;
}

export interface Documentos extends Finders {
  /** Stores a received document with its first command: one majority write. Another account's number is a conflict without its content. */
  accept(novo: NovoDocumento): Promise<Accepted>;
  /** See correcao.ts. Undefined when the account has no such document. */
  correct(correcao: Correcao): Promise<Corrected | undefined>;
  findById(id: string): Promise<Documento | undefined>;
  /** The body as it was posted; undefined once it is signed. */
  entradaOf(documento: Documento): Promise<Buffer | undefined>;
  /** Every document with a number in the range, by number, without its body. */
  inRange(where: NumberRange): Promise<Documento[]>;
  transition: Transition<Documento>;
}

export function documentosOf(model: DocumentoModel, { clock, leaseMs, protections = PROTECTED }: RepositoryOptions): Documentos {
  // Every note is read several times on its way: the collection itself, since a query of mongoose costs as much again as the driver's.
  const read = async (filter: object) => ((await model.collection.findOne(filter)) as Documento | null) ?? undefined;

  const transition = transitionOf<Documento>(model, { clock, leaseMs, protections });

  async function accept(novo: NovoDocumento): Promise<Accepted> {
    const now = clock.now();
    const fresh = freshFields(novo, now);
    const message = emitCommand(fresh, clock, novo.traceparent);
    const documento: Documento = {
      ...fresh,
      version: 1,
      entrada: await packEntrada(novo.entrada),
      rodadas: [],
      createdAt: now,
      outbox: protections.outbox ? [leasedEntry(message, now, leaseMs)] : [],
    };
    try {
      await model.collection.insertOne(documento as never, { ignoreUndefined: true });
      return { outcome: 'accepted', documento, message };
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    return again(documento, message);
  }

  /** The number is known: the same content answers its state, other content may follow a refusal. */
  async function again(novo: Documento, message: AnyEnvelope): Promise<Accepted> {
    const existing = await read({ _id: novo._id });
    if (!existing) throw new Error(`documento ${novo._id} vanished after a duplicate key`);
    if (existing.conta !== novo.conta) return { outcome: 'conflict', documento: existing };
    const same = existing.fingerprint === novo.fingerprint;
    // Refused without ever leaving the hub (an expired certificate, say): the same content deserves another try.
    const retriable = existing.state === 'rejected' && !existing.retorno;
    if (same && !retriable) return { outcome: 'same', documento: existing };
    if (!acceptsNewContent(existing)) return { outcome: same ? 'same' : 'conflict', documento: existing };
    const { _id, version: _version, createdAt: _createdAt, outbox, rodadas: _rodadas, ...fields } = novo;
    // cNF stays: the corrected note keeps the key of the refused one wherever the other parts of the key do.
    const change: Partial<Documento> = {
      ...cleared,
      ...fields,
      cNF: existing.cNF,
      rodadas: roundsWith(existing),
      outbox: [...existing.outbox, ...outbox],
    };
    const documento = await transition(existing, change);
    // Somebody else replaced it in between: decide on what is there now.
    return documento ? { outcome: 'replaced', documento, message } : again(novo, message);
  }

  return {
    accept,
    transition,
    correct: (correcao) =>
      correctDocumento(correcao, {
        ...{ clock, leaseMs, protections, transition },
        read: (id) => read({ _id: id }),
        command: (documento, traceparent) => emitCommand(documento, clock, traceparent),
      }),
    findById: (id) => read({ _id: id }),
    ...findersOf(model),
    async inRange({ de, ate, ...where }) {
      const _id = { $gte: idOf({ ...where, numero: de }), $lte: idOf({ ...where, numero: ate }) };
      const rows = model.collection.find({ _id: _id as never }, { projection: { entrada: 0, outbox: 0 } }).sort({ _id: 1 });
      return (await rows.toArray()) as unknown as Documento[];
    },
    async entradaOf(documento) {
      return documento.entrada && unpackEntrada(documento.entrada);
    },
  };
}

/** Fields of an earlier round that the new one must not inherit. */
const cleared: Partial<Documento> = {
  tpEmis: undefined,
  autorizador: undefined,
  chave: undefined,
  digest: undefined,
  conteudo: undefined,
  certificado: undefined,
  retorno: undefined,
  outraChave: undefined,
  conflito: undefined,
  enviarAte: undefined,
  responderAte: undefined,
  chaveInformada: undefined,
  ie: undefined,
  offlineApos: undefined,
  contingencia: undefined,
  substitui: undefined,
};

function freshFields(novo: NovoDocumento, now: Date): Omit<Documento, 'version' | 'rodadas' | 'createdAt' | 'outbox' | 'entrada'> {
  const { identity } = novo;
  const emitidoEm = new Date(identity.dhEmi);
  const enviarAte = identity.tpEmis === '1' ? enviarAteOf(identity) : undefined;
  const familia: Familia = MODELOS[identity.modelo].familia;
  const fila: Fila = identity.modelo === '65' || novo.responderAte ? 'agora' : 'lote';
  return {
    _id: documentId(identity),
    schema: DOCUMENTO_SCHEMA,
    conta: novo.conta,
    empresa: identity.emitente,
    emitente: identity.emitente,
    tpAmb: identity.tpAmb,
    modelo: identity.modelo,
    familia,
    cUF: identity.cUF,
    uf: identity.uf,
    ...(identity.ie ? { ie: identity.ie } : {}),
    serie: identity.serie,
    numero: identity.numero,
    ano: Number(identity.dhEmi.slice(0, 4)),
    autorizadorNormal: autorizadorNormal(identity.modelo, identity.uf, { semIe: identity.semIe, serie: identity.serie }),
    fila,
    layout: novo.layout,
    fingerprint: novo.fingerprint,
    tpEmisInformado: identity.tpEmis,
    ...(identity.chaveInformada ? { chaveInformada: identity.chaveInformada } : {}),
    dhEmi: identity.dhEmi,
    emitidoEm,
    diaEmissao: identity.dhEmi.slice(0, 10),
    ...(novo.responderAte ? { responderAte: novo.responderAte } : {}),
    ...(novo.substitui ? { substitui: novo.substitui } : {}),
    ...(enviarAte ? { enviarAte } : {}),
    state: 'received',
    attempts: [],
    faults: [],
    avisos: [],
    consultas: 0,
    nextAt: new Date(now.getTime() + UNATTENDED_MS),
    nextAction: 'document.emit',
    trace: novo.traceparent,
    updatedAt: now,
  };
}

type Routed = Pick<Documento, '_id' | 'conta' | 'empresa' | 'familia' | 'autorizadorNormal' | 'fila'>;

/** The routing facts that every message about a document carries. */
export function payloadOf(documento: Routed) {
  const { _id, conta, empresa, familia, autorizadorNormal: autorizador, fila } = documento;
  return { documentId: _id, conta, empresa, familia, autorizador, fila };
}

/** How a document is woken: by the command its `nextAction` names. */
export const WAKE_DOCUMENTO: Wake<Documento & DueRow> = {
  fields: ['conta', 'empresa', 'familia', 'autorizadorNormal', 'fila', 'nextAction'],
  message: (row, facts) =>
    row.nextAction && (envelope(row.nextAction, payloadOf(row), { ...facts, correlationId: row._id }) as AnyEnvelope),
};

function emitCommand(documento: Routed, clock: Clock, traceparent: string): AnyEnvelope {
  return envelope('document.emit', payloadOf(documento), { id: clock.uuid(), at: clock.now(), traceparent, correlationId: documento._id });
}
