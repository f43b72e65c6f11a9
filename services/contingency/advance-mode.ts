import { decide } from '@malote/fiscal/contingencia/decide';
import { countFailures } from '@malote/fiscal/contingencia/evidence';
import type { Action, Evidence, Fact, Settings, Situacao, StatusTarget } from '@malote/fiscal/contingencia/situacao';
import { type AnyEnvelope, envelope } from '@malote/messages/envelope';
import { hasSubscriber } from '@malote/messages/routes';
import type { ContingenciaKey, ModeChangedPayload } from '@malote/messages/types';
import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { Store } from '@malote/store/connect';
import { type Contingencia, MAX_PASSOS, type PassoContingencia } from '@malote/store/contingencias';
import type { HeardOfAll } from './heard.ts';
import { settingsOf, type Thresholds } from './settings.ts';
import { keyOf } from './wishes.ts';

export interface ModeDeps {
  store: Pick<Store, 'contingencias'>;
  clock: Clock;
  log: Logger;
  thresholds: Thresholds;
  heard: HeardOfAll;
  publish: (message: AnyEnvelope) => Promise<unknown>;
}

/** The message that brought the fact. */
export interface Cause {
  id: string;
  traceparent: string;
}

/** A row with something under way is looked at so often, whether or not messages come. */
export const LOOK_EVERY_MS = 15_000;
const TRIES = 10;

/**
 * Takes one fact into the hub's own mode of a (modelo, UF, ambiente): decided on what is stored, written in one update filtered on its version
 * together with history and event, and only when something of it changed. A row nobody has anything to say of is not made.
 * @returns whom to ask for their status now
 */
export async function advanceMode(key: ContingenciaKey, fact: Fact, cause: Cause, deps: ModeDeps): Promise<StatusTarget[]> {
  const { store, clock, heard } = deps;
  const settings = settingsOf(key, deps.thresholds);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const row = await store.contingencias.obtain(key, cause.traceparent);
    const now = clock.now();
    const known: Situacao = { ...row.situacao, evidence: heard.into(row.situacao.evidence) };
    const { situacao, actions } = decide(known, fact, now, settings);
    heard.learn(situacao.evidence);
    const asked = actions.flatMap((action) => (action.do === 'ask' ? [action.target] : []));
    const suspeitaDesde = isSuspect(situacao, now, settings) ? (row.suspeitaDesde ?? now) : undefined;
    const emVigor = situacao.mode.modo !== 'NORMAL' || suspeitaDesde !== undefined;
    const isActive = emVigor || situacao.evidence.failed.length > 0 || situacao.evidence.ourSide;
    const nextAt = isActive ? new Date(now.getTime() + LOOK_EVERY_MS) : undefined;
    const woken = row.nextAt !== undefined && row.nextAt <= now;
    if (!woken && isSame(row, situacao, suspeitaDesde) && (row.nextAt === undefined) === (nextAt === undefined)) return asked;
    const passo = stepOf(row, situacao, now);
    const event = passo && eventOf(key, situacao, passo, cause, { id: clock.uuid(), at: now });
    const change: Partial<Contingencia> = {
      ...{ situacao, suspeitaDesde, emVigor },
      nextAt: woken || !row.nextAt ? nextAt : isActive ? row.nextAt : undefined,
      ...(passo ? { historico: [...row.historico, passo].slice(-MAX_PASSOS) } : {}),
    };
    const written = await store.contingencias.transition(row, change, event ? { message: event } : {});
    if (!written) continue;
    tell(written, actions, passo, deps);
    if (event) await deps.publish(event);
    return asked;
  }
  throw new Error(`the mode ${key.modelo} ${key.uf} ${key.ambiente} was changed by somebody else again and again`);
}

/** Enough has failed and nobody said yet whether the authoriser is away. */
function isSuspect({ mode, evidence }: Situacao, now: Date, settings: Settings): boolean {
  if (mode.modo !== 'NORMAL' || (mode.notBefore && now < mode.notBefore)) return false;
  const { failures, documents } = countFailures(evidence);
  return failures >= settings.failures && documents >= settings.documents;
}

/** Who was heard when is no reason to write: it changes with every second. */
function isSame(row: Contingencia, { mode, evidence }: Situacao, suspeitaDesde: Date | undefined): boolean {
  const told = ({ failed, status, ourSide }: Evidence) => JSON.stringify({ failed, status, ourSide });
  if (row.situacao.mode.version !== mode.version || (row.suspeitaDesde === undefined) !== (suspeitaDesde === undefined)) return false;
  return told(row.situacao.evidence) === told(evidence);
}

function stepOf(row: Contingencia, { mode }: Situacao, em: Date): PassoContingencia | undefined {
  const { mode: before } = row.situacao;
  if (before.version === mode.version) return undefined;
  const { reason: motivo, ...observado } = mode.why;
  return { em, de: before.modo, para: mode.modo, motivo, quem: 'hub', observado };
}

function eventOf(
  key: ContingenciaKey,
  { mode }: Situacao,
  { de, para, motivo }: PassoContingencia,
  { id: causationId, traceparent }: Cause,
  facts: { id: string; at: Date },
): AnyEnvelope | undefined {
  const { modelo, uf, ambiente } = key;
  const about = { modelo, uf, ambiente, modo: para, anterior: de, desde: mode.since.toISOString(), motivo, versao: mode.version };
  return modeChanged(about, { ...facts, causationId, traceparent, correlationId: `*.${modelo}.${uf}.${ambiente}` });
}

/** The event of a switch; undefined while nobody would receive it. */
export function modeChanged(payload: ModeChangedPayload, facts: Parameters<typeof envelope>[2]): AnyEnvelope | undefined {
  const message = envelope(payload.modo === 'NORMAL' ? 'contingencia.left' : 'contingencia.entered', payload, facts) as AnyEnvelope;
  return hasSubscriber(message) ? message : undefined;
}

function tell(row: Contingencia, actions: readonly Action[], passo: PassoContingencia | undefined, { log }: ModeDeps): void {
  const { modelo, uf, ambiente } = keyOf(row);
  const about = { modelo, uf, ambiente };
  if (passo) {
    const { de, para, motivo, observado } = passo;
    log.warn({ ...about, de, para, motivo, ...observado }, para === 'NORMAL' ? 'contingency left' : 'contingency entered');
  }
  for (const action of actions) {
    if (action.do !== 'alarm') continue;
    if (action.on) log.error(about, 'our own network seems to be down: every authoriser is silent, and nothing is switched');
    else log.info(about, 'authorisers answer again: the network works');
  }
}
