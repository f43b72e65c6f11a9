import type { Clock } from '@malote/runtime/clock';
import { type Connection, Schema } from 'mongoose';

const consumoSchema = new Schema(
  {
    _id: { type: String, required: true },
    count: Number,
    lastAt: Date,
    until: Date,
    reason: String,
    expiresAt: { type: Date, required: true },
  },
  { collection: 'consumo', strict: 'throw', versionKey: false, autoIndex: false, autoCreate: false },
);

/** Old counters go by themselves. */
consumoSchema.index({ expiresAt: 1 }, { name: 'expiresAt', expireAfterSeconds: 0 });

const DAY_MS = 86_400_000;
const KEPT_MS = 90 * DAY_MS;
const HOUR_MS = 3_600_000;
/** SEFAZ asks for at least three minutes between status calls, per authoriser and over everything that calls (MOC 7.0; MOC CT-e 4.00 § 4.6.3). */
export const STATUS_EVERY_MS = 3 * 60_000;

/** Rests under way (`resting`); counters have no `until`. */
consumoSchema.index({ until: 1 }, { name: 'until', partialFilterExpression: { until: { $exists: true } } });

/** What SEFAZ limits and the hub counts; ordinary transmissions are not limited. */
export type ConsumoKind = 'consulta' | 'rejeicao';

/** A company that leaves an authoriser alone until then. */
export interface Rest {
  cnpj: string;
  autorizador: string;
  until: Date;
  reason: string;
}

export interface Consumo {
  /** Counts one call of a company at an authoriser in the present hour. */
  count(what: { cnpj: string; kind: ConsumoKind; autorizador: string }): Promise<void>;
  /** The count of the present hour. */
  countOf(what: { cnpj: string; kind: ConsumoKind; autorizador: string }): Promise<number>;
  /** Abusive use (656): this company leaves this authoriser alone until then; a longer rest is never shortened. */
  rest(who: { cnpj: string; autorizador: string }, until: Date, reason: string): Promise<void>;
  /** The end of the rest under way, or undefined. */
  restingUntil(who: { cnpj: string; autorizador: string }): Promise<Date | undefined>;
  /** The rests under way of the whole hub, the one that ends first first. */
  resting(limit: number): Promise<{ total: number; rests: Rest[] }>;
  /** Takes the turn for one status call, for every process of the hub: true, or the moment of the next turn. */
  takeStatusTurn(where: { autorizador: string; tpAmb: '1' | '2' }): Promise<true | Date>;
}

export function consumoOf(connection: Connection, clock: Clock): Consumo {
  const model = connection.model('Consumo', consumoSchema);
  const counterId = (what: { cnpj: string; kind: ConsumoKind; autorizador: string }, now: Date) =>
    `${what.cnpj}.${what.kind}.${what.autorizador}.${new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS).toISOString().slice(0, 13)}`;
  const restId = ({ cnpj, autorizador }: { cnpj: string; autorizador: string }) => `${cnpj}.descanso.${autorizador}`;
  return {
    async count(what) {
      const now = clock.now();
      const expiresAt = new Date(now.getTime() + KEPT_MS);
      await model.updateOne({ _id: counterId(what, now) }, { $inc: { count: 1 }, $set: { lastAt: now, expiresAt } }, { upsert: true });
    },
    async countOf(what) {
      return (await model.findById(counterId(what, clock.now())).lean())?.count ?? 0;
    },
    async rest(who, until, reason) {
      const expiresAt = new Date(until.getTime() + KEPT_MS);
      await model.updateOne({ _id: restId(who) }, { $max: { until, expiresAt }, $set: { reason } }, { upsert: true });
    },
    async restingUntil(who) {
      const until = (await model.collection.findOne({ _id: restId(who) as never }))?.until as Date | undefined;
      return until && until > clock.now() ? until : undefined;
    },
    async resting(limit) {
      const filter = { until: { $gt: clock.now() } };
      const [total, rows] = await Promise.all([
        model.countDocuments(filter).hint('until'),
        model.find(filter).hint('until').sort({ until: 1 }).limit(limit).lean(),
      ]);
      return { total, rests: rows.map(({ _id, until, reason }) => ({ ...ownerOf(_id), until: until as Date, reason: reason ?? '' })) };
    },
    async takeStatusTurn({ autorizador, tpAmb }) {
      const now = clock.now();
      const _id = `*.status.${autorizador}.${tpAmb}`;
      const due = new Date(now.getTime() - STATUS_EVERY_MS);
      try {
        await model.updateOne(
          { _id, lastAt: { $lte: due } },
          { $set: { lastAt: now, expiresAt: new Date(now.getTime() + KEPT_MS) } },
          { upsert: true },
        );
        return true;
      } catch (error) {
        // The row is there and too young: the upsert met its _id.
        if ((error as { code?: unknown }).code !== 11000) throw error;
      }
      const last = (await model.findById(_id).lean())?.lastAt ?? now;
      return new Date(last.getTime() + STATUS_EVERY_MS);
    },
  };
}

function ownerOf(restId: string): { cnpj: string; autorizador: string } {
  const [cnpj = '', , autorizador = ''] = restId.split('.');
  return { cnpj, autorizador };
}
