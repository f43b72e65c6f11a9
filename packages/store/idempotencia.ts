import type { Clock } from '@malote/runtime/clock';
import { type Connection, Schema } from 'mongoose';

/** A key that a caller gave to a request, and what it stood for. */
export interface IdempotencyClaim {
  conta: string;
  key: string;
  /** Id of the record that the request writes. */
  documento: string;
  /** Of its content. */
  fingerprint: string;
}

export interface Idempotencia {
  /**
   * Ties the key to this content, for seven days. The insert decides a race.
   * @returns `new`: it was free; `same`: it stands for this very content already; `other`: it stands for something else.
   */
  claim(claim: IdempotencyClaim): Promise<'new' | 'same' | 'other'>;
  /** Frees a key whose request was refused after all. */
  release(claim: IdempotencyClaim): Promise<void>;
}

const KEPT_S = 7 * 86_400;

const idempotenciaSchema = new Schema(
  {
    _id: { type: String, required: true },
    documento: { type: String, required: true },
    fingerprint: { type: String, required: true },
    createdAt: { type: Date, required: true },
  },
  { collection: 'idempotencia', strict: 'throw', versionKey: false, autoIndex: false, autoCreate: false },
);

/** Keys go by themselves. */
idempotenciaSchema.index({ createdAt: 1 }, { name: 'ttl', expireAfterSeconds: KEPT_S });

export function idempotenciaOf(connection: Connection, clock: Clock): Idempotencia {
  const model = connection.model('Idempotencia', idempotenciaSchema);
  const idOf = ({ conta, key }: IdempotencyClaim) => `${conta}.${key}`;

  async function claim(wanted: IdempotencyClaim): Promise<'new' | 'same' | 'other'> {
    const { documento, fingerprint } = wanted;
    const row = { _id: idOf(wanted), documento, fingerprint, createdAt: clock.now() };
    try {
      await model.collection.insertOne(row as never);
      return 'new';
    } catch (error) {
      if ((error as { code?: unknown }).code !== 11000) throw error;
    }
    const held = (await model.findById(row._id).lean()) as unknown as typeof row | null;
    // Released or expired in between.
    if (!held) return claim(wanted);
    return held.documento === documento && held.fingerprint === fingerprint ? 'same' : 'other';
  }

  return {
    claim,
    async release(claim) {
      const { documento, fingerprint } = claim;
      await model.deleteOne({ _id: idOf(claim), documento, fingerprint });
    },
  };
}
