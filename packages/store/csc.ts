import type { Csc } from '@malote/fiscal/emission/qr-code';
import type { Clock } from '@malote/runtime/clock';
import type { SealedSecret, SecretBox } from '@malote/runtime/secret-box';
import { type Connection, Schema } from 'mongoose';

/** SEFAZ keeps at most so many valid per company, UF and ambiente: a third one needs another revoked first. */
export const MAX_ACTIVE_CSC = 2;

/** What may be shown of a CSC: never its code. */
export interface CscInfo {
  id: string;
  createdAt: Date;
}

interface StoredCsc extends CscInfo {
  sealed: SealedSecret;
}

/** One document per company and ambiente, so that the limit is kept by one update, whoever else writes. */
interface StoredCscs {
  _id: string;
  conta: string;
  empresa: string;
  tpAmb: '1' | '2';
  ativos: StoredCsc[];
  updatedAt: Date;
}

/** Two CSC are active already; the message says what to do. */
export class CscLimite extends Error {
  constructor(ids: string[]) {
    super(`A empresa já tem ${MAX_ACTIVE_CSC} CSC ativos neste ambiente (ids ${ids.join(' e ')}): retire o que foi revogado na SEFAZ.`);
    this.name = 'CscLimite';
  }
}

const { Mixed } = Schema.Types;
const cscSchema = new Schema(
  {
    _id: { type: String, required: true },
    conta: { type: String, required: true },
    empresa: { type: String, required: true },
    tpAmb: { type: String, required: true },
    ativos: { type: [Mixed], required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: 'csc', strict: 'throw', versionKey: false, autoIndex: false, autoCreate: false },
);

export interface CscOwner {
  conta: string;
  empresa: string;
  tpAmb: '1' | '2';
}

export interface Cscs {
  /** Seals and stores a CSC; the same id again replaces its code. Throws CscLimite, RangeError on an id or code of another form. */
  put(owner: CscOwner, csc: Csc): Promise<void>;
  /**
   * As put, but an id that there is already stays as it is: `same` when it has this very code, `other` when it has another one.
   */
  add(owner: CscOwner, csc: Csc): Promise<'added' | 'same' | 'other'>;
  /** False when there is no such id. */
  remove(owner: CscOwner, id: string): Promise<boolean>;
  list(owner: CscOwner): Promise<CscInfo[]>;
  /** The one to use: the highest id, since SEFAZ numbers them in order. Throws SecretBoxError when it was sealed for another owner. */
  current(owner: CscOwner): Promise<Csc | undefined>;
}

export function cscsOf(connection: Connection, { clock, box }: { clock: Clock; box: SecretBox | undefined }): Cscs {
  const model = connection.model('Csc', cscSchema);
  const needBox = () => {
    if (!box) throw new Error('this process was started without MALOTE_MASTER_KEY: a CSC cannot be opened');
    return box;
  };
  const ativosOf = async (owner: CscOwner) => {
    const { conta } = owner;
    const row = (await model.findOne({ _id: idOf(owner), conta }).lean()) as StoredCscs | null;
    return row?.ativos ?? [];
  };

  /** True when it is stored, false when there is one of this id. */
  async function push(owner: CscOwner, row: StoredCsc): Promise<boolean> {
    const { conta, empresa, tpAmb } = owner;
    const filter = { _id: idOf(owner), conta };
    const updatedAt = row.createdAt;
    await model.updateOne({ _id: filter._id }, { $setOnInsert: { conta, empresa, tpAmb, ativos: [], updatedAt } }, { upsert: true });
    const free = { ...filter, 'ativos.id': { $ne: row.id }, [`ativos.${MAX_ACTIVE_CSC - 1}`]: { $exists: false } };
    const pushed = await model.updateOne(free, { $push: { ativos: row }, $set: { updatedAt } });
    if (pushed.matchedCount === 1) return true;
    const ids = (await ativosOf(owner)).map(({ id }) => id);
    if (ids.includes(row.id)) return false;
    throw new CscLimite(ids);
  }

  async function replace(owner: CscOwner, row: StoredCsc): Promise<boolean> {
    const filter = { _id: idOf(owner), conta: owner.conta, 'ativos.id': row.id };
    return (await model.updateOne(filter, { $set: { 'ativos.$': row, updatedAt: row.createdAt } })).matchedCount === 1;
  }

  function sealed(owner: CscOwner, { id, codigo }: Csc): StoredCsc {
    const plain = canonicalCscId(id);
    if (plain === undefined) throw new RangeError('the id of a CSC has 1 to 6 digits and is not 0');
    if (!isCscCode(codigo)) throw new RangeError('a CSC has 16 to 64 letters, digits and hyphens');
    return { id: plain, sealed: needBox().seal(Buffer.from(codigo), aad(owner)), createdAt: clock.now() };
  }

  const codeOf = (owner: CscOwner, row: StoredCsc) => needBox().open(row.sealed, aad(owner)).toString();

  return {
    async put(owner, csc) {
      const row = sealed(owner, csc);
      // Between the two somebody else may put or take away the same id.
      while (!((await replace(owner, row)) || (await push(owner, row))));
    },
    async add(owner, csc) {
      const row = sealed(owner, csc);
      for (;;) {
        const found = (await ativosOf(owner)).find(({ id }) => id === row.id);
        if (found) return codeOf(owner, found) === csc.codigo ? 'same' : 'other';
        if (await push(owner, row)) return 'added';
      }
    },
    async remove(owner, id) {
      const plain = canonicalCscId(id) ?? id;
      const filter = { _id: idOf(owner), conta: owner.conta, 'ativos.id': plain };
      const change = { $pull: { ativos: { id: plain } }, $set: { updatedAt: clock.now() } };
      return (await model.updateOne(filter, change)).matchedCount === 1;
    },
    async list(owner) {
      return (await ativosOf(owner)).map(({ id, createdAt }) => ({ id, createdAt }));
    },
    async current(owner) {
      const [newest] = (await ativosOf(owner)).sort((a, b) => Number(b.id) - Number(a.id));
      return newest && { id: newest.id, codigo: codeOf(owner, newest) };
    },
  };
}

/** The id as the QR code wants it, without leading zeros ("000001" → "1"); undefined for what is no id. */
export function canonicalCscId(id: string): string | undefined {
  return /^0*[1-9][0-9]{0,5}$/.test(id) && id.length <= 6 ? String(Number(id)) : undefined;
}

/** The manual says 16 to 36 characters, and its own example has 40. */
export function isCscCode(codigo: string): boolean {
  return /^[A-Za-z0-9-]{16,64}$/.test(codigo);
}

function idOf({ empresa, tpAmb }: CscOwner): string {
  return `${empresa}.${tpAmb}`;
}

/** A sealed code moved to another company or account does not open. */
export function aad({ conta, empresa }: CscOwner): string {
  return `${conta}|${empresa}|csc`;
}
