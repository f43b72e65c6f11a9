import type { GrauAlarme } from '../contingencia/prazo.ts';
import type { ModoContingencia } from '../contingencia/situacao.ts';
import type { Substituicao } from '../contingencia/substituicao.ts';
import type { Fault } from '../fault.ts';
import type { Autorizador } from '../model/autorizador.ts';
import type { CStatClass } from '../retorno/c-stat.ts';
import type { Retorno } from '../retorno/read-retorno.ts';

/**
 * `received`: accepted, nothing signed. `signed`: content fixed, not under way or waiting for another try. `issued`: handed over in
 * contingência (EPEC, FS-DA, off line), still to be transmitted within its deadline. `uncertain`: a transmission whose fate is unknown. The
 * others are settled: nobody works on the document until a person or a new post does.
 */
export type DocumentState =
  | 'received'
  | 'signed'
  | 'issued'
  | 'uncertain'
  | 'authorized'
  | 'rejected'
  | 'denied'
  | 'cancelled'
  | 'invalid'
  | 'conflict';

/** `not-sent`: provably nothing reached the authoriser. `unknown`: it may have. `permanent`: refused before any processing. */
export type AttemptResult = 'open' | 'answered' | 'not-sent' | 'unknown' | 'permanent';

/** One call to an authoriser, stored before the socket opens and kept for good: the proof of what happened. */
export interface AttemptOf<Kind extends string> {
  n: number;
  kind: Kind;
  autorizador: Autorizador;
  service: string;
  sentAt: Date;
  /** Until then the process that opened the attempt owns it; a redelivery waits. */
  until: Date;
  endedAt?: Date;
  result: AttemptResult;
  cStat?: string;
  xMotivo?: string;
  digest?: string;
  durationMs?: number;
  reason?: string;
  trace: string;
}

/** A call about a document. */
export type Attempt = AttemptOf<'authorize' | 'consult'>;

/** What SEFAZ said last about the document; `protocolo` holds the protNFe bytes as received. */
export interface RetornoRecord {
  class: CStatClass;
  cStat: string;
  xMotivo: string;
  protocolo?: string;
  nProt?: string;
  dhRecbto?: string;
}

/** Something the ERP should read though the document's state does not depend on it. */
export interface Aviso {
  codigo: string;
  mensagem: string;
}

/** What an earlier round of the number was signed as: the only other content that could be ours at SEFAZ. */
export interface SignedBefore {
  attempts: readonly Attempt[];
  chave?: string;
  digest?: string;
  conteudo?: string;
}

/** How a document was, or is being, issued without its normal authoriser; fixed at signing, but for what happens afterwards. */
export interface ContingenciaDoDocumento {
  modo: ModoContingencia;
  /** Instant of dhCont. */
  desde: Date;
  /** When it was handed over (state `issued`); an SVC authorises at once and has none, an EPEC has it once it is registered. */
  emitidaEm?: Date;
  /** Last instant of its transmission, inclusive, and the instant aimed at (prazo.ts). */
  prazoAte?: Date;
  alvoAte?: Date;
  /** The registered event 110140; its protocolo is unknown when only a duplicate told of it. */
  epec?: { nProt?: string; dhRegistro: string };
  /** When its EPEC was asked for: an earlier round of the number may have had one that was refused. */
  epecDesde?: Date;
  /** From then on its EPEC, which had not left the hub, is not sent any more: the note is about to be issued otherwise. */
  epecRetirado?: Date;
  /** The loudest alarm of its deadline that was told. */
  alarme?: GrauAlarme;
  /** Its turn to be transmitted has come (descarga). */
  vez?: Date;
  /** A correction changed what is printed: the DANFE has to be printed again. */
  danfeAlterado?: boolean;
}

/** Another document of the same sale. */
export interface OutroDocumento {
  documentoId: string;
  /** Known once it is signed. */
  chave?: string;
}

/** Who holds the number under another key, as far as SEFAZ says. */
export interface Conflito {
  chave: string;
  cStat?: string;
  nProt?: string;
  digVal?: string;
}

/** The part of a stored document that decisions read and write. */
export interface Lifecycle {
  state: DocumentState;
  attempts: Attempt[];
  faults: Fault[];
  avisos: Aviso[];
  tpEmis?: string;
  autorizador?: Autorizador;
  cNF?: string;
  chave?: string;
  digest?: string;
  conteudo?: string;
  /** Id of the certificate that signed it, and that calls about it are made with. Absent of what an older release signed. */
  certificado?: string;
  retorno?: RetornoRecord;
  /** Last moment a first transmission makes sense (rule B09-20: NFC-e and tpImp 6 in tpEmis 1). */
  enviarAte?: Date;
  /** From then on a note that was never transmitted goes off line, and one of unknown fate gets a substitute: its till must print. */
  offlineApos?: Date;
  /** A caller waits for the document until then. */
  responderAte?: Date;
  contingencia?: ContingenciaDoDocumento;
  /** Handed over in contingência and not authorised yet; stays while SEFAZ refuses it, since the paper is with the customer. */
  pendenteDesde?: Date;
  /** A substitute was issued, or is about to be: this document is never transmitted again, whatever a consult says. */
  substituidaPor?: OutroDocumento;
  /** No substitute could be issued: what the ERP has to do. */
  acao?: 'reemitir-com-novo-numero';
  /** It takes the place of that document, whose fate was unknown. */
  substitui?: OutroDocumento;
  /** Of a substituted document: what is done so that one of the two remains. */
  substituicao?: Substituicao;
  rodadas: readonly SignedBefore[];
  /** Another key that SEFAZ says our number has (539, 561, 562, 613): consulted before the document is called a conflict. */
  outraChave?: string;
  conflito?: Conflito;
  /** Consults done since the fate became unknown; drives the back-off, never reset by a resend. */
  consultas: number;
  /** Every state that is not settled has one: the clockwork wakes the document then, whatever became of its messages. */
  nextAt?: Date;
  nextAction?: 'document.emit' | 'document.reconcile';
}

/** What is fixed once, before signing, and never changes for these bytes. */
export interface SignedContent {
  tpEmis: string;
  autorizador: Autorizador;
  cNF: string;
  chave: string;
  digest: string;
  conteudo: string;
  certificado?: string;
  /** In contingência only; the deadlines too, where it is to be transmitted later. */
  contingencia?: ContingenciaDoDocumento;
  offlineApos?: Date;
  /** Of a note that goes back to tpEmis 1: it has its deadline again. Absent: as stored. */
  enviarAte?: Date;
}

export interface NewAttempt {
  kind: Attempt['kind'];
  autorizador: Autorizador;
  service: string;
  until: Date;
  trace: string;
}

/** What happened. `n` is the number of the attempt the fact is about. */
export type Fact =
  | { kind: 'due' }
  | { kind: 'refused'; as: 'invalid' | 'rejected'; faults: Fault[] }
  /** The company may not call this authoriser before then (656). */
  | { kind: 'resting'; until: Date }
  | { kind: 'signed'; content: SignedContent; attempt: NewAttempt }
  /** Signed and handed over in one step (OFFLINE, FSDA): nothing is transmitted now. Only of a note that was never transmitted. */
  | { kind: 'issued'; content: SignedContent }
  /** Signed for an EPEC, whose event is about to be stored. Only of a note that was never transmitted. */
  | { kind: 'epec'; content: SignedContent }
  /** The EPEC was registered: the note is issued. */
  | { kind: 'epec-registered'; epec: NonNullable<ContingenciaDoDocumento['epec']> }
  /** The EPEC was refused: the note is, too. */
  | { kind: 'epec-refused'; retorno: RetornoRecord; faults: Fault[] }
  /** Its EPEC, not sent yet, is not to be sent any more; or is after all, since it has left meanwhile. */
  | { kind: 'epec-withdrawal'; begun: boolean }
  /** Nothing is transmitted before then: whether the authoriser is away is being found out, or a drill keeps it away. */
  | { kind: 'held'; until: Date }
  /** An issued note's turn to be transmitted has come. */
  | { kind: 'transmit' }
  /** There is no série for a substitute: the ERP has to issue one. */
  | { kind: 'no-substitute' }
  /** Its policy has stopped to allow that it goes off line: transmitted as if there were no till. */
  | { kind: 'till-gone' }
  /** The correction of an issued note that was refused, signed: same key, other bytes. */
  | { kind: 'corrected'; content: SignedContent }
  /**
   * A substitute takes its place, stored before the substitute itself; told again with the substitute's key once it has one. `recusada`: id of
   * an earlier substitute that was refused without ever being issued, whose place this one takes.
   */
  | { kind: 'substituted'; por: OutroDocumento; substituicao: Substituicao; recusada?: string }
  | { kind: 'opened'; attempt: NewAttempt }
  | { kind: 'answered'; n: number; retorno: Retorno; durationMs: number }
  | { kind: 'failed'; n: number; failure: 'not-sent' | 'unknown' | 'permanent'; reason: string; retryAfterMs?: number; durationMs: number };

/** What the worker does next. `wait` ends its run: the clockwork calls again at `nextAt`. */
export type Action =
  | { do: 'prepare' }
  /** Sign the stored note again for contingência: it was never transmitted and its till waits no longer. */
  | { do: 'prepare-offline' }
  /** Have the EPEC of the signed note registered, if it is not under way already. */
  | { do: 'register-epec' }
  /** Issue another note in its place, if there is a série for it. */
  | { do: 'substitute' }
  | { do: 'send' }
  | { do: 'consult' }
  | { do: 'wait'; until: Date }
  | { do: 'nothing' };

export type LifecycleEvent =
  | 'document.authorized'
  | 'document.rejected'
  | 'document.denied'
  | 'document.cancelled'
  | 'document.invalid'
  | 'document.conflicted'
  | 'document.issued';

/** What a decision may write: earlier rounds are history. */
export type LifecycleChange = Partial<Omit<Lifecycle, 'rodadas'>>;

/** `change` undefined: nothing to write. A key with the value undefined is removed. */
export interface Decision {
  change?: LifecycleChange;
  action: Action;
  event?: LifecycleEvent;
}

const SETTLED: ReadonlySet<DocumentState> = new Set(['authorized', 'rejected', 'denied', 'cancelled', 'invalid', 'conflict']);

/** True when nobody works on the document any more. */
export function isSettled(state: DocumentState): boolean {
  return SETTLED.has(state);
}

/** The attempt that is under way, if any; there is never more than one. */
export function openAttempt(lifecycle: Pick<Lifecycle, 'attempts'>): Attempt | undefined {
  return lifecycle.attempts.find((attempt) => attempt.result === 'open');
}

/**
 * True when the number may be posted again with other content: it never left the hub, or SEFAZ refused it by a known rejection.
 * A duplicate, a denial, abusive use or an unknown fate keep the number (Ajuste SINIEF 07/05 cl. 11 § 14: same number, same content).
 */
export function acceptsNewContent(
  lifecycle: Pick<Lifecycle, 'state' | 'attempts' | 'retorno' | 'faults' | 'pendenteDesde' | 'substituidaPor'>,
): boolean {
  // Handed over to a customer: only corrected, never replaced. Substituted: its number is being made void.
  if (openAttempt(lifecycle) || lifecycle.pendenteDesde || lifecycle.substituidaPor) return false;
  if (lifecycle.state === 'invalid') return true;
  if (lifecycle.state !== 'rejected') return false;
  // Past its deadline a note was either never sent or can no longer be taken (deadline.ts).
  if (lifecycle.faults.some(({ code }) => code === NFCE_EXPIRADA)) return true;
  if (!lifecycle.retorno) return !mayBeThere(lifecycle);
  const { class: last } = lifecycle.retorno;
  return last === 'rejected' || last === 'schema' || last === 'certificate';
}

/** Fault code of a note that was not authorised while normal emission was still possible. */
export const NFCE_EXPIRADA = 'nfce-expirada';

/** 108, 109, 113, 114: the service refused to work at all; 656, 678: it refused to listen. None of them processed anything. */
const NOT_PROCESSED: ReadonlySet<string> = new Set(['108', '109', '113', '114', '656', '678']);

/** 113, 114: the SVC refused a note that was transmitted to it. */
const SVC_INATIVA: ReadonlySet<string> = new Set(['113', '114']);

/**
 * True while the bytes of a document may still be replaced by others of the same number (another tpEmis): provably nothing of it reached an
 * authoriser, it was not handed over, and no EPEC was asked for, or that was withdrawn unsent. A note that an SVC answered by 113 or 114 keeps number and tpEmis too
 * (MOC 7.0 Anexo III 2.1.3.4). Ajuste SINIEF 07/05 cl. 11 § 14; 19/16 cl. 11 § 2.
 */
export function maySignAgain(
  lifecycle: Pick<Lifecycle, 'state' | 'attempts' | 'pendenteDesde' | 'contingencia' | 'substituidaPor'>,
): boolean {
  const { state, attempts, pendenteDesde, contingencia, substituidaPor } = lifecycle;
  if (state !== 'received' && state !== 'signed') return false;
  if (pendenteDesde || substituidaPor || (state === 'signed' && contingencia?.modo === 'EPEC' && !contingencia.epecRetirado)) return false;
  if (attempts.some(({ kind, cStat }) => kind === 'authorize' && SVC_INATIVA.has(cStat ?? ''))) return false;
  return !mayBeThere(lifecycle);
}

/** True when some transmission may have left the document at an authoriser without our knowing. */
export function mayBeThere(lifecycle: Pick<Lifecycle, 'attempts'>): boolean {
  return lifecycle.attempts.some(
    ({ kind, result, cStat }) =>
      kind === 'authorize' && (result === 'unknown' || result === 'open' || (result === 'answered' && !NOT_PROCESSED.has(cStat ?? ''))),
  );
}
