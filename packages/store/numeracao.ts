import { type Connection, Schema } from 'mongoose';
import type { Serie } from './lacunas.ts';
import { isDuplicateKey } from './transition.ts';

const numeracaoSchema = new Schema(
  { _id: { type: String, required: true }, ultimo: { type: Number, required: true } },
  { collection: 'numeracao', strict: 'throw', versionKey: false, autoIndex: false, autoCreate: false },
);

const MAX_NUMERO = 999_999_999;

/** The numbers of a série that the hub itself gives out (contingência). `_id`: `<emitente>.<tpAmb>.<modelo>.<cUF>.<serie3>`. */
export interface Numeracao {
  /**
   * The next number: never given twice, over all processes. The first one follows the highest that any document of the série has. A number
   * may stay unused. @throws RangeError when the série is used up
   */
  next(serie: Serie): Promise<number>;
}

export function numeracaoOf(connection: Connection, lastNumber: (serie: Serie) => Promise<number | undefined>): Numeracao {
  const { collection } = connection.model('Numeracao', numeracaoSchema);
  return {
    async next(serie) {
      const _id = idOf(serie) as never;
      const take = () => collection.findOneAndUpdate({ _id }, { $inc: { ultimo: 1 } }, { returnDocument: 'after' });
      let row = await take();
      if (!row) {
        const ultimo = (await lastNumber(serie)) ?? 0;
        try {
          await collection.insertOne({ _id, ultimo });
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
        }
        row = await take();
      }
      const numero = row?.ultimo as number;
      if (!(numero <= MAX_NUMERO)) throw new RangeError(`série ${serie.serie} of ${serie.emitente} is used up`);
      return numero;
    },
  };
}

function idOf({ emitente, tpAmb, modelo, cUF, serie }: Serie): string {
  return `${emitente}.${tpAmb}.${modelo}.${cUF}.${String(serie).padStart(3, '0')}`;
}
