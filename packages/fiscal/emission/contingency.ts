import type { Fault } from '../fault.ts';
import { consultDelay, notSynchronisedDelay } from './back-off.ts';
import { expiredFaults } from './deadline.ts';
import {
  type Aviso,
  type ContingenciaDoDocumento,
  type Decision,
  type Fact,
  isSettled,
  type Lifecycle,
  type LifecycleChange,
  mayBeThere,
  maySignAgain,
  openAttempt,
  type SignedContent,
} from './lifecycle-state.ts';
import { backToConsult, nextActionOf, wake } from './lifecycle-steps.ts';

const MINUTE = 60_000;
/** An issued note is woken by its turn (descarga); this often it is looked at in any case. */
const LOOK_AGAIN_MS = 60 * MINUTE;
/** An EPEC under way wakes its note when it is registered; this is the net. */
const EPEC_MS = 2 * MINUTE;
/** So long after its answer was due a customer is taken to be still there; later a substitute would only be another sale. */
const STILL_AT_THE_TILL_MS = MINUTE;

export type ContingencyFact = Extract<
  Fact,
  {
    kind:
      | 'issued'
      | 'epec'
      | 'epec-registered'
      | 'epec-refused'
      | 'epec-withdrawal'
      | 'held'
      | 'transmit'
      | 'no-substitute'
      | 'till-gone'
      | 'corrected'
      | 'substituted';
  }
>;

/**
 * Facts of contingência. Undefined: the fact no longer fits what is stored (settled, under way, perhaps already at an authoriser), and what
 * is stored alone decides. MOC 7.0 Anexo III; Ajuste SINIEF 19/16 cl. 11.
 */
export function onContingency(document: Lifecycle, fact: ContingencyFact, now: Date): Decision | undefined {
  const { contingencia } = document;
  switch (fact.kind) {
    case 'issued':
      return maySignAgain(document) ? issue(contentOf(fact.content), fact.content.contingencia, now) : undefined;
    case 'epec':
      if (!maySignAgain(document)) return undefined;
      return {
        change: {
          ...contentOf(fact.content),
          ...(fact.content.contingencia ? { contingencia: { ...fact.content.contingencia, epecDesde: now } } : {}),
          ...{ state: 'signed', nextAt: new Date(now.getTime() + EPEC_MS), nextAction: 'document.emit' },
        },
        action: { do: 'register-epec' },
      };
    case 'epec-registered':
      if (!awaitsEpec(document) || !contingencia) return undefined;
      return issue({}, { ...withoutWithdrawal(contingencia), epec: fact.epec }, now);
    case 'epec-withdrawal':
      if (!awaitsEpec(document) || !contingencia) return undefined;
      return {
        change: {
          contingencia: { ...withoutWithdrawal(contingencia), ...(fact.begun ? { epecRetirado: now } : {}) },
          ...wake(now, 'document.emit'),
        },
        action: { do: 'register-epec' },
      };
    case 'epec-refused': {
      if (!awaitsEpec(document)) return undefined;
      const { retorno } = fact;
      const faults = retorno.cStat === EPEC_BLOQUEADO ? [...fact.faults, BLOQUEADO] : fact.faults;
      return {
        change: { state: 'rejected', retorno, faults, nextAt: undefined, nextAction: undefined },
        action: { do: 'nothing' },
        event: 'document.rejected',
      };
    }
    case 'held':
      if (isSettled(document.state) || openAttempt(document)) return undefined;
      return { change: { nextAt: fact.until, nextAction: nextActionOf(document) }, action: { do: 'wait', until: fact.until } };
    case 'transmit':
      if (document.state !== 'issued' || !contingencia || openAttempt(document)) return undefined;
      return { change: { contingencia: { ...contingencia, vez: now }, nextAt: now, nextAction: 'document.emit' }, action: { do: 'send' } };
    case 'no-substitute':
      if (!awaitsSubstitute(document)) return undefined;
      return { change: { acao: 'reemitir-com-novo-numero', offlineApos: undefined }, action: { do: 'nothing' } };
    case 'till-gone':
      if (document.state !== 'signed' || openAttempt(document) || !document.offlineApos) return undefined;
      return { change: { offlineApos: undefined, nextAt: now, nextAction: 'document.emit' }, action: { do: 'send' } };
    case 'corrected': {
      const { content } = fact;
      if (document.state !== 'received' || !document.pendenteDesde || !contingencia) return undefined;
      if (document.chave !== content.chave) throw new Error('a correction keeps the chave of the note as issued');
      const change = { ...contentOf(content), contingencia: { ...contingencia, ...content.contingencia, vez: now } };
      return { change: { ...change, state: 'issued', nextAt: now, nextAction: 'document.emit' }, action: { do: 'send' } };
    }
    case 'substituted':
      return onSubstituted(document, fact, now);
    default:
      return fact satisfies never;
  }
}

/** Told again it only brings the key; the place of a substitute that was never issued may be taken by another. */
function onSubstituted(document: Lifecycle, fact: Extract<Fact, { kind: 'substituted' }>, now: Date): Decision | undefined {
  const { substituidaPor } = document;
  const { por, substituicao, recusada } = fact;
  if (substituidaPor?.documentoId === por.documentoId) {
    const known = !por.chave || substituidaPor.chave === por.chave;
    return known ? { action: { do: 'nothing' } } : { change: { substituidaPor: por }, action: { do: 'nothing' } };
  }
  if (substituidaPor && substituidaPor.documentoId !== recusada) return undefined;
  if (!awaitsSubstitute({ ...document, substituidaPor: undefined })) return undefined;
  // Never resent from here on, also when a consult had already found it absent.
  const { change } = backToConsult(document.attempts, now, consultDelay(document.consultas));
  return {
    change: { ...change, substituidaPor: por, substituicao, acao: undefined, offlineApos: undefined },
    action: { do: 'nothing' },
  };
}

/** Of unknown fate and no transmission under way: only then may another note take its place. */
function awaitsSubstitute(document: Pick<Lifecycle, 'state' | 'attempts' | 'pendenteDesde'> & { substituidaPor?: unknown }): boolean {
  const { state, substituidaPor, pendenteDesde } = document;
  if (substituidaPor || pendenteDesde || openAttempt(document)?.kind === 'authorize') return false;
  return state === 'uncertain' || (state === 'signed' && mayBeThere(document));
}

function withoutWithdrawal({ epecRetirado: _, ...contingencia }: ContingenciaDoDocumento): ContingenciaDoDocumento {
  return contingencia;
}

/** A signed note whose EPEC has to be registered before it may be handed over. */
export function awaitsEpec({ state, contingencia }: Lifecycle): boolean {
  return state === 'signed' && contingencia?.modo === 'EPEC' && contingencia.emitidaEm === undefined;
}

/** What an issued note does when it is woken: its turn, or nothing yet. */
export function onIssuedDue({ contingencia, nextAt }: Lifecycle, now: Date): Decision {
  if (nextAt && nextAt > now) return { action: { do: 'wait', until: nextAt } };
  if (contingencia?.vez) return { action: { do: 'send' } };
  const until = new Date(now.getTime() + LOOK_AGAIN_MS);
  return { change: { nextAt: until, nextAction: 'document.emit' }, action: { do: 'wait', until } };
}

/**
 * The till cannot wait any longer: what was never transmitted goes off line with its own number (MOC 7.0 Anexo IV), what may have arrived
 * gets a substitute with another one, if a caller still waits for it; otherwise it is only recovered. Undefined while it can wait, or when
 * nothing of the kind applies.
 */
export function onTillDeadline(document: Lifecycle, now: Date): Decision | undefined {
  const { offlineApos, responderAte } = document;
  if (!offlineApos || offlineApos > now || openAttempt(document)) return undefined;
  if (document.state === 'signed' && maySignAgain(document)) return { action: { do: 'prepare-offline' } };
  const waitedFor = responderAte !== undefined && now.getTime() - responderAte.getTime() <= STILL_AT_THE_TILL_MS;
  return waitedFor && awaitsSubstitute(document) ? { action: { do: 'substitute' } } : undefined;
}

/** Nothing that waits for its till waits past its deadline; nothing else is woken for it. */
export function wakeForTill(document: Lifecycle, decision: Decision, now: Date): Decision {
  const { change, action } = decision;
  const after = { ...document, ...change };
  const { offlineApos, nextAt } = after;
  if (!offlineApos) return decision;
  const late = onTillDeadline(after, now);
  if (late) {
    const goesOn = action.do === 'wait' || action.do === 'consult' || action.do === 'send';
    return goesOn ? { ...decision, change: { ...change, nextAt: now }, action: late.action } : decision;
  }
  if (offlineApos <= now || !change?.nextAt || !nextAt || nextAt <= offlineApos) return decision;
  if (!onTillDeadline(after, offlineApos)) return decision;
  const until = { do: 'wait', until: offlineApos } as const;
  return { ...decision, change: { ...change, nextAt: offlineApos }, action: action.do === 'wait' ? until : action };
}

/** Past its moment in normal emission and never prepared: whether it may go off line is the policy's to say, so it is prepared all the same. */
export function expired(document: Lifecycle): Extract<Fact, { kind: 'refused' }> {
  return { kind: 'refused', as: 'rejected', faults: expiredFaults(document) };
}

function issue(change: LifecycleChange, contingencia: ContingenciaDoDocumento | undefined, now: Date): Decision {
  if (!contingencia) throw new Error('a note is issued in contingência only');
  const nextAt = new Date(now.getTime() + LOOK_AGAIN_MS);
  return {
    change: {
      ...change,
      state: 'issued',
      contingencia: { ...contingencia, emitidaEm: now },
      pendenteDesde: now,
      enviarAte: undefined,
      offlineApos: undefined,
      nextAt,
      nextAction: 'document.emit',
    },
    action: { do: 'nothing' },
    event: 'document.issued',
  };
}

/** A new content takes the place of one that was never transmitted, deadlines included: B09-20 is of tpEmis 1 alone. */
export function contentOf({ contingencia, offlineApos, ...content }: SignedContent): LifecycleChange {
  return { ...content, contingencia, offlineApos, ...(content.tpEmis === '1' ? {} : { enviarAte: undefined }) };
}

/**
 * What the authoriser answers about the EPEC of a note that it does not know yet. After so many equal answers a person has to look; well
 * under what counts as abusive use (NT 2018.002).
 */
const SEM_EPEC = '468';
const SEM_EPEC_MAX = 20;
const EPEC_BLOQUEADO = '142';

/**
 * 468 of a note whose EPEC is registered: right after a recovery it is not synchronised yet, so the same bytes are sent again, ever more
 * slowly and once more shortly before the deadline. Undefined: a plain rejection.
 */
export function notSynchronised(document: Lifecycle, { cStat }: { cStat: string }, now: Date): { delay: number; aviso: Aviso } | undefined {
  const { attempts, contingencia } = document;
  if (cStat !== SEM_EPEC || !contingencia?.epec) return undefined;
  const answers = attempts.filter((attempt) => attempt.kind === 'authorize' && attempt.cStat === SEM_EPEC).length;
  if (answers >= SEM_EPEC_MAX) return undefined;
  const delay = notSynchronisedDelay(answers);
  const left = (contingencia.prazoAte?.getTime() ?? Number.POSITIVE_INFINITY) - MINUTE - now.getTime();
  return { delay: left > 0 ? Math.min(delay, left) : delay, aviso: EPEC_NAO_SINCRONIZADO };
}

const EPEC_NAO_SINCRONIZADO: Aviso = {
  codigo: 'epec-nao-sincronizado',
  mensagem:
    'A SEFAZ ainda não conhece o EPEC registrado desta nota (468), o que é comum logo depois de uma parada: o hub transmite de novo sozinho, ' +
    'com a mesma chave, até a autorização.',
};

const BLOQUEADO: Fault = {
  code: 'epec-bloqueado',
  path: 'ide/tpEmis',
  message:
    'O ambiente EPEC está bloqueado para este emitente (142): a nota de um EPEC anterior não foi transmitida em 168 horas. Transmita ou corrija ' +
    'as notas pendentes (lista de pendentes da contingência); até lá use outra contingência. Esta nota não foi emitida e o número está livre.',
  norm: 'MOC 7.0 Anexo III, EPEC; rejeição 142',
};
