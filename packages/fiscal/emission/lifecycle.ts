import { AVISO_PRAZO } from '../contingencia/prazo.ts';
import type { Fault } from '../fault.ts';
import type { CStatClass } from '../retorno/c-stat.ts';
import type { Protocolo, Retorno } from '../retorno/read-retorno.ts';
import { compareProtocolo, reconcile } from '../retorno/reconcile.ts';
import { attemptOf, closeAttempt, lastAttempt, openElsewhere, sentBy } from './attempts.ts';
import { ABSENCE_BELIEVED_AFTER_MS, consultDelay, notSentDelay, PERMANENT_MS, pausedDelay, svcOffDelay, THROTTLED_MS } from './back-off.ts';
import {
  awaitsEpec,
  type ContingencyFact,
  contentOf,
  notSynchronised,
  onContingency,
  onIssuedDue,
  onTillDeadline,
  wakeForTill,
} from './contingency.ts';
import { cannotArriveAnyMore, expiredFaults, isPastDeadline, saidToBeThere, wakeAtDeadline } from './deadline.ts';
import {
  type Attempt,
  type Aviso,
  type Conflito,
  type Decision,
  type Fact,
  isSettled,
  type Lifecycle,
  type LifecycleChange,
  mayBeThere,
  maySignAgain,
  type NewAttempt,
  openAttempt,
} from './lifecycle-state.ts';
import { backToConsult, backToSigned, nextActionOf, record, sendable, settle, told, wake } from './lifecycle-steps.ts';
import { type DecisionProtections, PROTECTED, unprotected } from './protections.ts';

/** A document that was accepted is looked at again after this long even if every message about it was lost. */
export const UNATTENDED_MS = 120_000;

type Answered = Extract<Fact, { kind: 'answered' }>;
type Failed = Extract<Fact, { kind: 'failed' }>;
type DocumentRetorno = Extract<Retorno, { kind: 'document' }>;

/**
 * The whole life of one emitted document as a pure function (SEFAZ.md 4.4, MOC 7.0 Anexo III): given what is stored and what happened,
 * what is stored next and what the worker does. Nothing is ever renumbered or signed again here, a transmission never starts while another
 * attempt is open, and a state that is not settled always has a `nextAt`.
 */
export function decide(stored: Lifecycle, fact: Fact, now: Date, protections: DecisionProtections = PROTECTED): Decision {
  const document = unprotected(stored, fact, protections);
  return wakeForTill(document, wakeAtDeadline(document, withoutTill(document, decideOn(document, fact, now))), now);
}

/** What the till was told to do, or waits for, ends with the document's way. */
function withoutTill({ acao, offlineApos }: Lifecycle, decision: Decision): Decision {
  const { change } = decision;
  if (!change?.state || !isSettled(change.state) || (!acao && !offlineApos)) return decision;
  return { ...decision, change: { ...change, acao: undefined, offlineApos: undefined } };
}

function decideOn(document: Lifecycle, fact: Fact, now: Date): Decision {
  switch (fact.kind) {
    case 'due':
      return onDue(document, now);
    case 'refused':
      if (isSettled(document.state) || openAttempt(document)) return onDue(document, now);
      return settle({ state: fact.as, faults: fact.faults }, fact.as === 'invalid' ? 'document.invalid' : 'document.rejected');
    case 'resting':
      if (isSettled(document.state) || openAttempt(document)) return onDue(document, now);
      return onResting(document, fact.until);
    case 'signed':
      // Somebody else was first, or something of the number may be at an authoriser: its bytes stay.
      if (!openAttempt(document) && !maySignAgain(document)) return onDue(document, now);
      return open({ ...document, state: 'signed', ...contentOf(fact.content) }, fact.attempt, now, contentOf(fact.content));
    case 'opened':
      return open(document, fact.attempt, now);
    case 'answered':
      return onAnswered(document, fact, now);
    case 'failed':
      return onFailed(document, fact, now);
    default:
      return onContingency(document, fact satisfies ContingencyFact, now) ?? onDue(document, now);
  }
}

function onDue(document: Lifecycle, now: Date): Decision {
  if (isSettled(document.state)) return { action: { do: 'nothing' } };
  const open = openAttempt(document);
  if (open) {
    if (open.until > now) return { action: { do: 'wait', until: open.until } };
    // Whoever opened it is gone: nobody knows what reached SEFAZ, so only a consult may follow.
    const attempts = closeAttempt(document, open.n, now, { result: 'unknown', reason: 'worker lost' });
    return backToConsult(attempts, now, 0);
  }
  // Past its deadline too: whether it may still go off line is for the policy to say.
  if (document.state === 'received') return { action: { do: 'prepare' } };
  if (document.state === 'issued') return onIssuedDue(document, now);
  const late = onTillDeadline(document, now);
  if (late) return late;
  if (document.nextAt && document.nextAt > now) return { action: { do: 'wait', until: document.nextAt } };
  if (document.state === 'uncertain') return { action: { do: 'consult' } };
  return awaitsEpec(document) ? { action: { do: 'register-epec' } } : transmit(document, now);
}

/** Nothing is called before the rest is over; the ERP reads why. */
function onResting(document: Lifecycle, until: Date): Decision {
  const nextAction = nextActionOf(document);
  const told = document.avisos.filter(({ codigo }) => codigo !== CONSUMO_INDEVIDO);
  const mensagem = `A SEFAZ acusou consumo indevido (656) desta empresa: o hub espera até ${until.toISOString()} e então continua sozinho.`;
  const avisos = [...told, { codigo: CONSUMO_INDEVIDO, mensagem }];
  return { change: { nextAt: until, nextAction, avisos }, action: { do: 'wait', until } };
}

const CONSUMO_INDEVIDO = 'consumo-indevido';

/** Sends the stored bytes, unless the moment is past in which a normal-emission NFC-e may be sent (704, rule B09-20), or a substitute exists. */
function transmit(document: Lifecycle, now: Date): Decision {
  if (document.substituidaPor) return backToConsult(document.attempts, now, consultDelay(document.consultas));
  return isPastDeadline(document, now) ? tooLate(document, now) : { action: { do: 'send' } };
}

/** Past the deadline nothing is sent: what never left ends, what may have arrived is only asked for. */
function tooLate(document: Lifecycle, now: Date): Decision {
  return mayBeThere(document) ? backToConsult(document.attempts, now, consultDelay(document.consultas)) : giveUp(document);
}

function giveUp(document: Lifecycle): Decision {
  const { attempts } = document;
  return settle({ state: 'rejected', attempts, retorno: undefined, faults: expiredFaults(document) }, 'document.rejected');
}

function open(document: Lifecycle, attempt: NewAttempt, now: Date, extra: LifecycleChange = {}): Decision {
  if (openAttempt(document)) throw new Error('an attempt is already open');
  const late = onTillDeadline(document, now);
  if (late) return { ...late, change: { ...extra, state: document.state, ...wake(now, nextActionOf(document)) } };
  if (attempt.kind === 'authorize' && document.substituidaPor) return transmit(document, now);
  if (attempt.kind === 'authorize' && isPastDeadline(document, now)) return tooLate(document, now);
  const n = lastAttempt(document) + 1;
  const opened: Attempt = { ...attempt, n, sentAt: now, result: 'open', ...(document.digest ? { digest: document.digest } : {}) };
  const state = attempt.kind === 'consult' ? 'uncertain' : sendable(document);
  return {
    change: {
      ...extra,
      state,
      attempts: [...document.attempts, opened],
      ...(attempt.kind === 'consult' ? { consultas: document.consultas + 1 } : {}),
      nextAt: attempt.until,
      nextAction: 'document.reconcile',
    },
    action: { do: 'nothing' },
  };
}

function onFailed(document: Lifecycle, fact: Failed, now: Date): Decision {
  const attempt = attemptOf(document, fact.n);
  if (!attempt) return { action: { do: 'nothing' } };
  const attempts = closeAttempt(document, fact.n, now, { result: fact.failure, reason: fact.reason, durationMs: fact.durationMs });
  if (isSettled(document.state)) return { change: { attempts }, action: { do: 'nothing' } };
  if (attempt.kind === 'consult') {
    const delay = Math.max(fact.retryAfterMs ?? 0, fact.failure === 'permanent' ? PERMANENT_MS : consultDelay(document.consultas));
    return backToConsult(attempts, now, delay);
  }
  if (fact.failure === 'unknown' || openElsewhere(document, fact.n)) {
    return backToConsult(attempts, now, consultDelay(document.consultas));
  }
  const delay = Math.max(fact.retryAfterMs ?? 0, fact.failure === 'permanent' ? PERMANENT_MS : notSentDelay(attempts));
  return backToSigned(document, attempts, now, delay);
}

function onAnswered(document: Lifecycle, fact: Answered, now: Date): Decision {
  const attempt = attemptOf(document, fact.n);
  if (!attempt) return { action: { do: 'nothing' } };
  const { retorno } = fact;
  const said = retorno.kind === 'unreadable' ? { reason: retorno.reason } : { cStat: retorno.cStat, xMotivo: retorno.xMotivo };
  const attempts = closeAttempt(document, fact.n, now, { result: 'answered', durationMs: fact.durationMs, ...said });
  if (isSettled(document.state)) return { change: { attempts }, action: { do: 'nothing' } };
  if (retorno.kind !== 'document') return backToConsult(attempts, now, consultDelay(document.consultas));
  const after = { ...document, attempts };
  return attempt.kind === 'authorize' ? onAuthorizeAnswer(after, attempt, retorno, now) : onConsultAnswer(after, attempt, retorno, now);
}

function onAuthorizeAnswer(document: Lifecycle, attempt: Attempt, retorno: DocumentRetorno, now: Date): Decision {
  const again = () => backToConsult(document.attempts, now, consultDelay(document.consultas));
  // A late refusal of an earlier transmission says nothing about the later one that is still under way or unknown.
  const superseded = document.attempts.some((a) => a.kind === 'authorize' && a.n > attempt.n && a.result !== 'not-sent');
  if (superseded && !HAS_PROTOCOLO.has(retorno.class)) return again();
  switch (retorno.class) {
    case 'authorized':
    case 'denied':
    case 'cancelled':
      // The answer to our own bytes: a digest that is missing proves nothing against us, another one does.
      if (!retorno.protocolo) return again();
      return compareProtocolo(ours(document), retorno.protocolo) === 'other' ? conflict(document, retorno) : adopt(document, retorno);
    case 'rejected':
    case 'schema':
    case 'certificate': {
      const wait = notSynchronised(document, retorno, now);
      if (wait) return told(document, wait.aviso, backToSigned(document, document.attempts, now, wait.delay));
      return settle({ state: 'rejected', attempts: document.attempts, retorno: record(retorno) }, 'document.rejected');
    }
    case 'duplicate':
      return onDuplicate(document, retorno, now);
    case 'throttled':
      return backToSigned(document, document.attempts, now, THROTTLED_MS);
    case 'svc':
      return told(document, SVC_INATIVA, backToSigned(document, document.attempts, now, svcOffDelay(document.attempts)));
    case 'unavailable':
      return backToSigned(document, document.attempts, now, pausedDelay(document.attempts));
    default:
      return again();
  }
}

const SVC_INATIVA: Aviso = {
  codigo: 'svc-inativa',
  mensagem:
    'A SVC não está ativa para esta UF (113, 114) e não processou a nota, que guarda número e tpEmis e espera por ela. Se a operação não pode ' +
    'esperar, emita outra nota com outro número.',
};

/** 204 and its kin: our key is there, so ask for it. Another key under our number is asked for too, and is adopted only if it is ours. */
function onDuplicate(document: Lifecycle, retorno: DocumentRetorno, now: Date): Decision {
  if (NUMBER_VOIDED.has(retorno.cStat)) {
    return settle({ state: 'rejected', attempts: document.attempts, retorno: record(retorno) }, 'document.rejected');
  }
  if (SAME_KEY_KNOWN.has(retorno.cStat)) return backToConsult(document.attempts, now, consultDelay(document.consultas));
  return askOtherKey(document, retorno, now);
}

function onConsultAnswer(document: Lifecycle, consult: Attempt, retorno: DocumentRetorno, now: Date): Decision {
  if (document.outraChave) return onOtherKeyAnswer({ ...document, outraChave: document.outraChave }, retorno, now);
  const verdict = reconcile(ours(document), retorno);
  switch (verdict) {
    case 'adopt':
      return adopt(document, retorno);
    case 'conflict':
      return askOtherKey(document, retorno, now);
    case 'absent':
      return onAbsent(document, consult, now);
    case 'ambiguous':
    case 'unanswered':
      return backToConsult(document.attempts, now, retorno.class === 'throttled' ? THROTTLED_MS : consultDelay(document.consultas));
    default:
      return verdict satisfies never;
  }
}

/** 217: resend the same bytes, if the question was asked long enough after the last transmission for the absence to be believed. */
function onAbsent(document: Lifecycle, consult: Attempt, now: Date): Decision {
  const last = document.attempts.findLast((attempt) => attempt.kind === 'authorize');
  const sent = sentBy(last);
  const believedFrom = sent + ABSENCE_BELIEVED_AFTER_MS;
  // Measured to the question, not to its answer: an answer that was long under way speaks of the past.
  if (consult.sentAt.getTime() < believedFrom) {
    return backToConsult(document.attempts, now, Math.max(believedFrom - now.getTime(), consultDelay(document.consultas)));
  }
  if (document.substituidaPor) return onSubstitutedAbsent(document, consult, now);
  if (isPastDeadline(document, now)) {
    return cannotArriveAnyMore(document.attempts, sent, now)
      ? giveUp(document)
      : backToConsult(document.attempts, now, consultDelay(document.consultas));
  }
  return {
    change: { state: sendable(document), attempts: document.attempts, ...wake(now, 'document.emit') },
    action: { do: 'send' },
  };
}

/** A late arrival is waited for before the number may be given up (MOC 7.0 Anexo III 2.3.3). */
const LATE_ARRIVAL_MS = 60 * 60_000;

/** 217 and a substitute exists: it is never sent again. Absent twice, an hour apart, it never arrived. */
function onSubstitutedAbsent(document: Lifecycle, consult: Attempt, now: Date): Decision {
  const substituicao = document.substituicao ?? { situacao: 'aguarda', desde: now };
  const { ausenteEm } = substituicao;
  const since = ausenteEm ? consult.sentAt.getTime() - ausenteEm.getTime() : 0;
  if (ausenteEm && since >= LATE_ARRIVAL_MS && !saidToBeThere(document.attempts)) {
    return settle(
      { state: 'rejected', attempts: document.attempts, retorno: undefined, faults: [NEVER_RECEIVED], substituicao },
      'document.rejected',
    );
  }
  const delay = Math.max(LATE_ARRIVAL_MS - since, consultDelay(document.consultas));
  const { change, action } = backToConsult(document.attempts, now, delay);
  return { change: { ...change, substituicao: { ...substituicao, ausenteEm: ausenteEm ?? now } }, action };
}

const NEVER_RECEIVED: Fault = {
  code: 'substituida-nao-recebida',
  path: '',
  message:
    'A transmissão ficou sem resposta e a venda foi emitida em outra nota, a substituta. Mais de uma hora depois a SEFAZ continua sem ' +
    'conhecer esta chave: a nota não é reenviada e o seu número é inutilizado.',
  norm: 'MOC 7.0 Anexo III 2.3.3; Ajuste SINIEF 19/16, cl. 11',
};

/** Takes SEFAZ's protocolo, which key and digest have shown to be about our bytes. */
function adopt(document: Lifecycle, retorno: DocumentRetorno): Decision {
  const [state, event] = SETTLED_BY[retorno.class as keyof typeof SETTLED_BY];
  const kept = document.avisos.filter(({ codigo }) => codigo !== AVISO_PRAZO);
  const avisos = [...kept, ...(retorno.protocolo ? alerts(retorno.protocolo) : [])];
  return settle({ pendenteDesde: undefined, state, attempts: document.attempts, retorno: record(retorno), avisos }, event);
}

/** Another key or other content under our number: for a person. Never adopted, never renumbered. */
function conflict(document: Lifecycle, retorno: DocumentRetorno): Decision {
  return settle(
    { state: 'conflict', attempts: document.attempts, retorno: record(retorno), conflito: conflitoOf(document, retorno) },
    'document.conflicted',
  );
}

/** 539, 561, 562, 613: SEFAZ has our number under the key it names. Nothing is concluded before that key was consulted. */
function askOtherKey(document: Lifecycle, retorno: DocumentRetorno, now: Date): Decision {
  const { chaveNoMotivo } = retorno;
  if (!chaveNoMotivo || chaveNoMotivo === document.chave) return conflict(document, retorno);
  const { change, action } = backToConsult(document.attempts, now, consultDelay(document.consultas));
  return { change: { ...change, outraChave: chaveNoMotivo, retorno: record(retorno) }, action };
}

/** Only content that we signed ourselves in an earlier round of the number is adopted; anything else under it is a conflict. */
function onOtherKeyAnswer(document: Lifecycle & { outraChave: string }, retorno: DocumentRetorno, now: Date): Decision {
  const { protocolo } = retorno;
  if (protocolo?.chave === document.outraChave && HAS_PROTOCOLO.has(retorno.class)) {
    const own = document.rodadas.find(({ chave, digest }) => chave === protocolo.chave && digest === protocolo.digVal);
    if (!own?.chave || !own.digest || !own.conteudo) return conflict(document, retorno);
    const { change, event, action } = adopt(document, retorno);
    const { chave, digest, conteudo } = own;
    return { change: { ...change, chave, digest, conteudo, cNF: chave.slice(35, 43), outraChave: undefined }, action, event };
  }
  // Named in one answer and unknown in the next, or no answer at all: asked a few times, then a person has to look.
  if (document.consultas >= OTHER_KEY_CONSULTS) return conflict(document, retorno);
  return backToConsult(document.attempts, now, retorno.class === 'throttled' ? THROTTLED_MS : consultDelay(document.consultas));
}

function conflitoOf({ outraChave }: Lifecycle, { protocolo, chaveNoMotivo }: DocumentRetorno): Conflito | undefined {
  const chave = protocolo?.chave ?? outraChave ?? chaveNoMotivo;
  if (!chave) return undefined;
  const { cStat, nProt, digVal } = protocolo ?? {};
  return { chave, ...(cStat ? { cStat } : {}), ...(nProt ? { nProt } : {}), ...(digVal ? { digVal } : {}) };
}

function ours({ chave, digest }: Lifecycle): { chave: string; digest: string } {
  if (!chave || !digest) throw new Error('a transmitted document has a key and a digest');
  return { chave, digest };
}

const SETTLED_BY = {
  authorized: ['authorized', 'document.authorized'],
  denied: ['denied', 'document.denied'],
  cancelled: ['cancelled', 'document.cancelled'],
} as const;
const HAS_PROTOCOLO: ReadonlySet<CStatClass> = new Set(['authorized', 'denied', 'cancelled']);
/** 204 same key; 205 denied, 218 cancelled under this key. */
const SAME_KEY_KNOWN: ReadonlySet<string> = new Set(['204', '205', '218']);
/** How often a key that only a refusal has named is asked for. */
const OTHER_KEY_CONSULTS = 6;
/** 206, 256: the number was voided; the note was refused and the number is gone. */
const NUMBER_VOIDED: ReadonlySet<string> = new Set(['206', '256']);

function alerts(protocolo: Protocolo) {
  return protocolo.alertas.map((alerta) => ({ codigo: alerta.cMsg, mensagem: alerta.xMsg }));
}
