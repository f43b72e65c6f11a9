import { type SealedSecret, type SecretBox, SecretBoxError } from '@malote/runtime/secret-box';
import type { Collection, Connection } from 'mongoose';
import { placeName, SEALED_PLACES, type SealedPlace } from './sealed-places.ts';

/** How many secrets of one place each master key wraps. */
export interface SealedCount {
  lugar: string;
  kids: Record<string, number>;
}

export interface RewrapResult {
  regravados: number;
  /** What could not be re-wrapped, the first MAX_FALHAS of them; it stays as it was. */
  falhas: { lugar: string; id: string; motivo: string }[];
  totalFalhas: number;
  /** False when `signal` ended it before its end. */
  terminou: boolean;
}

export interface Segredos {
  /** Names of the master keys of this process, the sealing one first. */
  kids(): readonly string[];
  count(): Promise<SealedCount[]>;
  /**
   * Wraps the data key of every secret with the sealing master key while the hub works: each one by compare-and-set, so that what is replaced
   * meanwhile is not overwritten. Cut off anywhere it is simply run again. Needs a SecretBox.
   */
  rewrap(options?: { signal?: AbortSignal }): Promise<RewrapResult>;
}

type Row = Record<string, unknown> & { _id: string };

const MAX_FALHAS = 100;
const BATCH = 200;

export function segredosOf(connection: Connection, box: SecretBox | undefined, places: readonly SealedPlace[] = SEALED_PLACES): Segredos {
  const needBox = () => {
    if (!box) throw new Error('this process was started without MALOTE_MASTER_KEY: secrets cannot be re-wrapped');
    return box;
  };
  const rowsOf = ({ collection }: SealedPlace) => connection.collection<Row>(collection);

  async function count(place: SealedPlace): Promise<SealedCount> {
    const { array, field } = place;
    const path = array === undefined ? field : `${array}.${field}`;
    const stages = [...(array === undefined ? [] : [{ $unwind: `$${array}` }]), { $match: { [`${path}.kid`]: { $exists: true } } }];
    const groups = await rowsOf(place)
      .aggregate<{ _id: string; n: number }>([...stages, { $group: { _id: `$${path}.kid`, n: { $sum: 1 } } }, { $sort: { _id: 1 } }])
      .toArray();
    return { lugar: placeName(place), kids: Object.fromEntries(groups.map(({ _id, n }) => [_id, n])) };
  }

  return {
    kids: () => needBox().kids,
    count: () => Promise.all(places.map(count)),
    async rewrap({ signal } = {}) {
      const secretBox = needBox();
      const result: RewrapResult = { regravados: 0, falhas: [], totalFalhas: 0, terminou: true };
      for (const place of places) {
        const rows = rowsOf(place);
        for await (const row of rows.find(wrappedByAnother(place, secretBox.kids[0] ?? ''), { batchSize: BATCH })) {
          for (const old of secretsOf(place, row)) {
            if (signal?.aborted) return { ...result, terminou: false };
            try {
              const sealed = secretBox.rewrap(old, place.aadOf(row));
              if (sealed === old) continue;
              if (await exchangeSealed(rows, place, { _id: row._id, old, sealed })) result.regravados += 1;
            } catch (error) {
              if (!(error instanceof SecretBoxError)) throw error;
              result.totalFalhas += 1;
              if (result.falhas.length < MAX_FALHAS) result.falhas.push({ lugar: placeName(place), id: row._id, motivo: error.message });
            }
          }
        }
      }
      return result;
    },
  };
}

function wrappedByAnother({ array, field }: SealedPlace, kid: string): Record<string, unknown> {
  const other = { [`${field}.kid`]: { $exists: true, $ne: kid } };
  return array === undefined ? other : { [array]: { $elemMatch: other } };
}

function secretsOf({ array, field }: SealedPlace, row: Row): SealedSecret[] {
  const holders = array === undefined ? [row] : (row[array] as Record<string, unknown>[]);
  return holders.map((holder) => holder[field] as SealedSecret | undefined).filter((sealed) => sealed !== undefined && sealed !== null);
}

/**
 * Puts a re-wrapped secret in the place of the old one; false when somebody has replaced it meanwhile. No two wrapped data keys are alike: the
 * old one says which secret it is.
 */
export async function exchangeSealed(
  rows: Collection<Row>,
  { array, field }: SealedPlace,
  { _id, old, sealed }: { _id: string; old: SealedSecret; sealed: SealedSecret },
): Promise<boolean> {
  const same = { [`${field}.dek`]: old.dek };
  const { modifiedCount } =
    array === undefined
      ? await rows.updateOne({ _id, ...same }, { $set: { [field]: sealed } })
      : await rows.updateOne(
          { _id, [array]: { $elemMatch: same } },
          { $set: { [`${array}.$[one].${field}`]: sealed } },
          { arrayFilters: [{ [`one.${field}.dek`]: old.dek }] },
        );
  return modifiedCount === 1;
}
