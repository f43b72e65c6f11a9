import { dead, done, type Outcome } from '@malote/broker/consumer';
import { THROTTLED_MS } from '@malote/fiscal/emission/back-off';
import type { Aviso } from '@malote/fiscal/emission/lifecycle-state';
import type { DecisionProtections } from '@malote/fiscal/emission/protections';
import type { Fault } from '@malote/fiscal/fault';
import type { Autorizador } from '@malote/fiscal/model/autorizador';
import { decideRegistro } from '@malote/fiscal/registro/lifecycle';
import {
  isFinal,
  mayBeRegistered,
  type NewRegistroAttempt,
  openRegistroAttempt,
  type RegistroAction,
  type RegistroAttempt,
  type RegistroDecision,
  type RegistroFact,
  type RegistroTraits,
  type SignedRegistro,
} from '@malote/fiscal/registro/registro-state';
import type { AnyEnvelope } from '@malote/messages/envelope';
import { hasSubscriber } from '@malote/messages/routes';
import { asError } from '@malote/runtime/errors';
import type { Logger } from '@malote/runtime/logger';
import type { Registro, Registros } from '@malote/store/registro';
import { isUnavailable } from '@malote/store/unavailable';
import { attemptUntil, sendingFault, type TransmitDeps } from './call-sefaz.ts';
import type { SigningCredential } from './credentials.ts';

export interface RegistroDeps extends TransmitDeps {
  publish: (message: AnyEnvelope) => Promise<unknown>;
  /** Tells callers who wait for this id to look at it now; neither waits nor throws. */
  nudge: (id: string) => void;
  protections: DecisionProtections;
}

/** What the preparation just made, so that the first transmission need not read it back; good only while the registro refers to `conteudo`. */
export interface KnownRegistro {
  conteudo: string;
  credential: SigningCredential;
  signedXml: string;
}

export type PreparedRegistro<T> =
  | ({
      ok: true;
      content: SignedRegistro;
      avisos: Aviso[] /** fixed at signing, besides the content */;
      fields?: Partial<T>;
    } & KnownRegistro)
  | { ok: false; fact: Extract<RegistroFact, { kind: 'refused' | 'resting' }> };

export type CallFact = Extract<RegistroFact, { kind: 'answered' | 'failed' }>;

/** What differs between the kinds of registro. */
export interface RegistroWork<T extends Registro> {
  registros: Registros<T>;
  traitsOf(registro: T): RegistroTraits;
  /** Why what was never sent is not to be sent any more; read after the registro, so that whoever changes its mind first writes it elsewhere. */
  hindrance?(registro: T): Promise<Fault | undefined>;
  /** Completes, signs, validates and stores the signed bytes; throws only when a server does not answer. */
  prepare(registro: T): Promise<PreparedRegistro<T>>;
  /** Who gets the call. A consult goes to the authoriser that holds the document. */
  target(registro: T, kind: RegistroAttempt['kind']): Promise<{ autorizador: Autorizador; service: string }>;
  /** Makes the call of a stored open attempt; never throws for anything that happened on the way to SEFAZ. */
  call(registro: T, attempt: RegistroAttempt, known: KnownRegistro | undefined): Promise<CallFact>;
  /** The first moment at which one more consult keeps the limit per key and hour. */
  consultAllowedAt?(registro: T): Promise<Date>;
  /** Stores what the registration changes elsewhere; may run twice. */
  applyEffect?(registro: T, cause: { id: string; log: Logger }): Promise<void>;
  /** The message of its end. */
  eventOf(registro: T, event: NonNullable<RegistroDecision['event']>, cause: { id: string }): AnyEnvelope;
  /** Called once its end is stored and applied; lost when the process dies then. */
  onRest(registro: T, cause: { id: string; log: Logger }): void | Promise<void>;
}

/** One run over one registro: what is stored, and the message that set it going. */
interface Run<T extends Registro> {
  registro: T;
  message: { id: string };
  log: Logger;
  work: RegistroWork<T>;
  deps: RegistroDeps;
  known?: KnownRegistro;
}

/** A fault of our own is for a person; the registro tries again by itself meanwhile. */
const POSTPONED_MS = 15 * 60_000;

/**
 * Does what the registro needs now, which its stored state alone decides, so a repeated or late message is harmless. Runs until it is final
 * and its effect applied, or has to wait; waits are `nextAt`, never a held message.
 */
export async function handleRegistro<T extends Registro>(
  id: string,
  { message, log }: { message: { id: string }; log: Logger },
  work: RegistroWork<T>,
  deps: RegistroDeps,
): Promise<Outcome> {
  const registro = await work.registros.findById(id);
  if (!registro) return dead(`registro ${id} does not exist`);
  const run: Run<T> = { registro, message, log: log.child({ registro: id }), work, deps };
  try {
    return await loop(run);
  } catch (error) {
    if (isUnavailable(error)) throw error;
    const { registro: last } = run;
    const waits = !openRegistroAttempt(last) && (!isFinal(last.state) || last.nextAt);
    const nextAt = new Date(deps.clock.now().getTime() + POSTPONED_MS);
    // Without it the clockwork would send it into the same fault every minute. Whoever is first with another change wins.
    if (waits) await work.registros.transition(last, { nextAt } as Partial<T>, { consumed: message.id });
    const { message: reason, stack } = asError(error);
    return dead(reason, stack);
  }
}

async function loop<T extends Registro>(run: Run<T>): Promise<Outcome> {
  const { work, deps } = run;
  let action = await apply(run, { kind: 'due' });
  for (;;) {
    action = (await resting(run, action)) ?? action;
    switch (action.do) {
      case 'nothing':
      case 'wait':
        return done;
      case 'prepare': {
        const hindrance = await work.hindrance?.(run.registro);
        if (hindrance) {
          action = await apply(run, refusal('rejected', [hindrance]));
          break;
        }
        const prepared = await work.prepare(run.registro);
        if (!prepared.ok) {
          action = await apply(run, prepared.fact);
          break;
        }
        run.known = prepared;
        const { content, avisos, fields } = prepared;
        const attempt = await newAttempt({ ...run, registro: { ...run.registro, ...content } }, 'register');
        action = await transmit(run, { kind: 'signed', content, attempt, avisos }, fields);
        break;
      }
      case 'send': {
        // What may already be there is sent again whenever there is a certificate; anything else is given back to its ERP.
        const fault = mayBeRegistered(run.registro)
          ? undefined
          : ((await work.hindrance?.(run.registro)) ?? (await sendingFault(run.registro, deps)));
        action = fault
          ? await apply(run, refusal('rejected', [fault]))
          : await transmit(run, { kind: 'opened', attempt: await newAttempt(run, 'register') });
        break;
      }
      case 'consult':
        action = await transmit(run, { kind: 'opened', attempt: await newAttempt(run, 'consult') });
        break;
      case 'apply':
        await work.applyEffect?.(run.registro, { id: run.message.id, log: run.log });
        action = await apply(run, { kind: 'applied' });
        break;
      default:
        action satisfies never;
    }
  }
}

/** Nothing is called while the company rests at the authoriser (656), and no key is asked for beyond its limit; the ERP reads why. */
async function resting<T extends Registro>(run: Run<T>, action: RegistroAction): Promise<RegistroAction | undefined> {
  if (action.do !== 'prepare' && action.do !== 'send' && action.do !== 'consult') return undefined;
  const until = await run.deps.store.consumo.restingUntil(who(run.registro));
  if (until) {
    const mensagem = `A SEFAZ acusou consumo indevido (656) desta empresa: o hub espera até ${until.toISOString()} e então continua sozinho.`;
    return apply(run, { kind: 'resting', until, aviso: { codigo: 'consumo-indevido', mensagem } });
  }
  if (action.do !== 'consult') return undefined;
  const allowed = await run.work.consultAllowedAt?.(run.registro);
  return allowed && allowed > run.deps.clock.now() ? apply(run, { kind: 'resting', until: allowed }) : undefined;
}

export function refusal(as: 'invalid' | 'rejected', faults: Fault[]): Extract<RegistroFact, { kind: 'refused' }> {
  return { kind: 'refused', as, faults };
}

async function newAttempt<T extends Registro>(
  { registro, work, deps }: Pick<Run<T>, 'registro' | 'work' | 'deps'>,
  kind: RegistroAttempt['kind'],
): Promise<NewRegistroAttempt> {
  const until = attemptUntil(kind === 'register' ? registro.responderAte : undefined, deps);
  return { kind, ...(await work.target(registro, kind)), until, trace: registro.trace };
}

/** Stores the open attempt, and only then calls. Whoever loses the race for the attempt looks again at what the winner stored. */
async function transmit<T extends Registro>(
  run: Run<T>,
  opening: Extract<RegistroFact, { kind: 'signed' | 'opened' }>,
  fields?: Partial<T>,
): Promise<RegistroAction> {
  const { deps, work } = run;
  if (!(await save(run, decide(run, opening), fields))) return apply(run, { kind: 'due' });
  const attempt = openRegistroAttempt(run.registro);
  if (!attempt) throw new Error('an attempt that was opened is not there');
  // Another worker may have been first to store its own content: then ours was never stored, and must never be sent.
  const known = run.known?.conteudo === run.registro.conteudo ? run.known : undefined;
  const fact = await work.call(run.registro, attempt, known);
  logAttempt(run.log, attempt, fact);
  await countConsumo(run.registro, attempt, fact, deps);
  return apply(run, fact);
}

/** Whose calls SEFAZ counts, and where. */
function who({ emitente, autorizador, autorizadorNormal }: Registro): { cnpj: string; autorizador: string } {
  return { cnpj: emitente, autorizador: autorizador ?? autorizadorNormal };
}

/** The consumption ledger: what SEFAZ limits, and the rest it asks for. */
async function countConsumo(registro: Registro, { kind, autorizador }: RegistroAttempt, fact: CallFact, { store, clock }: RegistroDeps) {
  const at = { cnpj: registro.emitente, autorizador };
  if (kind === 'consult') await store.consumo.count({ ...at, kind: 'consulta' });
  if (fact.kind !== 'answered' || (fact.retorno.kind !== 'said' && fact.retorno.kind !== 'service')) return;
  const { class: klass, cStat, xMotivo } = fact.retorno;
  if (klass === 'rejected' || klass === 'schema') await store.consumo.count({ ...at, kind: 'rejeicao' });
  if (klass === 'throttled') await store.consumo.rest(at, new Date(clock.now().getTime() + THROTTLED_MS), `${cStat} ${xMotivo}`);
}

function decide<T extends Registro>({ registro, work, deps }: Run<T>, fact: RegistroFact): RegistroDecision {
  return decideRegistro(registro, fact, deps.clock.now(), work.traitsOf(registro), deps.protections);
}

/**
 * Decides on a fact and stores the result. When somebody else was first, what a call has brought still holds, and so does an effect that was
 * stored; anything else was concluded from a registro that is no longer there: it is looked at again.
 */
async function apply<T extends Registro>(run: Run<T>, fact: RegistroFact): Promise<RegistroAction> {
  for (let current = fact; ; ) {
    const decision = decide(run, current);
    if (await save(run, decision)) return decision.action;
    if (current.kind !== 'answered' && current.kind !== 'failed' && current.kind !== 'applied') current = { kind: 'due' };
  }
}

async function save<T extends Registro>(run: Run<T>, { change, event }: RegistroDecision, fields?: Partial<T>): Promise<boolean> {
  if (!change) return true;
  const { registro, work, deps, message } = run;
  const signed = change.conteudo ? { entrada: undefined } : {};
  const told = event && work.eventOf({ ...registro, ...change }, event, message);
  const out = told && hasSubscriber(told) ? told : undefined;
  const extras = { consumed: message.id, ...(out ? { message: out } : {}) };
  const after = await work.registros.transition(registro, { ...change, ...signed, ...fields } as Partial<T>, extras);
  if (!after) {
    const current = await work.registros.findById(registro._id);
    if (!current) throw new Error(`registro ${registro._id} vanished`);
    run.registro = current;
    return false;
  }
  run.registro = after;
  if (isFinal(after.state) && !after.nextAt) await work.onRest(after, { id: message.id, log: run.log });
  if (out) await deps.publish(out);
  if (event) run.log.info({ state: after.state, cStat: after.retorno?.cStat, nProt: after.retorno?.nProt }, `registro ${event}`);
  return true;
}

function logAttempt(log: Logger, { n, kind, autorizador }: RegistroAttempt, fact: CallFact): void {
  const about = { n, call: kind, autorizador, durationMs: fact.durationMs };
  if (fact.kind === 'failed') log.warn({ ...about, failure: fact.failure, reason: fact.reason }, 'sefaz call failed');
  else {
    const { kind: told, ...said } = { cStat: undefined, xMotivo: undefined, reason: undefined, ...fact.retorno };
    log.info({ ...about, told, cStat: said.cStat, xMotivo: said.xMotivo, unreadable: said.reason }, 'sefaz answered');
  }
}
