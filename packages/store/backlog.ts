import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { Metrics } from '@malote/runtime/metrics';
import type { PipelineStage } from 'mongoose';
import { type DocumentoModel, UNSETTLED } from './documento.ts';
import type { Leases } from './leases.ts';
import { oldestOutboxAge } from './relay.ts';
import { type Sweeper, startSweeper } from './sweeper.ts';

/** What waits in the database, over all processes. */
export interface Backlog {
  /** Of the oldest outbox entry nobody has published; 0 without any. */
  outboxAgeS: number;
  /** How long the most overdue action has been due; 0 when nothing is. */
  dueLagS: number;
  /** Documents that are not settled, by state. */
  unsettled: Record<string, number>;
}

const QUERY_TIMEOUT_MS = 5_000;
const EVERY_MS = 15_000;

/** Only with bounds on both fields does the index answer alone, without a look at the documents. */
export const COUNT_BY_STATE: PipelineStage[] = [
  { $match: { state: { $in: UNSETTLED }, nextAt: { $gt: new Date(0) } } },
  { $group: { _id: '$state', n: { $sum: 1 } } },
];

/** Three reads of indexes only, so that they cost little just when the backlog is long. */
export async function readBacklog(model: DocumentoModel, now: Date): Promise<Backlog> {
  const [outboxAgeS, overdue, states] = await Promise.all([
    oldestOutboxAge(model, now),
    model
      .findOne({ nextAt: { $lte: now } }, { _id: 0, nextAt: 1 })
      .hint('nextAt')
      .sort({ nextAt: 1 })
      .maxTimeMS(QUERY_TIMEOUT_MS)
      .lean() as unknown as Promise<{ nextAt: Date } | null>,
    model.aggregate<{ _id: string; n: number }>(COUNT_BY_STATE).hint('unsettled').option({ maxTimeMS: QUERY_TIMEOUT_MS }),
  ]);
  return {
    outboxAgeS,
    dueLagS: overdue ? (now.getTime() - overdue.nextAt.getTime()) / 1000 : 0,
    unsettled: Object.fromEntries(states.map(({ _id, n }) => [_id, n])),
  };
}

export interface BacklogMetricsOptions {
  model: DocumentoModel;
  leases: Leases;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  everyMs?: number;
  mayWork?: () => boolean;
}

/** Gauges of the backlog in the one process that holds the lease; the others show zero and no states, so that the maximum over all is right. */
export function startBacklogMetrics(options: BacklogMetricsOptions): Sweeper {
  const { model, leases, clock, log, metrics, everyMs = EVERY_MS, mayWork } = options;
  const outboxAge = metrics.gauge('outbox_age_seconds', 'Age of the oldest message in an outbox that nobody has published');
  const dueLag = metrics.gauge('due_lag_seconds', 'How long the most overdue action of a document has been due');
  const unsettled = metrics.gauge('documents_unsettled', 'Documents without a final state, by state', ['state']);
  const clear = (): void => {
    outboxAge.set(0);
    dueLag.set(0);
    unsettled.reset();
  };
  return startSweeper({
    ...{ name: 'backlog:documentos', everyMs, leases, clock, log, mayWork },
    leaseMs: everyMs * 3,
    onIdle: clear,
    async sweep() {
      const backlog = await readBacklog(model, clock.now());
      outboxAge.set(backlog.outboxAgeS);
      dueLag.set(backlog.dueLagS);
      unsettled.reset();
      for (const [state, n] of Object.entries(backlog.unsettled)) unsettled.set({ state }, n);
      return 0;
    },
  });
}
