import { type Documento, type DocumentoModel, UNSETTLED } from './documento.ts';
import type { HasCollection } from './transition.ts';

/** A received document that nobody has begun after this long is listed with those in recovery. */
const LATE_MS = 120_000;

export interface RecoveringQuery {
  /** Without it: of the whole hub. */
  conta?: string;
  skip: number;
  limit: number;
  /** The longest accepted first, instead of the one whose next action comes first. */
  oldestFirst?: boolean;
}

export interface Recovering {
  total: number;
  documentos: Documento[];
}

/**
 * Documents on which the hub is still working after something went wrong: a fate unknown, a transmission that has to be repeated, or one that
 * nobody has begun. The one whose next action comes first is first.
 */
export async function listRecovering(
  model: DocumentoModel,
  { conta, skip, limit, oldestFirst }: RecoveringQuery,
  now: Date,
): Promise<Recovering> {
  const filter = {
    ...(conta === undefined ? {} : { conta }),
    nextAt: { $exists: true },
    $or: [
      { state: 'uncertain' },
      { state: 'signed', 'attempts.endedAt': { $exists: true } },
      { state: { $in: ['received', 'signed'] }, createdAt: { $lt: new Date(now.getTime() - LATE_MS) } },
    ],
  };
  const index = conta === undefined ? 'nextAt' : 'conta_nextAt';
  const [total, documentos] = await Promise.all([
    model.countDocuments(filter).hint(index),
    model
      .find(filter, { entrada: 0, outbox: 0 })
      .hint(index)
      .sort(oldestFirst ? { createdAt: 1 } : { nextAt: 1 })
      .skip(skip)
      .limit(limit)
      .lean(),
  ]);
  return { total, documentos: documentos as unknown as Documento[] };
}

/**
 * The net under the clockwork: a record that is not settled and has no moment at which anybody works on it, which no transition can
 * make, is woken at once. @returns their ids, for the alarm.
 */
export async function wakeForgotten(
  { collection }: HasCollection,
  now: Date,
  actionOf: (state: string) => object = documentAction,
): Promise<string[]> {
  const forgotten = (await collection
    .find({ state: { $in: UNSETTLED }, nextAt: { $exists: false } }, { projection: { state: 1 } })
    .hint('unsettled')
    .limit(100)
    .toArray()) as unknown as Pick<Documento, '_id' | 'state'>[];
  for (const { _id, state } of forgotten) {
    await collection.updateOne({ _id: _id as never, state, nextAt: { $exists: false } }, { $set: { nextAt: now, ...actionOf(state) } });
  }
  return forgotten.map(({ _id }) => _id);
}

function documentAction(state: string) {
  return { nextAction: state === 'uncertain' ? 'document.reconcile' : 'document.emit' };
}

/** A registro has one action only and does not name it. */
export const registroAction = () => ({});
