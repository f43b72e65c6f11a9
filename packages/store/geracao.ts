import type { Collection, Schema } from 'mongoose';

/**
 * What of an account or a credential ends sessions. A session bears the generations of both as they were when it was opened; it is dead when one
 * has grown since. Counted, not timed: no clock of any machine has a part in it.
 */
export interface Geracao {
  id: string;
  active: boolean;
  /** 0: nothing has ended a session yet. */
  geracao: number;
  /** Until then sessions of the generation before live on: the secret was changed with an overlap. */
  anteriorAte?: Date;
  /** By the clock of MongoDB. */
  updatedAt: Date;
}

const EVER = { geracao: { $gt: 0 } };
const NAME = 'geracao';

/** What every edge asks for each second: those that have ended sessions, by when they last changed. */
export function indexGeracao(schema: Schema): void {
  schema.index({ updatedAt: 1 }, { name: NAME, partialFilterExpression: { geracao: { $exists: true } } });
}

/** Those that have ever ended a session and have changed since the given time, in that order; all of them without a time. */
export async function changedGeracoes(collection: Pick<Collection, 'find'>, since?: Date): Promise<Geracao[]> {
  const filter = since === undefined ? EVER : { ...EVER, updatedAt: { $gte: since } };
  const fields = { active: 1, geracao: 1, anteriorAte: 1, updatedAt: 1 };
  const rows = collection.find(filter as never, { projection: fields, sort: { updatedAt: 1 }, hint: NAME });
  return (await rows.toArray()).map(({ _id, ...row }) => ({ id: String(_id), ...row })) as unknown as Geracao[];
}

/** Part of every update that ends sessions, and of every other one of such a record: one clock, that of the primary, dates them all. */
export const DATED = { $currentDate: { updatedAt: true } } as const;
export const ENDS_SESSIONS = { $inc: { geracao: 1 }, ...DATED } as const;
