import { autorizadorContingencia, autorizadorNormal } from '../model/autorizador.ts';
import { afterCalls, afterStatus, answersSince, countFailures, heardSince, isGood, isOurSide, pruned } from './evidence.ts';
import {
  type Action,
  AUTOMATIC_MODOS,
  type Decision,
  type Evidence,
  type Fact,
  MANUAL_MODOS,
  type Mode,
  type Modo,
  type ModoContingencia,
  type Settings,
  type Situacao,
  type StatusAnswer,
  type StatusTarget,
  type Why,
} from './situacao.ts';

/** Whether a mode can be used: `unknown` until a status call tells. */
type Usable = 'yes' | 'no' | 'unknown';

/** The modes that the order offers and that exist for model and UF (no SVC for 65 and 58; NFC-e EPEC only in SP). */
function alternatives({ modelo, uf, order }: Settings): ModoContingencia[] {
  return order.filter((modo) => {
    if (!AUTOMATIC_MODOS[modelo].includes(modo)) return false;
    if (modo === 'SVC') return autorizadorContingencia(modelo, uf) !== undefined;
    return modo !== 'EPEC' || modelo !== '65' || uf === 'SP';
  });
}

function isFresh(answer: StatusAnswer | undefined, now: number, { askEveryMs }: Settings): answer is StatusAnswer {
  return answer !== undefined && now - answer.at < askEveryMs;
}

/** The step to another mode and what it does to the back-off. */
function switched({ mode, evidence }: Situacao, modo: Modo, why: Why, now: Date, settings: Settings, byHand = false): Situacao {
  const { minStayMs, maxStayMs, calmMs } = settings;
  const next: Mode = { modo, since: now, why, version: mode.version + 1, byHand, stayMs: mode.stayMs };
  if (modo === 'NORMAL') {
    next.leftAt = now;
    // A stay cut short (the SVC ended it, or a person) is served out: no entry before.
    const until = why.reason === 'by-hand' ? now.getTime() + minStayMs : mode.since.getTime() + mode.stayMs;
    next.notBefore = new Date(Math.max(until, now.getTime()));
  } else {
    const again = mode.leftAt !== undefined && now.getTime() - mode.leftAt.getTime() < calmMs;
    if (mode.modo === 'NORMAL') next.stayMs = again ? Math.min(Math.max(mode.stayMs, minStayMs / 2) * 2, maxStayMs) : minStayMs;
    if (mode.leftAt) next.leftAt = mode.leftAt;
  }
  const { normal, ...status } = evidence.status;
  const kept = normal ? { ...status, normal: { ...normal, inARow: 0 } } : status;
  return { mode: next, evidence: { ...evidence, failed: [], status: kept } };
}

function whyOf(reason: Why['reason'], evidence: Evidence): Why {
  const { failures, documents } = countFailures(evidence);
  const { normal, svc, epec } = evidence.status;
  return {
    ...{ reason, failures, documents },
    ...(normal ? { normal: normal.answer } : {}),
    ...(svc ? { svc: svc.answer } : {}),
    ...(epec ? { epec: epec.answer } : {}),
  };
}

/** Whether the normal authoriser's own status answer, not older than the failures, says that it is away. */
function isAway(evidence: Evidence, since: number, settings: Settings): Usable {
  const { normal } = evidence.status;
  if (!normal || normal.at < since) return 'unknown';
  // It was silent, as all were while our own network was down, and answers calls by now: asked again.
  if (normal.answer === 'none' && answersSince(evidence, normal.at, settings)) return 'unknown';
  return normal.answer === '107' ? 'no' : 'yes';
}

function targetsOf(modo: ModoContingencia, { modelo }: Settings): StatusTarget[] {
  if (modo === 'SVC') return ['svc'];
  if (modo === 'EPEC' && modelo === '65') return ['normal', 'epec'];
  // The EPEC of a CT-e goes to the SVC, whose EPEC service is open without activation.
  return modo === 'EPEC' && modelo === '57' ? ['normal', 'svc'] : ['normal'];
}

/** Whether the mode may be entered now: what confirms the outage and that the mode works, by one or two status answers. */
function usable(modo: ModoContingencia, evidence: Evidence, since: number, now: number, settings: Settings): Usable {
  const { svc, epec, normal } = evidence.status;
  const ourSide = isOurSide(evidence, now, settings);
  if (modo === 'SVC') {
    if (!isFresh(svc, now, settings)) return 'unknown';
    if (!isGood('svc', svc.answer, settings)) return 'no';
    // An SVC that answered before the failures says nothing of today's outage.
    return svc.at < since || ourSide ? 'unknown' : 'yes';
  }
  const away = isAway(evidence, since, settings);
  if (away !== 'yes' || modo === 'OFFLINE') return away;
  if (ourSide) return 'unknown';
  if (settings.modelo === '65') return isFresh(epec, now, settings) ? (isGood('epec', epec.answer, settings) ? 'yes' : 'no') : 'unknown';
  if (settings.modelo === '57') return isFresh(svc, now, settings) ? (svc.answer === 'none' ? 'no' : 'yes') : 'unknown';
  // EPEC needs the network: silence of everybody is our own until one answers. A status call that hangs ends after its neighbours.
  return normal && heardSince(evidence, Math.max(since, normal.at - settings.ourSideMs)) ? 'yes' : 'unknown';
}

/** The first mode that works, as long as all before it are known not to; what is still to be asked. */
function choose(modos: readonly ModoContingencia[], evidence: Evidence, since: number, now: number, settings: Settings) {
  const ask = new Set<StatusTarget>();
  for (const modo of modos) {
    for (const target of targetsOf(modo, settings)) ask.add(target);
    const answer = usable(modo, evidence, since, now, settings);
    if (answer === 'yes') return { modo, ask };
    if (answer === 'unknown') {
      // What comes next in the order will need the normal authoriser's answer: asked at the same time, so that a switch is not late.
      ask.add('normal');
      return { ask };
    }
  }
  return { ask: ask.add('normal') };
}

function fromNormal(situacao: Situacao, now: Date, settings: Settings): { situacao: Situacao; ask: Set<StatusTarget> } {
  const { mode, evidence } = situacao;
  const none = { situacao, ask: new Set<StatusTarget>() };
  const { failures, documents, first } = countFailures(evidence);
  if (!settings.automatic || failures < settings.failures || documents < settings.documents) return none;
  if (mode.notBefore && now < mode.notBefore) return none;
  const modos = alternatives(settings);
  if (modos.length === 0) return none;
  const { modo, ask } = choose(modos, evidence, first, now.getTime(), settings);
  if (modo) return { situacao: switched(situacao, modo, whyOf('outage', evidence), now, settings), ask };
  const last = evidence.failed.at(-1)?.at ?? 0;
  const refuted = evidence.status.normal?.answer === '107' && evidence.status.normal.at >= last;
  // Up again after the last failure: the failures before count no more. While the order begins with an SVC its answer is waited for.
  const waits = modos[0] === 'SVC' && !isFresh(evidence.status.svc, now.getTime(), settings);
  return refuted && !waits ? { situacao: { mode, evidence: { ...evidence, failed: [] } }, ask: new Set() } : { situacao, ask };
}

/** Why the SVC in use is at its end, by an answer given since it was entered. */
function svcEnd({ mode, evidence }: Situacao, now: number, settings: Settings): Why['reason'] | undefined {
  const { svc } = evidence.status;
  if (mode.modo !== 'SVC' || !svc || svc.at < mode.since.getTime() || isGood('svc', svc.answer, settings)) return undefined;
  if (svc.answer === '113' || svc.answer === '114') return 'svc-ended';
  return svc.inARow >= settings.svcLostAnswers && !isOurSide(evidence, now, settings) ? 'svc-lost' : undefined;
}

/** Whether the order has the SVC before the mode in force: it may have been activated since. */
function svcGoesBefore(modo: Modo, settings: Settings): boolean {
  const order = alternatives(settings);
  const svc = order.indexOf('SVC');
  return svc >= 0 && modo !== 'NORMAL' && modo !== 'SVC' && svc < order.indexOf(modo);
}

/** Good twice in a row since the mode was entered, and the mode not left sooner than any other. */
function svcCameOn({ mode, evidence }: Situacao, now: number, settings: Settings): boolean {
  const { svc } = evidence.status;
  const since = mode.since.getTime();
  if (!isFresh(svc, now, settings) || svc.at <= since || !isGood('svc', svc.answer, settings)) return false;
  return svc.inARow >= 2 && now - since >= settings.minStayMs;
}

function fromContingency(situacao: Situacao, now: Date, settings: Settings): { situacao: Situacao; ask: Set<StatusTarget> } {
  const { mode, evidence } = situacao;
  const { normal } = evidence.status;
  const better = svcGoesBefore(mode.modo, settings);
  const ask = new Set<StatusTarget>(mode.modo === 'SVC' || better ? ['normal', 'svc'] : ['normal']);
  const since = mode.since.getTime();
  const good = normal?.answer === '107' && normal.at > since ? normal.inARow : 0;
  if (good >= settings.returnAnswers && now.getTime() - since >= mode.stayMs) {
    return { situacao: switched(situacao, 'NORMAL', whyOf('normal-back', evidence), now, settings), ask: new Set() };
  }
  if (better && svcCameOn(situacao, now.getTime(), settings)) {
    return { situacao: switched(situacao, 'SVC', whyOf('svc-active', evidence), now, settings), ask };
  }
  const reason = svcEnd(situacao, now.getTime(), settings);
  if (!reason) return { situacao, ask };
  const why = whyOf(reason, evidence);
  if (good > 0 && isFresh(normal, now.getTime(), settings)) {
    return { situacao: switched(situacao, 'NORMAL', why, now, settings), ask: new Set() };
  }
  const order = alternatives(settings);
  const rest = order.slice(order.indexOf('SVC') + 1);
  // Only an answer of now tells that the normal authoriser is still away.
  const recent = Math.max(since, now.getTime() - settings.askEveryMs + 1);
  const next = choose(rest, evidence, recent, now.getTime(), settings);
  return { situacao: next.modo ? switched(situacao, next.modo, why, now, settings) : situacao, ask: new Set([...ask, ...next.ask]) };
}

function ordered(situacao: Situacao, modo: Modo, now: Date, settings: Settings): Decision {
  const from = situacao.mode.modo;
  const { modelo, uf } = settings;
  const exists = modo === 'NORMAL' || (MANUAL_MODOS[modelo].includes(modo) && !(modo === 'EPEC' && modelo === '65' && uf !== 'SP'));
  if (!exists || (modo === 'SVC' && !autorizadorContingencia(modelo, uf))) return { situacao, actions: [{ do: 'refuse', modo }] };
  if (modo === from && (modo === 'NORMAL' || situacao.mode.byHand)) return { situacao, actions: [] };
  const next = switched(situacao, modo, whyOf('by-hand', situacao.evidence), now, settings, modo !== 'NORMAL');
  return { situacao: next, actions: stepActions(from, modo) };
}

function stepActions(from: Modo, to: Modo): Action[] {
  if (from === to) return [];
  if (to !== 'NORMAL') return [{ do: 'enter', modo: to, from }];
  return from === 'NORMAL' ? [] : [{ do: 'leave', from }];
}

function isOurCircuit(fact: Fact, { modelo, uf, ambiente, automatic }: Settings): boolean {
  if (fact.kind !== 'circuit-open' || !automatic) return false;
  return fact.autorizador === autorizadorNormal(modelo, uf) && fact.ambiente === ambiente;
}

function recorded({ mode, evidence }: Situacao, fact: Fact, now: number, settings: Settings): Situacao {
  const { kind } = fact;
  if (kind === 'observed') return { mode, evidence: pruned(afterCalls(evidence, fact.calls, fact.at.getTime(), settings), now, settings) };
  const recent = pruned(evidence, now, settings);
  if (kind === 'status') return { mode, evidence: afterStatus(recent, fact.target, fact.answer, fact.at.getTime(), settings) };
  return { mode, evidence: recent };
}

/**
 * The mode of one (modelo, UF, ambiente) after one fact, and what is to be done about it. Entered by a threshold of transport failures and
 * 108/109 on normal emission, confirmed by status calls (SVC: its own 107, CT-e also 113; the others: the normal authoriser silent or
 * paused); left by consecutive good status answers after a minimum stay that doubles with each relapse, or when the SVC ends; an EPEC gives way
 * to an SVC that came on later. Asking is a
 * wish: the caller keeps status calls apart. MOC 7.0 Anexo III 2.1.3.4; NT 2013.007; MOC CT-e 4.00 §11.3.3.
 */
export function decide(situacao: Situacao, fact: Fact, now: Date, settings: Settings): Decision {
  const known = recorded(situacao, fact, now.getTime(), settings);
  if (fact.kind === 'order') return ordered(known, fact.modo, now, settings);
  const ourSide = isOurSide(known.evidence, now.getTime(), settings);
  const actions: Action[] = ourSide === known.evidence.ourSide ? [] : [{ do: 'alarm', alarm: 'our-side', on: ourSide }];
  const aware: Situacao = { mode: known.mode, evidence: { ...known.evidence, ourSide } };
  const { modo, byHand } = aware.mode;
  if (byHand) return { situacao: aware, actions };
  const step = modo === 'NORMAL' ? fromNormal(aware, now, settings) : fromContingency(aware, now, settings);
  const { ask } = step;
  // A circuit that opens asks early, so that the confirmation is there when the threshold is reached.
  if (modo === 'NORMAL' && isOurCircuit(fact, settings) && alternatives(settings).length > 0) ask.add('normal');
  actions.push(...stepActions(modo, step.situacao.mode.modo));
  for (const target of ask) {
    if (!isFresh(step.situacao.evidence.status[target], now.getTime(), settings)) actions.push({ do: 'ask', target });
  }
  return { situacao: step.situacao, actions };
}
