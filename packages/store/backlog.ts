import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { Metrics } from '@malote/runtime/metrics';
import type { PipelineStage } from 'mongoose';
import { type DocumentoModel, UNSETTLED } from './documento.ts';
import type { Leases } from './leases.ts';
import { UNSETTLED_REGISTROS } from './registro.ts';
import { oldestOutboxAge } from './relay.ts';
import { type Sweeper, startSweeper } from './sweeper.ts';
import type { HasCollection } from './transition.ts';

/** What waits in the database, over all processes. */
export interface Backlog {
  /** Of the oldest outbox entry nobody has published; 0 without any. */
  outboxAgeS: number;
  /** How long the most overdue action has been due; 0 when nothing is. */
  dueLagS: number;
  /** Documents that are not settled, by state. */
  unsettled: Record<string, number>;
  /** Registros that are not settled, by collection. */
  registros: Record<string, number>;
}

/** Every collection with outboxes and due actions. */
export interface BacklogModels {
  documentos: DocumentoModel;
  registros: Readonly<Record<string, HasCollection>>;
}

const QUERY_TIMEOUT_MS = 5_000;
const EVERY_MS = 15_000;

/** Only with bounds on both fields does the index answer alone, without a look at the documents. */
export const COUNT_BY_STATE: PipelineStage[] = [
  { $match: { state: { $in: UNSETTLED }, nextAt: { $gt: new Date(0) } } },
  { $group: { _id: '$state', n: { $sum: 1 } } },
];

/** Reads of indexes only, so that they cost little just when the backlog is long. */
export async function readBacklog({ documentos, registros }: BacklogModels, now: Date): Promise<Backlog> {
  const all = [documentos, ...Object.values(registros)];
  const [outboxAges, dueLags, states, unsettled] = await Promise.all([
    Promise.all(all.map((model) => oldestOutboxAge(model, now))),
    Promise.all(all.map((model) => dueLag(model, now))),
    documentos.aggregate<{ _id: string; n: number }>(COUNT_BY_STATE).hint('unsettled').option({ maxTimeMS: QUERY_TIMEOUT_MS }),
    Promise.all(Object.entries(registros).map(async ([name, model]) => [name, await countUnsettled(model)] as const)),
  ]);
  return {
    outboxAgeS: Math.max(...outboxAges),
    dueLagS: Math.max(...dueLags),
    unsettled: Object.fromEntries(states.map(({ _id, n }) => [_id, n])),
    registros: Object.fromEntries(unsettled),
  };
}

/** Seconds that the most overdue action has been due. */
async function dueLag({ collection }: HasCollection, now: Date): Promise<number> {
  const found = collection.findOne(
    { nextAt: { $lte: now } },
    { projection: { _id: 0, nextAt: 1 }, hint: 'nextAt', sort: { nextAt: 1 }, maxTimeMS: QUERY_TIMEOUT_MS },
  );
  const overdue = (await found) as { nextAt: Date } | null;
  return overdue ? (now.getTime() - overdue.nextAt.getTime()) / 1000 : 0;
}

function countUnsettled({ collection }: HasCollection): Promise<number> {
  const filter = { state: { $in: UNSETTLED_REGISTROS }, nextAt: { $gt: new Date(0) } };
  return collection.countDocuments(filter, { hint: 'unsettled', maxTimeMS: QUERY_TIMEOUT_MS });
}

export interface BacklogMetricsOptions {
  models: BacklogModels;
  leases: Leases;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  everyMs?: number;
  mayWork?: () => boolean;
}

/** Gauges of the backlog in the one process that holds the lease; the others show zero and no states, so that the maximum over all is right. */
export function startBacklogMetrics(options: BacklogMetricsOptions): Sweeper {
  const { models, leases, clock, log, metrics, everyMs = EVERY_MS, mayWork } = options;
  const outboxAge = metrics.gauge('outbox_age_seconds', 'Age of the oldest message in an outbox that nobody has published');
  const dueLag = metrics.gauge('due_lag_seconds', 'How long the most overdue action of a document or registro has been due');
  const unsettled = metrics.gauge('documents_unsettled', 'Documents without a final state, by state', ['state']);
  const registros = metrics.gauge('registros_unsettled', 'Eventos, inutilizações and requests on entities without a final state', ['kind']);
  const clear = (): void => {
    outboxAge.set(0);
    dueLag.set(0);
    unsettled.reset();
    registros.reset();
  };
  return startSweeper({
    ...{ name: 'backlog:documentos', everyMs, leases, clock, log, mayWork },
    leaseMs: everyMs * 3,
    onIdle: clear,
    async sweep() {
      const backlog = await readBacklog(models, clock.now());
      outboxAge.set(backlog.outboxAgeS);
      dueLag.set(backlog.dueLagS);
      unsettled.reset();
      for (const [state, n] of Object.entries(backlog.unsettled)) unsettled.set({ state }, n);
      for (const [kind, n] of Object.entries(backlog.registros)) registros.set({ kind }, n);
      return 0;
    },
  });
}
