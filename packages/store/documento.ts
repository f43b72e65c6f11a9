import type { Substituicao } from '@malote/fiscal/contingencia/substituicao';
import type { DocumentIdentity } from '@malote/fiscal/emission/identity';
import type { Attempt, DocumentState, Lifecycle, OutroDocumento, RetornoRecord } from '@malote/fiscal/emission/lifecycle-state';
import type { Fault } from '@malote/fiscal/fault';
import type { Autorizador } from '@malote/fiscal/model/autorizador';
import type { Familia, Modelo } from '@malote/fiscal/model/modelo';
import type { Uf } from '@malote/fiscal/model/uf';
import type { Fila } from '@malote/messages/types';
import { type Connection, Schema } from 'mongoose';
import { type OutboxEntry, outboxSchema } from './outbox.ts';

/** Version of the stored shape: readers upgrade on read, `malote migrate` back-fills. */
export const DOCUMENTO_SCHEMA = 1;

/** A round that ended in a refusal, kept when the number was posted again with other content. */
export interface Rodada {
  fingerprint: string;
  chave?: string;
  digest?: string;
  conteudo?: string;
  attempts: Attempt[];
  retorno?: RetornoRecord;
  faults: Fault[];
  endedAt: Date;
}

/**
 * One fiscal document: the unit of atomicity. `_id` is its fiscal identity, so the insert decides every race. Every change is one update
 * filtered on `version`. The XML itself is in `conteudos`, but for `entrada` (zstd of the body as posted), which goes once it is signed.
 */
export interface Documento extends Lifecycle {
  _id: string;
  schema: number;
  version: number;
  conta: string;
  empresa: string;
  emitente: string;
  tpAmb: '1' | '2';
  modelo: Modelo;
  familia: Familia;
  cUF: string;
  uf: Uf;
  /** emit/IE as written: with emitente and uf the establishment that may be blocked. */
  ie?: string;
  serie: number;
  numero: number;
  ano: number;
  autorizadorNormal: Autorizador;
  fila: Fila;
  layout: 'sefaz' | 'oobj';
  fingerprint: string;
  entrada?: Uint8Array;
  tpEmisInformado: string;
  chaveInformada?: string;
  /** As written in the XML. */
  dhEmi: string;
  /** The same instant, for ranges. */
  emitidoEm: Date;
  /** Local date of the document's own offset, YYYY-MM-DD. */
  diaEmissao: string;
  /** The caller's deadline: a wait that was promised over HTTP. */
  responderAte?: Date;
  rodadas: Rodada[];
  /** The evento that cancelled it; `retorno` stays SEFAZ's word about the note itself. */
  cancelamento?: Cancelamento;
  /** When the clockwork last published the due action; a transition clears it. */
  dueSentAt?: Date;
  outbox: OutboxEntry[];
  /** W3C traceparent of the request that brought the document. */
  trace: string;
  createdAt: Date;
  updatedAt: Date;
}

/** What SEFAZ registered when the document was cancelled. */
export interface Cancelamento {
  tpEvento: string;
  nSeqEvento: number;
  cStat: string;
  xMotivo: string;
  nProt?: string;
  dhRegistro?: string;
}

/** A document as the edge read it, before it is stored. `entrada` are the bytes as received. */
export interface NovoDocumento {
  conta: string;
  identity: DocumentIdentity;
  fingerprint: string;
  layout: 'sefaz' | 'oobj';
  entrada: Uint8Array;
  traceparent: string;
  responderAte?: Date;
  /** It is the same sale as that document, whose fate is unknown. */
  substitui?: OutroDocumento;
}

const { Mixed } = Schema.Types;
const documentoSchema = new Schema(
  {
    _id: { type: String, required: true },
    schema: { type: Number, required: true },
    version: { type: Number, required: true },
    conta: { type: String, required: true },
    empresa: { type: String, required: true },
    emitente: { type: String, required: true },
    tpAmb: { type: String, required: true },
    modelo: { type: String, required: true },
    familia: { type: String, required: true },
    cUF: { type: String, required: true },
    uf: { type: String, required: true },
    ie: String,
    serie: { type: Number, required: true },
    numero: { type: Number, required: true },
    ano: { type: Number, required: true },
    autorizadorNormal: { type: String, required: true },
    fila: { type: String, required: true },
    layout: { type: String, required: true },
    fingerprint: { type: String, required: true },
    entrada: Buffer,
    tpEmisInformado: String,
    chaveInformada: String,
    dhEmi: { type: String, required: true },
    emitidoEm: { type: Date, required: true },
    diaEmissao: { type: String, required: true },
    responderAte: Date,
    enviarAte: Date,
    state: { type: String, required: true },
    attempts: [Mixed],
    faults: [Mixed],
    avisos: [Mixed],
    tpEmis: String,
    autorizador: String,
    cNF: String,
    chave: String,
    digest: String,
    conteudo: String,
    certificado: String,
    retorno: Mixed,
    outraChave: String,
    offlineApos: Date,
    pendenteDesde: Date,
    contingencia: Mixed,
    substituidaPor: Mixed,
    substitui: Mixed,
    substituicao: Mixed,
    conflito: Mixed,
    consultas: { type: Number, required: true },
    nextAt: Date,
    nextAction: String,
    rodadas: [Mixed],
    cancelamento: Mixed,
    dueSentAt: Date,
    outbox: [outboxSchema],
    trace: { type: String, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: 'documentos', strict: 'throw', versionKey: false, minimize: false, autoIndex: false, autoCreate: false },
);

/** Where a substitution stands while somebody still has to work on it. */
export const SAGA_ABERTA: Substituicao['situacao'][] = ['aguarda', 'cancelar', 'inutilizar'];

/** States that are not final. */
export const UNSETTLED: DocumentState[] = ['received', 'signed', 'issued', 'uncertain'];

/** Sweep of entries whose lease ran out (relay.ts). */
documentoSchema.index({ 'outbox.0': 1 }, { name: 'outbox', partialFilterExpression: { 'outbox.0': { $exists: true } } });
/** Age of the oldest outbox (relay.ts). */
documentoSchema.index({ updatedAt: 1 }, { name: 'outboxAge', partialFilterExpression: { 'outbox.0': { $exists: true } } });
/** Due actions, oldest first (clockwork.ts). */
documentoSchema.index({ nextAt: 1 }, { name: 'nextAt', partialFilterExpression: { nextAt: { $exists: true } } });
/** An account's documents in recovery (recovering.ts). */
documentoSchema.index({ conta: 1, nextAt: 1 }, { name: 'conta_nextAt', partialFilterExpression: { nextAt: { $exists: true } } });
/** Documents that somebody still has to work on: counted (backlog.ts) and, without a moment for it, woken (recovering.ts). */
documentoSchema.index({ state: 1, nextAt: 1 }, { name: 'unsettled', partialFilterExpression: { state: { $in: UNSETTLED } } });

/** Issued in contingência and not authorised yet: of a company, in the order of emission, and of the whole hub (alarms of the deadline). */
const PENDING = { partialFilterExpression: { pendenteDesde: { $exists: true } } };
documentoSchema.index({ conta: 1, empresa: 1, tpAmb: 1, emitidoEm: 1, _id: 1 }, { name: 'pendentes', ...PENDING });
documentoSchema.index({ pendenteDesde: 1 }, { name: 'pendenteDesde', ...PENDING });

/** Issued and not transmitted, by who gets it, in the order of emission (descarga.ts). */
const GROUP = { state: 1, autorizadorNormal: 1, tpAmb: 1, modelo: 1, uf: 1 } as const;
const ISSUED = { partialFilterExpression: { state: 'issued' } };
documentoSchema.index({ ...GROUP, 'contingencia.vez': 1, emitidoEm: 1, _id: 1, emitente: 1, serie: 1 }, { name: 'descarga', ...ISSUED });
/** Substituted documents of which it is not settled yet that one of the two remains (substituicoes.ts). */
const OPEN_SAGA = { partialFilterExpression: { 'substituicao.situacao': { $in: SAGA_ABERTA } } };
documentoSchema.index({ 'substituicao.desde': 1, _id: 1 }, { name: 'substituicoes', ...OPEN_SAGA });

/** Lists in the order of arrival (listing-plan.ts). What is looked up after `_id` is there so that counting and walking need no document. */
const OF_COMPANY = { conta: 1, empresa: 1, tpAmb: 1, modelo: 1 } as const;
documentoSchema.index({ ...OF_COMPANY, createdAt: 1, _id: 1, diaEmissao: 1 }, { name: 'lista' });
/** Lists of a série. */
documentoSchema.index({ ...OF_COMPANY, serie: 1, createdAt: 1, _id: 1, diaEmissao: 1 }, { name: 'lista_serie' });
/** Lists of a status. */
documentoSchema.index({ ...OF_COMPANY, state: 1, createdAt: 1, _id: 1, serie: 1, diaEmissao: 1 }, { name: 'lista_status' });
/** Lists of a span of days, of a status or not. */
documentoSchema.index({ ...OF_COMPANY, diaEmissao: 1, createdAt: 1, _id: 1, serie: 1, state: 1 }, { name: 'lista_dia' });

export function documentoModel(connection: Connection) {
  return connection.model('Documento', documentoSchema);
}

export type DocumentoModel = ReturnType<typeof documentoModel>;
