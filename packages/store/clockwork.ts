import { type AnyEnvelope, envelope } from '@malote/messages/envelope';
import type { Clock } from '@malote/runtime/clock';
import type { Documento, DocumentoModel } from './documento.ts';
import { payloadOf } from './documentos.ts';
import type { Publish } from './relay.ts';

/**
 * A due action that was published and changed nothing is published again after this long: its message was lost. Rare, since the broker keeps
 * what it confirmed; sooner would only multiply the messages of a queue that is long.
 */
export const DUE_AGAIN_MS = 10 * 60_000;

export interface ClockworkOptions {
  publish: Publish;
  clock: Clock;
  batch?: number;
}

/**
 * Publishes what is due: the `nextAction` of every document whose `nextAt` has come. `nextAt` itself stays until a transition moves it, so
 * a lost message costs minutes and no document.
 * @returns how many actions were published.
 */
export async function sweepDue(model: DocumentoModel, { publish, clock, batch = 200 }: ClockworkOptions): Promise<number> {
  const now = clock.now();
  const stale = new Date(now.getTime() - DUE_AGAIN_MS);
  const rows = (await model
    .find({ nextAt: { $lte: now }, $or: [{ dueSentAt: { $exists: false } }, { dueSentAt: { $lte: stale } }] })
    .hint('nextAt')
    .sort({ nextAt: 1 })
    .limit(batch)
    .select({ conta: 1, empresa: 1, familia: 1, autorizadorNormal: 1, fila: 1, nextAt: 1, nextAction: 1, dueSentAt: 1, trace: 1 })
    .lean()) as unknown as Documento[];
  const published = await Promise.all(rows.map(wake));
  return published.filter(Boolean).length;

  async function wake(row: Documento): Promise<boolean> {
    const { _id, nextAt, nextAction, dueSentAt } = row;
    const claimed = await model.collection.updateOne({ _id: _id as never, nextAt, dueSentAt: dueSentAt ?? { $exists: false } } as never, {
      $set: { dueSentAt: now },
    });
    if (claimed.modifiedCount === 0 || !nextAction) return false;
    const facts = { id: clock.uuid(), at: now, traceparent: row.trace, correlationId: _id };
    const result = await publish(envelope(nextAction, payloadOf(row), facts) as AnyEnvelope);
    if (result === 'confirmed') return true;
    await model.collection.updateOne({ _id: _id as never, dueSentAt: now } as never, { $unset: { dueSentAt: '' } });
    return false;
  }
}
