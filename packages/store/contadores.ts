import { type Connection, Schema } from 'mongoose';

/** Numbers that are given out one by one and never twice; a number may stay unused. `_id`: `<conta>.<what>`. */
const contadorSchema = new Schema(
  { _id: { type: String, required: true }, ultimo: { type: Number, required: true } },
  { collection: 'contadores', strict: 'throw', versionKey: false, autoIndex: false, autoCreate: false },
);

export interface Contadores {
  /** The next number, from 1. */
  next(conta: string, what: 'entidade' | 'pedido'): Promise<number>;
}

export function contadoresOf(connection: Connection): Contadores {
  const model = connection.model('Contador', contadorSchema);
  return {
    async next(conta, what) {
      const options = { upsert: true, returnDocument: 'after', lean: true } as const;
      const row = await model.findOneAndUpdate({ _id: `${conta}.${what}` }, { $inc: { ultimo: 1 } }, options);
      if (!row) throw new Error('an upsert answered no row');
      return row.ultimo;
    },
  };
}
