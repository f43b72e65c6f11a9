import { expiredFaults } from './deadline.ts';
import {
  type ContingenciaDoDocumento,
  type Decision,
  type Fact,
  isSettled,
  type Lifecycle,
  type LifecycleChange,
  mayBeThere,
  openAttempt,
  type SignedContent,
} from './lifecycle-state.ts';

const MINUTE = 60_000;
/** An issued note is woken by its turn (descarga); this often it is looked at in any case. */
const LOOK_AGAIN_MS = 60 * MINUTE;
/** An EPEC under way wakes its note when it is registered; this is the net. */
const EPEC_MS = 2 * MINUTE;

export type ContingencyFact = Extract<
  Fact,
  { kind: 'issued' | 'epec' | 'epec-registered' | 'epec-refused' | 'held' | 'transmit' | 'no-substitute' | 'corrected' | 'substituted' }
>;

/**
 * Facts of contingência. Undefined: the fact no longer fits what is stored (settled, under way, perhaps already at an authoriser), and what
 * is stored alone decides. MOC 7.0 Anexo III; Ajuste SINIEF 19/16 cl. 11.
 */
export function onContingency(document: Lifecycle, fact: ContingencyFact, now: Date): Decision | undefined {
  const { contingencia } = document;
  const untouched = !isSettled(document.state) && !openAttempt(document) && !mayBeThere(document);
  switch (fact.kind) {
    case 'issued':
      if (!untouched || document.state === 'issued') return undefined;
      return issue({ ...contentOf(fact.content) }, fact.content.contingencia, now);
    case 'epec':
      if (!untouched || document.state === 'issued') return undefined;
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
      return issue({}, { ...contingencia, epec: fact.epec }, now);
    case 'epec-refused': {
      if (!awaitsEpec(document)) return undefined;
      const { retorno, faults } = fact;
      return {
        change: { state: 'rejected', retorno, faults, nextAt: undefined, nextAction: undefined },
        action: { do: 'nothing' },
        event: 'document.rejected',
      };
    }
    case 'held':
      if (isSettled(document.state) || openAttempt(document)) return undefined;
      return { change: { nextAt: fact.until, nextAction: actionOf(document) }, action: { do: 'wait', until: fact.until } };
    case 'transmit':
      if (document.state !== 'issued' || !contingencia || openAttempt(document)) return undefined;
      return { change: { contingencia: { ...contingencia, vez: now }, nextAt: now, nextAction: 'document.emit' }, action: { do: 'send' } };
    case 'no-substitute':
      if (document.state !== 'uncertain' || document.substituidaPor) return undefined;
      return { change: { acao: 'reemitir-com-novo-numero', offlineApos: undefined }, action: { do: 'nothing' } };
    case 'corrected': {
      if (document.state !== 'received' || !document.pendenteDesde || !contingencia) return undefined;
      const change = { ...contentOf(fact.content), contingencia: { ...contingencia, ...fact.content.contingencia, vez: now } };
      return { change: { ...change, state: 'issued', nextAt: now, nextAction: 'document.emit' }, action: { do: 'send' } };
    }
    case 'substituted':
      if (document.state !== 'uncertain' || document.substituidaPor) return undefined;
      return {
        change: { substituidaPor: fact.por, substituicao: fact.substituicao, acao: undefined, offlineApos: undefined },
        action: { do: 'nothing' },
      };
    default:
      return fact satisfies never;
  }
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
 * gets a substitute with another one. Undefined while it can wait, or when nothing of the kind applies.
 */
export function onTillDeadline(document: Lifecycle, now: Date): Decision | undefined {
  const { state, offlineApos, substituidaPor } = document;
  if (!offlineApos || offlineApos > now || substituidaPor || openAttempt(document)) return undefined;
  if (state === 'signed' && !mayBeThere(document)) return { action: { do: 'prepare-offline' } };
  if (state === 'uncertain' || (state === 'signed' && mayBeThere(document))) return { action: { do: 'substitute' } };
  return undefined;
}

/** Nothing that waits for its till waits past its deadline. */
export function wakeForTill(document: Lifecycle, decision: Decision, now: Date): Decision {
  const after = { ...document, ...decision.change };
  const { offlineApos, nextAt, state } = after;
  if (!offlineApos || (state !== 'signed' && state !== 'uncertain') || openAttempt(after)) return decision;
  const late = onTillDeadline(after, now);
  if (late && (decision.action.do === 'wait' || decision.action.do === 'consult' || decision.action.do === 'send')) {
    return { ...decision, change: { ...decision.change, nextAt: now }, action: late.action };
  }
  if (!nextAt || nextAt <= offlineApos || !decision.change?.nextAt) return decision;
  const action = decision.action.do === 'wait' ? ({ do: 'wait', until: offlineApos } as const) : decision.action;
  return { ...decision, change: { ...decision.change, nextAt: offlineApos }, action };
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

/** A new content takes the place of one that was never transmitted, deadlines included. */
function contentOf({ contingencia, offlineApos, ...content }: SignedContent): LifecycleChange {
  return { ...content, contingencia, offlineApos };
}

function actionOf({ state }: Lifecycle): NonNullable<Lifecycle['nextAction']> {
  return state === 'uncertain' ? 'document.reconcile' : 'document.emit';
}
