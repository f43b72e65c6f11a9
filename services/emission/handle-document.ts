import { dead, done, type Handler, type Outcome } from '@malote/broker/consumer';
import { decide } from '@malote/fiscal/emission/lifecycle';
import { type Attempt, type Decision, type Fact, mayBeThere } from '@malote/fiscal/emission/lifecycle-state';
import type { DecisionProtections } from '@malote/fiscal/emission/protections';
import { type AnyEnvelope, type Envelope, envelope } from '@malote/messages/envelope';
import { hasSubscriber } from '@malote/messages/routes';
import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { Documento } from '@malote/store/documento';
import { payloadOf } from '@malote/store/documentos';
import { callSefaz, type Known, newAttempt, sendingFault, type TransmitDeps } from './call-sefaz.ts';
import { type PrepareDeps, prepareDocument } from './prepare-document.ts';

export interface DocumentDeps extends PrepareDeps, TransmitDeps {
  clock: Clock;
  publish: (message: AnyEnvelope) => Promise<unknown>;
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
    return work({ documento, message, log: ctx.log }, deps);
  };
}

async function work(run: Run, deps: DocumentDeps): Promise<Outcome> {
  let action = await apply(run, { kind: 'due' }, deps);
  for (;;) {
    switch (action.do) {
      case 'nothing':
      case 'wait':
        return done;
      case 'prepare': {
        const prepared = await prepareDocument(run.documento, deps);
        if (!prepared.ok) {
          action = await apply(run, prepared.fact, deps);
          break;
        }
        run.known = prepared;
        const attempt = newAttempt('authorize', { ...run.documento, ...prepared.content }, deps);
        action = await transmit(run, { kind: 'signed', content: prepared.content, attempt }, deps);
        break;
      }
      case 'send': {
        // What may already be there is consulted and sent again whenever there is a certificate; anything else is given back to its ERP.
        const fault = mayBeThere(run.documento) ? undefined : await sendingFault(run.documento, deps);
        action = fault
          ? await apply(run, { kind: 'refused', as: 'rejected', faults: [fault] }, deps)
          : await transmit(run, { kind: 'opened', attempt: newAttempt('authorize', run.documento, deps) }, deps);
        break;
      }
      case 'consult':
        action = await transmit(run, { kind: 'opened', attempt: newAttempt('consult', run.documento, deps) }, deps);
        break;
      default:
        action satisfies never;
    }
  }
}

/** Stores the open attempt, and only then calls. Whoever loses the race for the attempt looks again at what the winner stored. */
async function transmit(run: Run, opening: Extract<Fact, { kind: 'signed' | 'opened' }>, deps: DocumentDeps): Promise<Decision['action']> {
  const stored = await save(run, decide(run.documento, opening, deps.clock.now(), deps.protections), deps);
  if (!stored) return apply(run, { kind: 'due' }, deps);
  const attempt = run.documento.attempts.at(-1) as Attempt;
  const fact = await callSefaz(run.documento, attempt, run.known, deps);
  logAttempt(run, attempt, fact);
  return apply(run, fact, deps);
}

/** Decides on a fact and stores the result, again on what is stored by then when somebody else was first. */
async function apply(run: Run, fact: Fact, deps: DocumentDeps): Promise<Decision['action']> {
  for (;;) {
    const decision = decide(run.documento, fact, deps.clock.now(), deps.protections);
    if (await save(run, decision, deps)) return decision.action;
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
