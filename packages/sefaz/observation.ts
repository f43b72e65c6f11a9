import { type CallEnd, callOutcome } from '@malote/fiscal/contingencia/outcome';
import type { ObservedCalls } from '@malote/fiscal/contingencia/situacao';
import type { Autorizador } from '@malote/fiscal/model/autorizador';
import type { Modelo } from '@malote/fiscal/model/modelo';
import type { Uf } from '@malote/fiscal/model/uf';
import { type AnyEnvelope, envelope } from '@malote/messages/envelope';
import type { SefazCallPayload, ServiceCalls } from '@malote/messages/types';
import type { Clock } from '@malote/runtime/clock';
import type { BreakerState } from './breaker.ts';

/** Whom a call was made for. */
export interface CallAbout {
  /** Id of the document; a status call has none. */
  documento?: string | undefined;
  uf: Uf;
}

/** One call that was made and has ended. */
export interface SefazCall {
  autorizador: Autorizador;
  modelo: Modelo;
  service: string;
  ambiente: '1' | '2';
  about?: CallAbout | undefined;
  end: CallEnd;
  durationMs: number;
  /** Of a call without an answer. */
  reason?: string;
}

interface Circuit {
  autorizador: Autorizador;
  service: string;
  ambiente: '1' | '2';
  state: BreakerState;
}

export interface Observation {
  onCall(call: SefazCall): void;
  onBreaker(circuit: Circuit): void;
  /** Publishes what was seen since the last time, if anything. */
  flush(): void;
  stop(): void;
}

export interface ObservationDeps {
  clock: Clock;
  /** Never awaited, and its failure is its own: an observation that is lost costs a moment, a call that waits for it a note. */
  publish: (message: AnyEnvelope) => Promise<unknown>;
  everyMs?: number;
}

const SECOND = 1_000;
/** More than any threshold asks for. */
const MAX_DOCUMENTS = 50;
/** Upper bounds of the 40 steps, 10 ms to one minute, each a quarter above the last. */
export const DURATION_STEPS: readonly number[] = Array.from({ length: 40 }, (_, n) => Math.round(10 * 1.25 ** n));

/** Counts the calls of this process and publishes them once a second while there are any; a circuit that opens is told at once. */
export function startObservation({ clock, publish, everyMs = SECOND }: ObservationDeps): Observation {
  const circuits = new Map<string, BreakerState>();
  let seen: Seen | undefined;
  const timer = setInterval(() => flush(), everyMs).unref();
  const sight = () => {
    seen ??= { at: clock.now(), calls: new Map(), services: new Map(), opened: [] };
    return seen;
  };

  function send(payload: SefazCallPayload): void {
    const id = clock.uuid();
    const hex = (bytes: number) => clock.random(bytes).toString('hex');
    const facts = { id, at: clock.now(), traceparent: `00-${hex(16)}-${hex(8)}-01`, correlationId: id };
    publish(envelope('sefaz.call', payload, facts) as AnyEnvelope).catch(() => {});
  }

  function flush(): void {
    if (!seen) return;
    const { at, calls, services, opened } = seen;
    seen = undefined;
    send({
      at: new Date(Math.floor(at.getTime() / SECOND) * SECOND).toISOString(),
      calls: [...calls.values()].map(({ documents, ...counts }) => ({ ...counts, documents: [...documents] })),
      services: [...services.values()].map(({ durations, ...service }) => ({
        ...service,
        durations: [...durations].sort(([a], [b]) => a - b),
        circuit: circuits.get(circuitKey(service)) ?? 'closed',
      })),
      opened,
    });
  }

  return {
    onCall(call) {
      const { calls, services } = sight();
      if (call.about) countCall(calls, call, call.about);
      countService(services, call, clock);
    },
    onBreaker({ autorizador, service, ambiente: tpAmb, state }) {
      const circuit = { autorizador, service, ambiente: ambienteOf(tpAmb) };
      circuits.set(circuitKey(circuit), state);
      if (state !== 'open') return;
      sight().opened.push(circuit);
      flush();
    },
    flush,
    stop() {
      clearInterval(timer);
      flush();
    },
  };
}

type Counts = Omit<ObservedCalls, 'documents'> & { documents: Set<string> };
type Service = Omit<ServiceCalls, 'durations' | 'circuit'> & { durations: Map<number, number> };

interface Seen {
  at: Date;
  calls: Map<string, Counts>;
  services: Map<string, Service>;
  opened: SefazCallPayload['opened'];
}

const COUNTED_AS = { answered: 'answered', failure: 'failures', local: 'local', paused: 'paused' } as const;

function countCall(calls: Seen['calls'], { autorizador, modelo, ambiente: tpAmb, end }: SefazCall, { uf, documento }: CallAbout): void {
  const ambiente = ambienteOf(tpAmb);
  const key = `${autorizador} ${modelo} ${uf} ${ambiente}`;
  const nothing = { answered: 0, failures: 0, local: 0, paused: 0 };
  const counts: Counts = calls.get(key) ?? { autorizador, modelo, uf, ambiente, ...nothing, documents: new Set() };
  calls.set(key, counts);
  const outcome = callOutcome(end);
  counts[COUNTED_AS[outcome]] += 1;
  if (outcome !== 'answered' && documento && counts.documents.size < MAX_DOCUMENTS) counts.documents.add(documento);
}

function countService(
  services: Seen['services'],
  { autorizador, modelo, service, ambiente: tpAmb, end, durationMs, reason }: SefazCall,
  clock: Clock,
): void {
  const ambiente = ambienteOf(tpAmb);
  const key = `${autorizador} ${modelo} ${service} ${ambiente}`;
  const row: Service = services.get(key) ?? { autorizador, modelo, service, ambiente, durations: new Map(), failures: 0 };
  services.set(key, row);
  const outcome = callOutcome(end);
  if ('cStat' in end) {
    const step = stepOf(durationMs);
    row.durations.set(step, (row.durations.get(step) ?? 0) + 1);
  }
  if (outcome === 'answered' && 'cStat' in end) return;
  row.failures += 1;
  row.lastFailure = { reason: reason ?? ('cStat' in end ? end.cStat : end.failed), at: clock.now().toISOString() };
}

/** The time rounded up to a step; what is longer than all counts as the longest. */
export function stepOf(durationMs: number): number {
  return DURATION_STEPS.find((step) => durationMs <= step) ?? (DURATION_STEPS.at(-1) as number);
}

function ambienteOf(tpAmb: '1' | '2'): 'prod' | 'hom' {
  return tpAmb === '1' ? 'prod' : 'hom';
}

function circuitKey({ autorizador, service, ambiente }: { autorizador: string; service: string; ambiente: string }): string {
  return `${autorizador} ${service} ${ambiente}`;
}
