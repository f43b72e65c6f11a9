import { attemptOf, closeAttempt, lastAttempt, openElsewhere, sentBy } from '../emission/attempts.ts';
import {
  ABSENCE_BELIEVED_AFTER_MS,
  consultAllowedAt,
  consultDelay,
  notSentDelay,
  PERMANENT_MS,
  pausedDelay,
  THROTTLED_MS,
} from '../emission/back-off.ts';
import { UNATTENDED_MS } from '../emission/lifecycle.ts';
import type { Aviso } from '../emission/lifecycle-state.ts';
import { type DecisionProtections, PROTECTED } from '../emission/protections.ts';
import type { CStatClass } from '../retorno/c-stat.ts';
import { unprotectedRegistro } from './protections.ts';
import {
  isFinal,
  mayBeRegistered,
  type NewRegistroAttempt,
  openRegistroAttempt,
  type RegistroAttempt,
  type RegistroChange,
  type RegistroDecision,
  type RegistroFact,
  type RegistroLifecycle,
  type RegistroRetorno,
  type RegistroTraits,
} from './registro-state.ts';

type Answered = Extract<RegistroFact, { kind: 'answered' }>;
type Failed = Extract<RegistroFact, { kind: 'failed' }>;
type Said = Extract<RegistroRetorno, { kind: 'said' }>;
type Found = Extract<RegistroRetorno, { kind: 'found' }>;

/** How often a consult may not show what SEFAZ calls a duplicate before a person has to look. */
export const DUPLICATE_CONSULTS = 6;
/** Reason of a consult that was answered without it. */
const ABSENT = 'não consta';
/** 563: this very range is void already; 573 and 631: this very event is registered. */
const SAME_RANGE = '563';
/** The document is cancelled already: perhaps by the transmission whose answer was lost. */
const ALREADY_CANCELLED: ReadonlySet<string> = new Set(['218', '420']);
/** The emitter has older EPECs without their notes. */
const EMITTER_BLOCKED = '142';
/** Numbers of the range are void: perhaps by the transmission whose answer was lost. */
const ALREADY_VOID = '256';

/**
 * The whole life of one evento or inutilização as a pure function (SEFAZ.md 4.4, 4.7, 4.8): given what is stored and what happened, what is
 * stored next and what the worker does. Nothing is ever signed again within a round, a transmission never starts while another attempt is
 * open, what SEFAZ said of an evento after a transmission in doubt is believed only once a consult agrees, and a state that is not final
 * always has a `nextAt`.
 */
export function decideRegistro(
  stored: RegistroLifecycle,
  fact: RegistroFact,
  now: Date,
  traits: RegistroTraits,
  protections: DecisionProtections = PROTECTED,
): RegistroDecision {
  const registro = unprotectedRegistro(stored, fact, protections);
  switch (fact.kind) {
    case 'due':
      return onDue(registro, now, traits);
    case 'refused':
      if (isFinal(registro.state) || openRegistroAttempt(registro)) return onDue(registro, now, traits);
      return refuse({ state: fact.as, faults: fact.faults });
    case 'resting': {
      if (isFinal(registro.state) || openRegistroAttempt(registro)) return onDue(registro, now, traits);
      const avisos = fact.aviso ? withAviso(registro, fact.aviso) : registro.avisos;
      return { change: { nextAt: fact.until, avisos }, action: { do: 'wait', until: fact.until } };
    }
    case 'signed': {
      const avisos = (fact.avisos ?? []).reduce((all, aviso) => withAviso({ avisos: all }, aviso), registro.avisos);
      return open({ ...registro, ...fact.content }, fact.attempt, now, { ...fact.content, avisos });
    }
    case 'opened':
      return open(registro, fact.attempt, now);
    case 'answered':
      return onAnswered(registro, fact, now, traits);
    case 'failed':
      return onFailed(registro, fact, now, traits);
    case 'applied':
      return registro.state === 'registered' && registro.nextAt ? { change: { nextAt: undefined }, action: NOTHING } : { action: NOTHING };
    default:
      return fact satisfies never;
  }
}

const NOTHING = { do: 'nothing' } as const;

function onDue(registro: RegistroLifecycle, now: Date, traits: RegistroTraits): RegistroDecision {
  if (registro.state === 'registered' && registro.nextAt) return { action: { do: 'apply' } };
  if (isFinal(registro.state)) return { action: NOTHING };
  const open = openRegistroAttempt(registro);
  if (open) {
    if (open.until > now) return { action: { do: 'wait', until: open.until } };
    // Whoever opened it is gone: nobody knows what reached SEFAZ.
    const attempts = closeAttempt(registro, open.n, now, { result: 'unknown', reason: 'worker lost' });
    return inDoubt(attempts, now, traits, 0);
  }
  if (registro.state === 'received') return { action: { do: 'prepare' } };
  if (registro.nextAt && registro.nextAt > now) return { action: { do: 'wait', until: registro.nextAt } };
  return { action: { do: registro.state === 'uncertain' && traits.canConsult ? 'consult' : 'send' } };
}

function open(registro: RegistroLifecycle, attempt: NewRegistroAttempt, now: Date, extra: RegistroChange = {}): RegistroDecision {
  if (openRegistroAttempt(registro)) throw new Error('an attempt is already open');
  const { digest } = registro;
  const opened: RegistroAttempt = {
    ...attempt,
    n: lastAttempt(registro) + 1,
    sentAt: now,
    result: 'open',
    ...(digest ? { digest } : {}),
  };
  const consult = attempt.kind === 'consult';
  // A repeat in doubt counts as a consult does.
  const counted = consult || registro.state === 'uncertain' ? { consultas: registro.consultas + 1 } : {};
  return {
    change: {
      ...extra,
      ...counted,
      state: consult ? 'uncertain' : 'signed',
      attempts: [...registro.attempts, opened],
      nextAt: attempt.until,
    },
    action: NOTHING,
  };
}

function onFailed(registro: RegistroLifecycle, fact: Failed, now: Date, traits: RegistroTraits): RegistroDecision {
  const attempt = attemptOf(registro, fact.n);
  if (!attempt) return { action: NOTHING };
  const attempts = closeAttempt(registro, fact.n, now, { result: fact.failure, reason: fact.reason, durationMs: fact.durationMs });
  if (isFinal(registro.state)) return { change: { attempts }, action: NOTHING };
  const atLeast = Math.max(fact.retryAfterMs ?? 0, fact.failure === 'permanent' ? PERMANENT_MS : 0);
  if (attempt.kind === 'consult' || fact.failure === 'unknown' || openElsewhere(registro, fact.n)) {
    return inDoubt(attempts, now, traits, Math.max(atLeast, doubtDelay(registro, traits)));
  }
  return toSend(attempts, now, Math.max(atLeast, notSentDelay(attempts)));
}

function onAnswered(registro: RegistroLifecycle, fact: Answered, now: Date, traits: RegistroTraits): RegistroDecision {
  const attempt = attemptOf(registro, fact.n);
  if (!attempt) return { action: NOTHING };
  const { retorno, durationMs } = fact;
  const attempts = closeAttempt(registro, fact.n, now, { result: 'answered', durationMs, ...told(retorno) });
  if (isFinal(registro.state)) return { change: { attempts }, action: NOTHING };
  const after = { ...registro, attempts };
  const again = (delay = doubtDelay(registro, traits)) => inDoubt(attempts, now, traits, delay);
  switch (retorno.kind) {
    case 'unreadable':
      return again();
    case 'found':
      return onFound(after, retorno, fact.adotado, now, traits);
    case 'absent':
      return onAbsent(after, attempt, now, traits);
    case 'service':
    case 'said':
      if (attempt.kind === 'consult') return again(retorno.class === 'throttled' ? THROTTLED_MS : undefined);
      return onRegisterAnswer(after, attempt, retorno, now, traits);
    default:
      return retorno satisfies never;
  }
}

function onRegisterAnswer(
  registro: RegistroLifecycle,
  attempt: RegistroAttempt,
  retorno: Exclude<RegistroRetorno, { kind: 'unreadable' | 'found' | 'absent' }>,
  now: Date,
  traits: RegistroTraits,
): RegistroDecision {
  const { attempts } = registro;
  const again = (extra: RegistroChange = {}) => inDoubt(attempts, now, traits, doubtDelay(registro, traits), extra);
  const said: Said = retorno.kind === 'said' ? retorno : { ...retorno, kind: 'said' };
  if (retorno.kind === 'said' && REGISTERED.has(retorno.class)) return registered(registro, said, now, traits);
  // A late answer to an earlier transmission says nothing about the later one that is still under way or unknown.
  const superseded = attempts.some(({ kind, n, result }) => kind === 'register' && n > attempt.n && result !== 'not-sent');
  if (superseded) return again();
  switch (retorno.class) {
    case 'duplicate':
      if (traits.canConsult) return again({ retorno: recordOf(said) });
      return traits.duplicado
        ? onOwnDuplicate(registro, attempt, said, now, traits)
        : onDuplicateRange(registro, attempt, said, now, traits);
    case 'rejected':
    case 'schema':
    case 'certificate':
    case 'not-found': {
      const others = { attempts: attempts.filter(({ n }) => n !== attempt.n) };
      const doubted = traits.canConsult && (mayBeRegistered(others) || ALREADY_CANCELLED.has(retorno.cStat));
      // The document may be refused to this evento because this very evento is registered: the refusal stands if a consult does not show it.
      if (doubted) return again({ retorno: recordOf(said) });
      // The same bytes are refused each time for what they say, but these refusals come and go, and nobody can be asked: for a person.
      const passing = retorno.class === 'certificate' || retorno.cStat === EMITTER_BLOCKED;
      const unclear = passing && traits.duplicado !== undefined && mayBeRegistered(others);
      return refuse({ state: unclear ? 'conflict' : 'rejected', attempts, retorno: recordOf(said) });
    }
    case 'throttled':
      return toSend(attempts, now, THROTTLED_MS);
    case 'unavailable':
    case 'svc':
      return toSend(attempts, now, pausedDelay(attempts));
    default:
      return again();
  }
}

/** A duplicate of what cannot be consulted: its own registration, whose answer was lost, or somebody else's under its number. */
function onOwnDuplicate(
  registro: RegistroLifecycle,
  attempt: RegistroAttempt,
  said: Said,
  now: Date,
  traits: RegistroTraits,
): RegistroDecision {
  const { attempts } = registro;
  const { cStat, xMotivo } = said;
  const others = { attempts: attempts.filter(({ n }) => n !== attempt.n) };
  const when = traits.duplicado?.[cStat];
  if (when !== 'sempre' && !(when && mayBeRegistered(others))) return refuse({ state: 'rejected', attempts, retorno: recordOf(said) });
  const [, nProt] = PROTOCOLO_NO_MOTIVO.exec(xMotivo) ?? [];
  // Its dhRegEvento is that of the refusal.
  return registered(registro, { kind: 'said', class: 'registered', cStat, xMotivo, ...(nProt ? { nProt } : {}) }, now, traits);
}

/** 573 names the protocolo of what is registered: `[nProt:891260000000012]`. */
const PROTOCOLO_NO_MOTIVO = /nProt\s*:\s*([0-9]{15}(?:[0-9]{2})?)\b/i;

/** Of an inutilização: 563 is its own registration or an equal one, either way the numbers are void as asked; the others refuse it. */
function onDuplicateRange(
  registro: RegistroLifecycle,
  attempt: RegistroAttempt,
  said: Said,
  now: Date,
  traits: RegistroTraits,
): RegistroDecision {
  const { attempts } = registro;
  const others = { attempts: attempts.filter(({ n }) => n !== attempt.n) };
  if (said.cStat === SAME_RANGE) {
    const first = !mayBeRegistered(others);
    const avisos = first ? withAviso(registro, { codigo: 'inutilizacao-ja-existente', mensagem: JA_EXISTENTE }) : registro.avisos;
    return registered({ ...registro, avisos }, { ...said, class: 'inutilizado' }, now, traits);
  }
  const unclear = said.cStat === ALREADY_VOID && mayBeRegistered(others);
  return refuse({ state: unclear ? 'conflict' : 'rejected', attempts, retorno: recordOf(said) });
}

function onFound(
  registro: RegistroLifecycle,
  found: Found,
  adotado: string | undefined,
  now: Date,
  traits: RegistroTraits,
): RegistroDecision {
  const { attempts } = registro;
  const { cStat, xMotivo, nProt, dhRegistro, digest, autor } = found;
  const said: Said = {
    kind: 'said',
    class: 'registered',
    cStat,
    xMotivo,
    ...(nProt ? { nProt } : {}),
    ...(dhRegistro ? { dhRegistro } : {}),
  };
  if (autor !== undefined && autor !== registro.autor) return refuse({ state: 'conflict', attempts, retorno: recordOf(said) });
  const other = digest !== undefined && digest !== registro.digest;
  const avisos = other ? withAviso(registro, { codigo: 'evento-de-outra-origem', mensagem: OUTRA_ORIGEM }) : registro.avisos;
  return registered({ ...registro, avisos }, said, now, traits, adotado ? { adotado } : {});
}

/** Not there: believed if it was asked long enough after the last transmission. Then a refusal stands, and without one the same bytes go again. */
function onAbsent(registro: RegistroLifecycle, consult: RegistroAttempt, now: Date, traits: RegistroTraits): RegistroDecision {
  const { attempts, retorno } = registro;
  const delay = consultDelay(registro.consultas);
  const last = attempts.findLast(({ kind }) => kind === 'register');
  const believedFrom = sentBy(last) + ABSENCE_BELIEVED_AFTER_MS;
  // Measured to the question, not to its answer: an answer that was long under way speaks of the past.
  if (consult.sentAt.getTime() < believedFrom) {
    return inDoubt(attempts, now, traits, Math.max(believedFrom - now.getTime(), delay));
  }
  if (!retorno) return toSend(attempts, now, 0);
  if (retorno.class !== 'duplicate') return refuse({ state: 'rejected', attempts, retorno });
  // SEFAZ calls it a duplicate and shows it to nobody.
  if (attempts.filter(({ reason }) => reason === ABSENT).length >= DUPLICATE_CONSULTS)
    return refuse({ state: 'conflict', attempts, retorno });
  return inDoubt(attempts, now, traits, delay);
}

const REGISTERED: ReadonlySet<CStatClass> = new Set(['registered', 'inutilizado']);

function registered(
  registro: RegistroLifecycle,
  said: Said,
  now: Date,
  { hasEffect }: RegistroTraits,
  extra: RegistroChange = {},
): RegistroDecision {
  const { attempts, avisos } = registro;
  return {
    change: {
      ...{ ...extra, state: 'registered', attempts, avisos, retorno: recordOf(said) },
      // Until what it changes elsewhere is stored there, whatever becomes of this worker.
      nextAt: hasEffect ? new Date(now.getTime() + UNATTENDED_MS) : undefined,
    },
    action: hasEffect ? { do: 'apply' } : NOTHING,
    event: 'registered',
  };
}

function refuse(change: RegistroChange): RegistroDecision {
  return { change: { ...change, nextAt: undefined }, action: NOTHING, event: 'rejected' };
}

/** The fate is unknown: an evento is asked for, an inutilização, which cannot be, is sent again as it is. */
function inDoubt(
  attempts: RegistroAttempt[],
  now: Date,
  { canConsult }: RegistroTraits,
  delay: number,
  extra: RegistroChange = {},
): RegistroDecision {
  const wanted = canConsult ? delay : Math.max(delay, ABSENCE_BELIEVED_AFTER_MS);
  const allowed = canConsult ? consultAllowedAt(attempts, now).getTime() : 0;
  const at = new Date(Math.max(now.getTime() + wanted, allowed));
  const other = attempts.find(({ result }) => result === 'open');
  const nextAt = other && other.until > at ? other.until : at;
  return {
    change: { ...extra, state: 'uncertain', attempts, nextAt },
    action: nextAt > now ? { do: 'wait', until: nextAt } : { do: 'consult' },
  };
}

function doubtDelay({ consultas }: RegistroLifecycle, { canConsult }: RegistroTraits): number {
  return consultDelay(canConsult ? consultas : consultas + 1);
}

function toSend(attempts: RegistroAttempt[], now: Date, delay: number): RegistroDecision {
  const nextAt = new Date(now.getTime() + delay);
  const action = delay > 0 ? { do: 'wait' as const, until: nextAt } : { do: 'send' as const };
  return { change: { state: 'signed', attempts, nextAt }, action };
}

function told(retorno: RegistroRetorno): Pick<RegistroAttempt, 'cStat' | 'xMotivo' | 'reason'> {
  if (retorno.kind === 'unreadable') return { reason: retorno.reason };
  return retorno.kind === 'absent' ? { reason: ABSENT } : { cStat: retorno.cStat, xMotivo: retorno.xMotivo };
}

function recordOf({ class: klass, cStat, xMotivo, nProt, dhRegistro, xml }: Said): NonNullable<RegistroLifecycle['retorno']> {
  return {
    ...{ class: klass, cStat, xMotivo },
    ...(nProt ? { nProt } : {}),
    ...(dhRegistro ? { dhRegistro } : {}),
    ...(xml ? { retorno: xml } : {}),
  };
}

function withAviso({ avisos }: Pick<RegistroLifecycle, 'avisos'>, aviso: Aviso): Aviso[] {
  return [...avisos.filter(({ codigo }) => codigo !== aviso.codigo), aviso];
}

const OUTRA_ORIGEM =
  'A SEFAZ já tinha este evento registrado com outro conteúdo, enviado por outro sistema: vale o conteúdo da SEFAZ, que está neste registro.';
const JA_EXISTENTE =
  'A SEFAZ já tinha esta faixa inutilizada, por outro sistema ou por pedido anterior: vale o protocolo que ela informou.';
