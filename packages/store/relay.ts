import type { AnyEnvelope } from '@malote/messages/envelope';
import type { Clock } from '@malote/runtime/clock';
import type { OutboxEntry } from './outbox.ts';
import type { HasCollection } from './transition.ts';

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
  { collection }: HasCollection,
  { publish, clock, leaseMs, batch = 100, leased = true }: RelayOptions,
): Promise<number> {
  const now = clock.now();
  const filter = { 'outbox.0': { $exists: true }, ...(leased ? { 'outbox.leaseUntil': { $lte: now } } : {}) };
  const rows = (await collection
    .find(filter, { projection: { outbox: 1 } })
    .hint('outbox')
    .limit(batch)
    .toArray()) as unknown as { _id: string; outbox: OutboxEntry[] }[];
  const due = rows.flatMap(({ _id, outbox }) =>
    outbox.filter((entry) => !leased || entry.leaseUntil <= now).map((entry) => ({ _id, entry })),
  );
  const published = await Promise.all(due.map(({ _id, entry }) => relay(_id, entry)));
  return published.filter(Boolean).length;

  async function relay(_id: string, entry: OutboxEntry): Promise<boolean> {
    const leaseUntil = new Date(now.getTime() + leaseMs);
    const claimed = await collection.updateOne(
      { _id: _id as never, outbox: { $elemMatch: { id: entry.id, leaseUntil: entry.leaseUntil } } },
      { $set: { 'outbox.$.leaseUntil': leaseUntil } },
    );
    if (leased && claimed.modifiedCount === 0) return false;
    if ((await publish(entry.message)) !== 'confirmed') return false;
    await collection.updateOne({ _id: _id as never }, { $pull: { outbox: { id: entry.id } } as never });
    return true;
  }
}

/** Age in seconds of the oldest entry that nobody has published, 0 when there is none: the alarm for a broker or a relay that stands still. */
export async function oldestOutboxAge({ collection }: HasCollection, now: Date): Promise<number> {
  const found = collection.findOne(
    { 'outbox.0': { $exists: true } },
    { projection: { updatedAt: 1 }, hint: 'outboxAge', sort: { updatedAt: 1 } },
  );
  const row = (await found) as { updatedAt: Date } | null;
  return row ? Math.max(0, (now.getTime() - row.updatedAt.getTime()) / 1000) : 0;
}
