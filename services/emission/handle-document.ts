import { dead, done, type Handler, type Outcome } from '@malote/broker/consumer';
import { THROTTLED_MS } from '@malote/fiscal/emission/back-off';
import { decide } from '@malote/fiscal/emission/lifecycle';
import { type Attempt, type Decision, type Fact, isSettled, mayBeThere, openAttempt } from '@malote/fiscal/emission/lifecycle-state';
import type { DecisionProtections } from '@malote/fiscal/emission/protections';
import { type AnyEnvelope, type Envelope, envelope } from '@malote/messages/envelope';
import { hasSubscriber } from '@malote/messages/routes';
import type { Clock } from '@malote/runtime/clock';
import { asError } from '@malote/runtime/errors';
import type { Logger } from '@malote/runtime/logger';
import type { Documento } from '@malote/store/documento';
import { payloadOf } from '@malote/store/documentos';
import { isUnavailable } from '@malote/store/unavailable';
import { callSefaz, type Known, newAttempt, sendingFault, type TransmitDeps } from './call-sefaz.ts';
import { prepareCorrecao } from './corrigir.ts';
import { dizerChave, obterSubstituta, reservarSubstituta } from './criar-substituta.ts';
import { insteadOfEpec } from './instead-of-epec.ts';
import { marcarSubstituida } from './marcar-substituida.ts';
import { ondeEmite } from './plan-document.ts';
import { type PrepareDeps, type Prepared, prepareDocument } from './prepare-document.ts';
import { registrarEpec } from './registrar-epec.ts';
import { insteadOfSending, prepareOffline } from './sign-again.ts';

export interface DocumentDeps extends PrepareDeps, TransmitDeps {
  clock: Clock;
  publish: (message: AnyEnvelope) => Promise<unknown>;
  /** Tells callers who wait for the document to look at it now; neither waits nor throws. */
  nudge: (documentId: string) => void;
  protections: DecisionProtections;
}

/** One run over one document: what is stored, and the message that set it going. */
interface Run {
  documento: Documento;
  message: Envelope<'document.emit' | 'document.reconcile'>;
  log: Logger;
  known?: Known;
}

/**
 * Handles `document.emit` and `document.reconcile`: both mean "do what this document needs now", which the stored state alone decides, so
 * a repeated or late message is harmless. Runs until the document is settled or has to wait; waits are `nextAt`, never a held message.
 */
export function documentHandler(deps: DocumentDeps): Handler {
  return async (received, ctx): Promise<Outcome> => {
    const message = received as Envelope<'document.emit' | 'document.reconcile'>;
    const documento = await deps.store.documentos.findById(message.payload.documentId);
    if (!documento) return dead(`documento ${message.payload.documentId} does not exist`);
    const run: Run = { documento, message, log: ctx.log };
    try {
      const outcome = await work(run, deps);
      if (run.documento.substitui) await tellPrimeira(run, deps);
      return outcome;
    } catch (error) {
      if (isUnavailable(error)) throw error;
      await postpone(run, deps);
      const { message: reason, stack } = asError(error);
      return dead(reason, stack);
    }
  };
}

/** A fault of our own (a schema that is missing, a key that does not open) is for a person; the document tries again by itself meanwhile. */
const POSTPONED_MS = 15 * 60_000;

/** Without it the clockwork would send the document into the same fault every minute. Whoever is first with another change wins. */
async function postpone({ documento, message }: Run, { store, clock }: DocumentDeps): Promise<void> {
  if (openAttempt(documento) || isSettled(documento.state)) return;
  const nextAction = documento.state === 'uncertain' ? 'document.reconcile' : 'document.emit';
  await store.documentos.transition(
    documento,
    { nextAt: new Date(clock.now().getTime() + POSTPONED_MS), nextAction },
    { consumed: message.id },
  );
}

async function work(run: Run, deps: DocumentDeps): Promise<Outcome> {
  await issueSubstituta(run, deps);
  let action = await apply(run, { kind: 'due' }, deps);
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const calls = action.do === 'send' || action.do === 'consult';
    const until = calls ? await deps.store.consumo.restingUntil(who(run)) : undefined;
    if (until) action = await apply(run, { kind: 'resting', until }, deps);
    switch (action.do) {
      case 'nothing':
      case 'wait':
        return done;
      case 'prepare':
        action = await begin(run, deps);
        break;
      case 'send': {
        const other = await insteadOfSending(run.documento, deps);
        if (other) {
          action = other === 'offline' ? { do: 'prepare-offline' } : await emit(run, other, deps);
          break;
        }
        // What may already be there is consulted and sent again whenever there is a certificate; anything else is given back to its ERP.
        const fault = mayBeThere(run.documento) ? undefined : await sendingFault(run.documento, deps);
        action = fault
          ? await apply(run, { kind: 'refused', as: 'rejected', faults: [fault] }, deps)
          : await transmit(run, { kind: 'opened', attempt: newAttempt('authorize', run.documento, deps) }, deps);
        break;
      }
      case 'consult':
        if (await isSilent(run, deps)) {
          action = await apply(run, { kind: 'held', until: new Date(deps.clock.now().getTime() + SILENT_MS) }, deps);
          break;
        }
        action = await transmit(run, { kind: 'opened', attempt: newAttempt('consult', run.documento, deps) }, deps);
        break;
      case 'prepare-offline': {
        const prepared = await prepareOffline(run.documento, deps);
        action = prepared ? await emit(run, prepared, deps) : await apply(run, { kind: 'till-gone' }, deps);
        break;
      }
      case 'register-epec': {
        const other = await insteadOfEpec(run.documento, deps);
        if (other && 'ok' in other) action = await emit(run, other, deps);
        else action = await apply(run, other ?? (await registrarEpec(run.documento, deps)), deps);
        break;
      }
      case 'substitute':
        action = await apply(run, await reservarSubstituta(run.documento, { ...deps, log: run.log }), deps);
        await issueSubstituta(run, deps);
        break;
      default:
        action satisfies never;
    }
  }
  throw new Error(`no end after ${MAX_STEPS} steps: ${run.documento.state}`);
}

/** A consult is put off by so much while its authoriser is known to be away: soon enough after it is back. */
const SILENT_MS = 60_000;

/**
 * The normal authoriser is away, by its own last status answer: a consult would only be lost, and SEFAZ counts the consults of a key. A till's
 * deadline is kept all the same.
 */
async function isSilent({ documento }: Run, { modos }: DocumentDeps): Promise<boolean> {
  if (documento.autorizador !== documento.autorizadorNormal || documento.offlineApos) return false;
  const { situacao } = (await modos.vistos(ondeEmite(documento)))?.hub ?? {};
  return situacao !== undefined && situacao.mode.modo !== 'NORMAL' && situacao.evidence.status.normal?.answer !== '107';
}

/** A run takes a handful; one that goes round is a fault of ours, and the next message would go round as well. */
const MAX_STEPS = 50;

/**
 * Makes and issues the substitute that a note names and that has no key yet: in the run that reserved its number, since a till waits, or in the
 * first one after a crash. The substitute has its own message besides, so that a fault here is only its own.
 */
async function issueSubstituta(run: Run, deps: DocumentDeps): Promise<void> {
  for (let numbers = 0; numbers < MAX_NUMBERS; numbers++) {
    const { documento, log } = run;
    const { substituidaPor } = documento;
    if (!substituidaPor || substituidaPor.chave) return;
    const found = await obterSubstituta({ ...documento, substituidaPor }, deps);
    if (found === 'taken') {
      log.warn({ substituta: substituidaPor.documentoId }, 'a number of the série of contingência was taken');
      const other = await reservarSubstituta(documento, { ...deps, log });
      if (other.kind !== 'substituted') return;
      await apply(run, { ...other, recusada: substituidaPor.documentoId }, deps);
      continue;
    }
    if (found === 'unneeded') {
      const free = await deps.store.documentos.transition(documento, { substituidaPor: undefined, substituicao: undefined });
      run.documento = free ?? (await deps.store.documentos.findById(documento._id)) ?? documento;
      return;
    }
    const message = (found.message as Run['message'] | undefined) ?? run.message;
    const own: Run = { documento: found.documento, message, log: log.child({ doc: found.documento._id }) };
    try {
      await work(own, deps);
      await tellPrimeira(own, deps);
    } catch (error) {
      if (isUnavailable(error)) throw error;
      log.error({ err: error, substituta: found.documento._id }, 'the substitute was not issued at once');
    }
    run.documento = (await deps.store.documentos.findById(documento._id)) ?? documento;
    return;
  }
}

/** Whoever waits for the first note is answered with its substitute. */
async function tellPrimeira({ documento }: Run, { store, nudge }: DocumentDeps): Promise<void> {
  const primeira = await dizerChave(documento, store);
  if (primeira) nudge(primeira);
}

/** Of the reserved série that may turn out to be taken, one after the other. */
const MAX_NUMBERS = 5;

/** The first step of what was received. */
async function begin(run: Run, deps: DocumentDeps): Promise<Decision['action']> {
  const { documento } = run;
  // Handed over already: what came is its correction.
  if (documento.pendenteDesde) return emit(run, await prepareCorrecao(documento, deps), deps);
  const hindrance = await marcarSubstituida(documento, deps);
  return hindrance ? apply(run, hindrance, deps) : emit(run, await prepareDocument(documento, deps), deps);
}

/** Stores what was prepared, and transmits it when that is its way. */
async function emit(run: Run, prepared: Prepared, deps: DocumentDeps): Promise<Decision['action']> {
  if (!prepared.ok) return apply(run, prepared.fact, deps);
  const { as, content } = prepared;
  if (as !== 'signed') return apply(run, { kind: as, content }, deps);
  run.known = prepared;
  return transmit(run, { kind: 'signed', content, attempt: newAttempt('authorize', { ...run.documento, ...content }, deps) }, deps);
}

/** Stores the open attempt, and only then calls. Whoever loses the race for the attempt looks again at what the winner stored. */
async function transmit(run: Run, opening: Extract<Fact, { kind: 'signed' | 'opened' }>, deps: DocumentDeps): Promise<Decision['action']> {
  const decision = decide(run.documento, opening, deps.clock.now(), deps.protections);
  if (!(await save(run, decision, deps))) return apply(run, { kind: 'due' }, deps);
  const attempt = openAttempt(run.documento);
  // Its moment passed while it was being prepared: nothing is sent.
  if (!attempt) return decision.action;
  const fact = await callSefaz(run.documento, attempt, run.known, deps);
  logAttempt(run, attempt, fact);
  await countConsumo(run, attempt, fact, deps);
  return apply(run, fact, deps);
}

/** Whose calls SEFAZ counts, and where. */
function who({ documento }: Run): { cnpj: string; autorizador: string } {
  return { cnpj: documento.emitente, autorizador: documento.autorizador ?? documento.autorizadorNormal };
}

/** The consumption ledger: what SEFAZ limits, and the rest it asks for. An authorised note counts nothing and costs no write. */
async function countConsumo(run: Run, attempt: Attempt, fact: Fact, { store, clock }: DocumentDeps): Promise<void> {
  if (attempt.kind === 'consult') await store.consumo.count({ ...who(run), kind: 'consulta' });
  if (fact.kind !== 'answered' || fact.retorno.kind !== 'document') return;
  const { class: klass, cStat, xMotivo } = fact.retorno;
  if (klass === 'rejected' || klass === 'schema') await store.consumo.count({ ...who(run), kind: 'rejeicao' });
  if (klass === 'throttled') await store.consumo.rest(who(run), new Date(clock.now().getTime() + THROTTLED_MS), `${cStat} ${xMotivo}`);
}

/**
 * Decides on a fact and stores the result. When somebody else was first, what a call has brought still holds; anything else was concluded
 * from a document that is no longer there, perhaps from other content: it is looked at again.
 */
async function apply(run: Run, fact: Fact, deps: DocumentDeps): Promise<Decision['action']> {
  for (let current = fact; ; ) {
    const decision = decide(run.documento, current, deps.clock.now(), deps.protections);
    if (await save(run, decision, deps)) return decision.action;
    if (current.kind !== 'answered' && current.kind !== 'failed') current = { kind: 'due' };
  }
}

async function save(run: Run, decision: Decision, deps: DocumentDeps): Promise<boolean> {
  if (!decision.change) return true;
  const message = decision.event && eventOf(run, decision, deps);
  const change: Partial<Documento> = decision.change.conteudo ? { ...decision.change, entrada: undefined } : decision.change;
  const { documentos } = deps.store;
  const after = await documentos.transition(run.documento, change, { consumed: run.message.id, ...(message ? { message } : {}) });
  if (!after) {
    const current = await documentos.findById(run.documento._id);
    if (!current) throw new Error(`documento ${run.documento._id} vanished`);
    run.documento = current;
    return false;
  }
  run.documento = after;
  run.log = run.log.child({ chave: after.chave });
  if (isSettled(after.state) || after.state === 'issued' || after.acao) deps.nudge(after._id);
  if (decision.change.chave) await tellPrimeira(run, deps);
  if (message) await deps.publish(message);
  if (decision.event) run.log.info({ state: after.state, cStat: after.retorno?.cStat, nProt: after.retorno?.nProt }, decision.event);
  return true;
}

function eventOf(run: Run, decision: Decision, { clock }: DocumentDeps): AnyEnvelope | undefined {
  if (!decision.event) return undefined;
  const chave = decision.change?.chave ?? run.documento.chave;
  const cStat = decision.change?.retorno?.cStat;
  const message = envelope(
    decision.event,
    { ...payloadOf(run.documento), ...(chave ? { chave } : {}), ...(cStat ? { cStat } : {}) },
    {
      id: clock.uuid(),
      at: clock.now(),
      traceparent: run.documento.trace,
      correlationId: run.documento._id,
      causationId: run.message.id,
    },
  ) as AnyEnvelope;
  return hasSubscriber(message) ? message : undefined;
}

function logAttempt({ log }: Run, { n, kind, autorizador }: Attempt, fact: Fact): void {
  const about = { n, call: kind, autorizador };
  if (fact.kind === 'failed')
    log.warn({ ...about, failure: fact.failure, reason: fact.reason, durationMs: fact.durationMs }, 'sefaz call failed');
  if (fact.kind === 'answered') {
    const { retorno } = fact;
    const said = retorno.kind === 'unreadable' ? { unreadable: retorno.reason } : { cStat: retorno.cStat, xMotivo: retorno.xMotivo };
    log.info({ ...about, ...said, durationMs: fact.durationMs }, 'sefaz answered');
  }
}
