import type { QueueDepth } from '@malote/broker/depths';
import type { Beat, BreakerFacts } from '@malote/redis/presence';
import type { ProcessView } from '@malote/redis/processes';
import type { ErrorLine } from '@malote/runtime/error-ring';
import { errorMessage } from '@malote/runtime/errors';
import { maskText } from '@malote/runtime/redact';
import { within } from '@malote/runtime/within';
import type { Backlog } from '@malote/store/backlog';
import type { Rest } from '@malote/store/consumo';
import type { Documento } from '@malote/store/documento';
import type { Recovering, RecoveringQuery } from '@malote/store/recovering';

/** What was read from a server, or why not. */
export type Part<T> = { ok: true; value: T } | { ok: false; reason: string };

export interface QueueView extends QueueDepth {
  /** Delivered to a process and not answered yet, as the processes say; unknown while they cannot be asked for. */
  unacked: number | undefined;
}

/** A circuit over all processes that have it in this state. */
export interface BreakerView extends BreakerFacts {
  processes: number;
}

export interface ErrorView extends ErrorLine {
  service: string;
  host: string;
  pid: number;
}

/** Everything the operator page shows. */
export interface Situation {
  at: Date;
  version: string;
  mongodb: Part<{ recovering: { total: number; oldest: Documento[] }; backlog: Backlog; resting: { total: number; rests: Rest[] } }>;
  rabbitmq: Part<QueueView[]>;
  redis: Part<true>;
  /** RabbitMQ's reason, while it refuses publishes. */
  blocked: string | undefined;
  /** Of the whole hub; of this edge alone while Redis is away. */
  processes: ProcessView[];
  /** Those not closed first; nothing is known of them while Redis is away. */
  breakers: BreakerView[];
  /** Newest first. */
  errors: ErrorView[];
}

export interface SituationDeps {
  version: string;
  now(): Date;
  processes(): Promise<ProcessView[]>;
  /** This edge, for when the others cannot be asked for. */
  self(): Promise<Beat>;
  queueDepths(options: { timeoutMs: number }): Promise<QueueDepth[]>;
  recovering(query: RecoveringQuery): Promise<Recovering>;
  backlog(): Promise<Backlog>;
  resting(limit: number): Promise<{ total: number; rests: Rest[] }>;
}

/** With the guard and the drawing it makes three seconds at most. */
const PART_MS = 2_000;
const DEPTHS_MS = 1_500;
const ROWS = 20;

/** Reads everything at once, each part bounded in time: a server that is away costs its own part only. */
export async function readSituation(deps: SituationDeps): Promise<Situation> {
  const [processes, self, depths, documents] = await Promise.all([
    part(deps.processes()),
    part(deps.self()),
    part(deps.queueDepths({ timeoutMs: DEPTHS_MS })),
    part(Promise.all([deps.recovering({ skip: 0, limit: ROWS, oldestFirst: true }), deps.backlog(), deps.resting(ROWS)])),
  ]);
  const known = processes.ok ? processes.value : self.ok ? [alone(self.value)] : [];
  const living = known.filter(({ state }) => state !== 'silent');
  return {
    at: deps.now(),
    version: deps.version,
    mongodb: documents.ok ? { ok: true, value: documentsOf(documents.value) } : documents,
    rabbitmq: queuesOf(depths, processes.ok ? living : undefined),
    redis: processes.ok ? { ok: true, value: true } : processes,
    blocked: living.map(({ beat }) => beat?.broker?.blocked).find((reason) => reason !== undefined),
    processes: known,
    breakers: breakersOf(living),
    errors: errorsOf(known),
  };
}

function part<T>(reading: Promise<T>): Promise<Part<T>> {
  const read = reading.then(
    (value): Part<T> => ({ ok: true, value }),
    (thrown): Part<T> => ({ ok: false, reason: maskText(errorMessage(thrown)) }),
  );
  return within(read, PART_MS, { ok: false, reason: `sem resposta em ${PART_MS / 1000} s` });
}

function alone(beat: Beat): ProcessView {
  return { ...beat, state: Object.keys(beat.failing).length > 0 ? 'not-ready' : 'up', silentMs: 0, beat };
}

function documentsOf([{ total, documentos }, backlog, resting]: [Recovering, Backlog, { total: number; rests: Rest[] }]) {
  return { recovering: { total, oldest: documentos }, backlog, resting };
}

function queuesOf(depths: Part<QueueDepth[]>, processes: ProcessView[] | undefined): Part<QueueView[]> {
  if (!depths.ok) return depths;
  // Not one answered: that is RabbitMQ, not a queue.
  if (depths.value.every(({ problem }) => problem !== undefined && problem !== 'gone')) {
    return { ok: false, reason: maskText(depths.value[0]?.problem ?? 'sem resposta') };
  }
  const unacked = (queue: string) => processes?.reduce((sum, { beat }) => sum + (beat?.broker?.inFlight[queue] ?? 0), 0);
  return { ok: true, value: depths.value.map((depth) => ({ ...depth, unacked: unacked(depth.queue) })) };
}

const ORDER: Record<BreakerFacts['state'], number> = { open: 0, 'half-open': 1, closed: 2 };

function breakersOf(processes: ProcessView[]): BreakerView[] {
  const views = new Map<string, BreakerView>();
  for (const breaker of processes.flatMap(({ beat }) => beat?.breakers ?? [])) {
    const { autorizador, service, ambiente, state, since } = breaker;
    const key = [autorizador, service, ambiente, state].join(' ');
    const known = views.get(key);
    if (!known) views.set(key, { ...breaker, processes: 1 });
    else views.set(key, { ...known, processes: known.processes + 1, since: [since, known.since].sort()[0] as string });
  }
  const name = ({ autorizador, service, ambiente }: BreakerView) => `${autorizador} ${service} ${ambiente}`;
  return [...views.values()].sort((a, b) => ORDER[a.state] - ORDER[b.state] || name(a).localeCompare(name(b)));
}

function errorsOf(processes: ProcessView[]): ErrorView[] {
  return processes
    .flatMap(({ service, host, pid, beat }) => (beat?.errors ?? []).map((line) => ({ ...line, service, host, pid })))
    .sort((a, b) => b.time.localeCompare(a.time))
    .slice(0, ROWS);
}
