import type { AnyEnvelope } from '@malote/messages/envelope';
import type { Clock } from '@malote/runtime/clock';
import type { Publish } from './relay.ts';
import type { HasCollection } from './transition.ts';

/**
 * A due action that was published and changed nothing is published again after this long: its message was lost. Rare, since the broker keeps
 * what it confirmed; sooner would only multiply the messages of a queue that is long.
 */
export const DUE_AGAIN_MS = 10 * 60_000;

/** A record with something due. */
export interface DueRow {
  _id: string;
  nextAt: Date;
  dueSentAt?: Date;
  trace: string;
}

/** How the records of one collection are woken. */
export interface Wake<Row extends DueRow> {
  /** Fields that the message needs, besides those of DueRow. */
  fields: readonly (keyof Row & string)[];
  /** The message that sets the work going; undefined when the record names no action. */
  message(row: Row, facts: { id: string; at: Date; traceparent: string }): AnyEnvelope | undefined;
}

export interface ClockworkOptions<Row extends DueRow> {
  wake: Wake<Row>;
  publish: Publish;
  clock: Clock;
  batch?: number;
}

/**
 * Publishes what is due: the next action of every record whose `nextAt` has come. `nextAt` itself stays until a transition moves it, so
 * a lost message costs minutes and no record.
 * @returns how many actions were published.
 */
export async function sweepDue<Row extends DueRow>(
  { collection }: HasCollection,
  { wake: { fields, message }, publish, clock, batch = 200 }: ClockworkOptions<Row>,
): Promise<number> {
  const now = clock.now();
  const stale = new Date(now.getTime() - DUE_AGAIN_MS);
  const projection = Object.fromEntries([...fields, 'nextAt', 'dueSentAt', 'trace'].map((field) => [field, 1]));
  const filter = { nextAt: { $lte: now }, $or: [{ dueSentAt: { $exists: false } }, { dueSentAt: { $lte: stale } }] };
  const due = collection.find(filter, { projection }).hint('nextAt').sort({ nextAt: 1 }).limit(batch);
  const rows = (await due.toArray()) as unknown as Row[];
  const published = await Promise.all(rows.map(wake));
  return published.filter(Boolean).length;

  async function wake(row: Row): Promise<boolean> {
    const { _id, nextAt, dueSentAt } = row;
    const claimed = await collection.updateOne({ _id: _id as never, nextAt, dueSentAt: dueSentAt ?? { $exists: false } } as never, {
      $set: { dueSentAt: now },
    });
    if (claimed.modifiedCount === 0) return false;
    const woken = message(row, { id: clock.uuid(), at: now, traceparent: row.trace });
    if (!woken) return false;
    const result = await publish(woken);
    if (result === 'confirmed') return true;
    await collection.updateOne({ _id: _id as never, dueSentAt: now } as never, { $unset: { dueSentAt: '' } });
    return false;
  }
}
