import type { Clock } from '@malote/runtime/clock';
import { type Connection, Schema } from 'mongoose';

const leaseSchema = new Schema(
  { _id: { type: String, required: true }, owner: { type: String, required: true }, until: { type: Date, required: true } },
  { collection: 'leases', strict: 'throw', versionKey: false, autoIndex: false, autoCreate: false },
);

export interface Leases {
  /** True while this owner holds `name`. Taken when free or run out, renewed by its holder; two processes never hold it together for long. */
  hold(name: string, owner: string, ms: number): Promise<boolean>;
  /** Gives it up, so that another process need not wait. */
  release(name: string, owner: string): Promise<void>;
}

/**
 * Who sweeps. A lease only saves work: each sweep still claims every entry by a filtered update, so that two sweepers (a paused process, a
 * clock that is off) cost a duplicate message and nothing else.
 */
export function leasesOf(connection: Connection, clock: Clock): Leases {
  const model = connection.model('Lease', leaseSchema);
  return {
    async hold(name, owner, ms) {
      const now = clock.now();
      try {
        const row = await model.findOneAndUpdate(
          { _id: name, $or: [{ owner }, { until: { $lte: now } }] },
          { $set: { owner, until: new Date(now.getTime() + ms) } },
          { upsert: true, returnDocument: 'after', lean: true },
        );
        return row?.owner === owner;
      } catch (error) {
        if ((error as { code?: unknown }).code === 11000) return false;
        throw error;
      }
    },
    async release(name, owner) {
      await model.deleteOne({ _id: name, owner });
    },
  };
}
