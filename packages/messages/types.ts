import type { AmbienteName, Modo, ObservedCalls } from '@malote/fiscal/contingencia/situacao';
import type { Autorizador } from '@malote/fiscal/model/autorizador';
import type { Familia, Modelo } from '@malote/fiscal/model/modelo';
import type { Uf } from '@malote/fiscal/model/uf';

/** `agora`: somebody waits (NFC-e or a caller with a deadline); `lote`: everything else. Two lanes, so that a batch never delays a till. */
export type Fila = 'agora' | 'lote';

/** What every message about one document says: enough to route it and to write a searchable log line. */
export interface DocumentPayload {
  documentId: string;
  conta: string;
  empresa: string;
  familia: Familia;
  autorizador: Autorizador;
  fila: Fila;
}

/** A document reached a state that ends the present try. */
export interface DocumentSettledPayload extends DocumentPayload {
  chave?: string;
  cStat?: string;
}

/** About an evento (`documentId` is its document's) or an inutilização (`documentId` is its own). */
export interface RegistroPayload extends DocumentPayload {
  registroId: string;
}

/** A registro reached its end; a content that is invalid counts as rejected. */
export interface RegistroSettledPayload extends RegistroPayload {
  chave?: string;
  tpEvento?: string;
  cStat?: string;
}

/** About a request on entities (a `bloqueio` in the store): who is meant stands there, and no token ever travels. */
export interface PedidoPayload {
  /** Its `_id`. */
  pedidoId: string;
  conta: string;
}

/** About a company's certificate: `documentId` is the certificate's own id. */
export interface CertificatePayload {
  documentId: string;
  conta: string;
  empresa: string;
}

/** A status call with a certificate. `autorizador` is whose queue it goes through; an SVC has none of its own. */
export interface CertificateTestPayload extends DocumentPayload {
  /** Who is called. */
  alvo: Autorizador;
  modelo: Modelo;
  ambiente: '1' | '2';
}

export interface CertificateExpiringPayload extends CertificatePayload {
  /** Instant, ISO. */
  validoAte: string;
  diasRestantes: number;
}

/** Calls of one process to one service within one second. */
export interface ServiceCalls {
  autorizador: Autorizador;
  modelo: Modelo;
  service: string;
  ambiente: AmbienteName;
  /** Answered calls by time: `[ms, count]`, the time rounded up to one of about 40 steps (sefaz/observation.ts). */
  durations: [number, number][];
  failures: number;
  lastFailure?: { reason: string; at: string };
  /** The service's circuit in this process. */
  circuit: 'closed' | 'half-open' | 'open';
}

/** What one process saw of SEFAZ in one second (`at`, its beginning, ISO). Lossy: published once, without outbox, and never repeated. */
export interface SefazCallPayload {
  at: string;
  calls: ObservedCalls[];
  services: ServiceCalls[];
  /** Circuits that opened within the second. */
  opened: { autorizador: Autorizador; service: string; ambiente: AmbienteName }[];
}

/** Whose mode is meant; without a conta the hub's own. */
export interface ContingenciaKey {
  conta?: string;
  modelo: Modelo;
  uf: Uf;
  ambiente: AmbienteName;
}

/** A person's order for one account: `AUTOMATICO` takes an earlier one back. */
export interface OrderPayload extends ContingenciaKey {
  conta: string;
  pedidoId: string;
  modo: Modo | 'AUTOMATICO';
  justificativa?: string;
  quem: string;
}

/** Begins a drill of an account (`minutos` > 0), or ends it (0). */
export interface DrillPayload extends ContingenciaKey {
  conta: string;
  ambiente: 'hom';
  pedidoId: string;
  minutos: number;
  quem: string;
}

export interface ModeChangedPayload extends ContingenciaKey {
  modo: Modo;
  anterior: Modo;
  /** ISO. */
  desde: string;
  motivo: string;
  versao: number;
}

/** The one map from message type to payload: publisher and handler types are both computed from it. */
export interface MessagePayloads {
  /** Take a received document to its end: complete, sign, validate, send. */
  'document.emit': DocumentPayload;
  /** Find out the fate of a document whose answer is unknown. */
  'document.reconcile': DocumentPayload;
  'document.authorized': DocumentSettledPayload;
  'document.rejected': DocumentSettledPayload;
  'document.denied': DocumentSettledPayload;
  'document.cancelled': DocumentSettledPayload;
  'document.invalid': DocumentSettledPayload;
  'document.conflicted': DocumentSettledPayload;
  /** Do what this evento needs now: sign, send, find out its fate, apply what it changes. */
  'evento.register': RegistroPayload;
  'evento.registered': RegistroSettledPayload;
  'evento.rejected': RegistroSettledPayload;
  /** Do what this inutilização needs now. */
  'inutilizacao.request': RegistroPayload;
  'inutilizacao.registered': RegistroSettledPayload;
  'inutilizacao.rejected': RegistroSettledPayload;
  /** Apply a request's rows, in their order; named by what its first row asks for, though each row has its own Parametro. */
  'entity.block': PedidoPayload;
  'entity.unblock': PedidoPayload;
  /** Create an entity. */
  'entity.register': PedidoPayload;
  /** Give an entity a new TOKEN. */
  'entity.renew-token': PedidoPayload;
  /** A request has been applied to every entity it names; named as its command was. */
  'entity.blocked': PedidoPayload;
  'entity.unblocked': PedidoPayload;
  /** Ask an authoriser for its status with this certificate and store what it said. */
  'certificate.test': CertificateTestPayload;
  /** A certificate in use ends in 60, 30, 15, 7 or 1 days; each is told once. */
  'certificate.expiring': CertificateExpiringPayload;
  /** A document was handed over in contingência and is still to be transmitted. */
  'document.issued': DocumentSettledPayload;
  'sefaz.call': SefazCallPayload;
  /** Look at the mode now: something it waits for is due. */
  'contingency.evaluate': ContingenciaKey;
  'contingency.order': OrderPayload;
  'contingency.drill': DrillPayload;
  'contingencia.entered': ModeChangedPayload;
  'contingencia.left': ModeChangedPayload;
}

export type MessageType = keyof MessagePayloads;
