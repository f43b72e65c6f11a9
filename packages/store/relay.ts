import type { AnyEnvelope } from '@malote/messages/envelope';
import type { Clock } from '@malote/runtime/clock';
import type { DocumentoModel } from './documento.ts';
import type { OutboxEntry } from './outbox.ts';

export type Publish = (message: AnyEnvelope) => Promise<'confirmed' | 'unroutable' | 'unknown'>;

export interface RelayOptions {
  publish: Publish;
  clock: Clock;
  leaseMs: number;
  /** Entries published at once. */
  batch?: number;
  /** False in a test only: entries are published whoever owns them. */
  leased?: boolean;
}

/**
 * Publishes outbox entries whose lease ran out: their writer died, or the broker was down. An entry leaves the outbox only after the
 * broker's confirm; unroutable or unknown, it stays and is tried again when its new lease runs out.
 * @returns how many entries were published.
 */
export async function sweepOutbox(
  model: DocumentoModel,
  { publish, clock, leaseMs, batch = 100, leased = true }: RelayOptions,
): Promise<number> {
  const now = clock.now();
  const rows = (await model
    .find({ 'outbox.0': { $exists: true }, ...(leased ? { 'outbox.leaseUntil': { $lte: now } } : {}) }, { outbox: 1 })
    .hint('outbox')
    .limit(batch)
    .lean()) as unknown as { _id: string; outbox: OutboxEntry[] }[];
  const due = rows.flatMap(({ _id, outbox }) =>
    outbox.filter((entry) => !leased || entry.leaseUntil <= now).map((entry) => ({ _id, entry })),
  );
  const published = await Promise.all(due.map(({ _id, entry }) => relay(_id, entry)));
  return published.filter(Boolean).length;

  async function relay(_id: string, entry: OutboxEntry): Promise<boolean> {
    const leaseUntil = new Date(now.getTime() + leaseMs);
    const claimed = await model.collection.updateOne(
      { _id: _id as never, outbox: { $elemMatch: { id: entry.id, leaseUntil: entry.leaseUntil } } },
      { $set: { 'outbox.$.leaseUntil': leaseUntil } },
    );
    if (leased && claimed.modifiedCount === 0) return false;
    if ((await publish(entry.message)) !== 'confirmed') return false;
    await model.collection.updateOne({ _id: _id as never }, { $pull: { outbox: { id: entry.id } } as never });
    return true;
  }
}

/** Age in seconds of the oldest entry that nobody has published, 0 when there is none: the alarm for a broker or a relay that stands still. */
export async function oldestOutboxAge(model: DocumentoModel, now: Date): Promise<number> {
  const row = (await model
    .findOne({ 'outbox.0': { $exists: true } }, { updatedAt: 1 })
    .hint('outboxAge')
    .sort({ updatedAt: 1 })
    .lean()) as { updatedAt: Date } | null;
  return row ? Math.max(0, (now.getTime() - row.updatedAt.getTime()) / 1000) : 0;
}
