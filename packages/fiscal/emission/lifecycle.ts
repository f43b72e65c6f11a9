import type { CStatClass } from '../retorno/c-stat.ts';
import type { Protocolo, Retorno } from '../retorno/read-retorno.ts';
import { compareProtocolo, reconcile } from '../retorno/reconcile.ts';
import { ABSENCE_BELIEVED_AFTER_MS, consultDelay, notSentDelay, PERMANENT_MS, pausedDelay, THROTTLED_MS } from './back-off.ts';
import {
  type Attempt,
  type Decision,
  type Fact,
  isSettled,
  type Lifecycle,
  type LifecycleEvent,
  mayBeThere,
  type NewAttempt,
  openAttempt,
  type RetornoRecord,
} from './lifecycle-state.ts';
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
  switch (fact.kind) {
    case 'due':
      return onDue(document, now);
    case 'refused':
      return settle({ state: fact.as, faults: fact.faults }, fact.as === 'invalid' ? 'document.invalid' : 'document.rejected');
    case 'signed':
      return open({ ...document, state: 'signed', ...fact.content }, fact.attempt, now, fact.content);
    case 'opened':
      return open(document, fact.attempt, now);
    case 'answered':
      return onAnswered(document, fact, now);
    case 'failed':
      return onFailed(document, fact, now);
    default:
      return fact satisfies never;
  }
}

function onDue(document: Lifecycle, now: Date): Decision {
  if (isSettled(document.state)) return { action: { do: 'nothing' } };
  const open = openAttempt(document);
  if (open) {
    if (open.until > now) return { action: { do: 'wait', until: open.until } };
    // Whoever opened it is gone: nobody knows what reached SEFAZ, so only a consult may follow.
    const attempts = close(document, open.n, now, { result: 'unknown', reason: 'worker lost' });
    return { change: { state: 'uncertain', attempts, ...wake(now, 'document.reconcile') }, action: { do: 'consult' } };
  }
  if (document.state === 'received') return { action: { do: 'prepare' } };
  if (document.nextAt && document.nextAt > now) return { action: { do: 'wait', until: document.nextAt } };
  if (document.state === 'uncertain') return { action: { do: 'consult' } };
  return transmit(document, now);
}

/** Sends the stored bytes, unless the moment is past in which a normal-emission NFC-e may be sent (704, rule B09-20). */
function transmit(document: Lifecycle, now: Date): Decision {
  if (!document.enviarAte || document.enviarAte >= now) return { action: { do: 'send' } };
  if (mayBeThere(document)) return backToConsult(document.attempts, now, THROTTLED_MS);
  return settle({ state: 'rejected', faults: [NFCE_EXPIRADA] }, 'document.rejected');
}

const NFCE_EXPIRADA = {
  code: 'nfce-expirada',
  path: 'ide/dhEmi',
  message:
    'A nota não foi transmitida a tempo: a emissão normal deste tipo de documento só é aceita até cerca de 5 minutos após dhEmi. ' +
    'Nada foi enviado e o número está livre: envie de novo com dhEmi atual.',
  norm: 'Rejeição 704, regra B09-20',
};

function open(document: Lifecycle, attempt: NewAttempt, now: Date, extra: Partial<Lifecycle> = {}): Decision {
  if (openAttempt(document)) throw new Error('an attempt is already open');
  const n = document.attempts.length + 1;
  const opened: Attempt = { ...attempt, n, sentAt: now, result: 'open', ...(document.digest ? { digest: document.digest } : {}) };
  const state = attempt.kind === 'consult' ? 'uncertain' : 'signed';
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
  const attempts = close(document, fact.n, now, { result: fact.failure, reason: fact.reason, durationMs: fact.durationMs });
  if (isSettled(document.state)) return { change: { attempts }, action: { do: 'nothing' } };
  if (attempt.kind === 'consult') {
    const delay = Math.max(fact.retryAfterMs ?? 0, fact.failure === 'permanent' ? PERMANENT_MS : consultDelay(document.consultas));
    return backToConsult(attempts, now, delay);
  }
  if (fact.failure === 'unknown' || openElsewhere(document, fact.n)) {
    return backToConsult(attempts, now, consultDelay(document.consultas));
  }
  const delay = Math.max(fact.retryAfterMs ?? 0, fact.failure === 'permanent' ? PERMANENT_MS : notSentDelay(attempts));
  return backToSigned(attempts, now, delay);
}

function onAnswered(document: Lifecycle, fact: Answered, now: Date): Decision {
  const attempt = attemptOf(document, fact.n);
  const { retorno } = fact;
  const said = retorno.kind === 'unreadable' ? { reason: retorno.reason } : { cStat: retorno.cStat, xMotivo: retorno.xMotivo };
  const attempts = close(document, fact.n, now, { result: 'answered', durationMs: fact.durationMs, ...said });
  if (isSettled(document.state)) return { change: { attempts }, action: { do: 'nothing' } };
  if (retorno.kind !== 'document') return backToConsult(attempts, now, consultDelay(document.consultas));
  const after = { ...document, attempts };
  return attempt.kind === 'authorize' ? onAuthorizeAnswer(after, attempt, retorno, now) : onConsultAnswer(after, retorno, now);
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
    case 'certificate':
      return settle({ state: 'rejected', attempts: document.attempts, retorno: record(retorno) }, 'document.rejected');
    case 'duplicate':
      return onDuplicate(document, retorno, again);
    case 'throttled':
      return backToSigned(document.attempts, now, THROTTLED_MS);
    case 'unavailable':
    case 'svc':
      return backToSigned(document.attempts, now, pausedDelay(document.attempts));
    default:
      return again();
  }
}

/** 204 and its kin: the same key is there, so ask for it. Another key under our number is for a person: never renumbered, never signed again. */
function onDuplicate(document: Lifecycle, retorno: DocumentRetorno, consult: () => Decision): Decision {
  if (SAME_KEY_KNOWN.has(retorno.cStat)) return consult();
  if (NUMBER_VOIDED.has(retorno.cStat)) {
    return settle({ state: 'rejected', attempts: document.attempts, retorno: record(retorno) }, 'document.rejected');
  }
  return conflict(document, retorno);
}

function onConsultAnswer(document: Lifecycle, retorno: DocumentRetorno, now: Date): Decision {
  const verdict = reconcile(ours(document), retorno);
  switch (verdict) {
    case 'adopt':
      return adopt(document, retorno);
    case 'conflict':
      return conflict(document, retorno);
    case 'absent':
      return onAbsent(document, now);
    case 'ambiguous':
    case 'unanswered':
      return backToConsult(document.attempts, now, retorno.class === 'throttled' ? THROTTLED_MS : consultDelay(document.consultas));
    default:
      return verdict satisfies never;
  }
}

/** 217: resend the same bytes, once the last transmission is old enough for the absence to be believed. */
function onAbsent(document: Lifecycle, now: Date): Decision {
  const last = document.attempts.findLast((attempt) => attempt.kind === 'authorize');
  // An attempt taken over from a lost worker is closed later than anything it can have sent.
  const sentBy = last ? Math.min((last.endedAt ?? last.until).getTime(), last.until.getTime()) : Number.NEGATIVE_INFINITY;
  const age = now.getTime() - sentBy;
  if (age < ABSENCE_BELIEVED_AFTER_MS) {
    return backToConsult(document.attempts, now, Math.max(ABSENCE_BELIEVED_AFTER_MS - age, consultDelay(document.consultas)));
  }
  if (document.enviarAte && document.enviarAte < now) return backToConsult(document.attempts, now, consultDelay(document.consultas));
  return {
    change: { state: 'signed', attempts: document.attempts, ...wake(now, 'document.emit') },
    action: { do: 'send' },
  };
}

/** Takes SEFAZ's protocolo, which key and digest have shown to be about our bytes. */
function adopt(document: Lifecycle, retorno: DocumentRetorno): Decision {
  const [state, event] = SETTLED_BY[retorno.class as keyof typeof SETTLED_BY];
  const avisos = [...document.avisos, ...(retorno.protocolo ? alerts(retorno.protocolo) : [])];
  return settle({ state, attempts: document.attempts, retorno: record(retorno), avisos }, event);
}

/** Another key or other content under our number: for a person. Never adopted, never renumbered. */
function conflict(document: Lifecycle, retorno: DocumentRetorno): Decision {
  return settle({ state: 'conflict', attempts: document.attempts, retorno: record(retorno) }, 'document.conflicted');
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
/** 206, 256: the number was voided; the note was refused and the number is gone. */
const NUMBER_VOIDED: ReadonlySet<string> = new Set(['206', '256']);

function alerts(protocolo: Protocolo) {
  return protocolo.alertas.map((alerta) => ({ codigo: alerta.cMsg, mensagem: alerta.xMsg }));
}

function record(retorno: DocumentRetorno): RetornoRecord {
  const { protocolo } = retorno;
  return {
    class: retorno.class,
    cStat: retorno.cStat,
    xMotivo: retorno.xMotivo,
    ...(protocolo ? { protocolo: protocolo.xml } : {}),
    ...(protocolo?.nProt ? { nProt: protocolo.nProt } : {}),
    ...(protocolo?.dhRecbto ? { dhRecbto: protocolo.dhRecbto } : {}),
  };
}

function settle(change: Partial<Lifecycle>, event: LifecycleEvent): Decision {
  return { change: { ...change, nextAt: undefined, nextAction: undefined }, action: { do: 'nothing' }, event };
}

function backToConsult(attempts: Attempt[], now: Date, delay: number): Decision {
  const at = new Date(now.getTime() + delay);
  const other = attempts.find((attempt) => attempt.result === 'open');
  const nextAt = other && other.until > at ? other.until : at;
  return {
    change: { state: 'uncertain', attempts, nextAt, nextAction: 'document.reconcile' },
    action: nextAt > now ? { do: 'wait', until: nextAt } : { do: 'consult' },
  };
}

function backToSigned(attempts: Attempt[], now: Date, delay: number): Decision {
  const nextAt = new Date(now.getTime() + delay);
  return {
    change: { state: 'signed', attempts, nextAt, nextAction: 'document.emit' },
    action: delay > 0 ? { do: 'wait', until: nextAt } : { do: 'send' },
  };
}

function wake(now: Date, nextAction: NonNullable<Lifecycle['nextAction']>) {
  return { nextAt: now, nextAction };
}

function attemptOf(document: Lifecycle, n: number): Attempt {
  const attempt = document.attempts.find((a) => a.n === n);
  if (!attempt) throw new Error(`attempt ${n} is not stored`);
  return attempt;
}

function openElsewhere(document: Lifecycle, n: number): boolean {
  return document.attempts.some((attempt) => attempt.n !== n && attempt.result === 'open');
}

function close(document: Lifecycle, n: number, now: Date, end: Partial<Attempt> & Pick<Attempt, 'result'>): Attempt[] {
  return document.attempts.map((attempt) => (attempt.n === n ? { ...attempt, ...end, endedAt: now } : attempt));
}
