import type { Clock } from '@malote/runtime/clock';
import { hashSecret } from '@malote/runtime/password';
import { type Connection, Schema } from 'mongoose';
import { changedGeracoes, ENDS_SESSIONS, type Geracao, indexGeracao } from './geracao.ts';

/** What a credential may do; each route asks for one of them (or of several). */
export const ESCOPOS = ['emissao', 'recebimento', 'administracao', 'leitura'] as const;
export type Escopo = (typeof ESCOPOS)[number];

/** A token and the scrypt hash of its secret: what a session is opened with. The secret itself is stored nowhere. */
export interface Credencial {
  token: string;
  conta: string;
  /** What its owner calls it. */
  nome?: string;
  escopos: Escopo[];
  secretHash: string;
  /** Of the secret before this one, good until `anteriorAte`. */
  secretHashAnterior?: string;
  anteriorAte?: Date;
  active: boolean;
  /** See geracao.ts; absent: 0. A session opened with the former secret is of the generation before. */
  geracao?: number;
  createdAt: Date;
  updatedAt?: Date;
}

const credencialSchema = new Schema(
  {
    _id: { type: String, required: true },
    conta: { type: String, required: true },
    nome: String,
    escopos: { type: [String], default: undefined },
    secretHash: { type: String, required: true },
    ...{ secretHashAnterior: String, anteriorAte: Date },
    active: { type: Boolean, required: true },
    geracao: Number,
    createdAt: { type: Date, required: true },
    updatedAt: Date,
  },
  { collection: 'credenciais', strict: 'throw', versionKey: false, autoIndex: false, autoCreate: false },
);

/** Those of an account, in order of creation. */
credencialSchema.index({ conta: 1, createdAt: 1 }, { name: 'conta' });
indexGeracao(credencialSchema);

const SECRET_BYTES = 32;

export interface NovaCredencial {
  conta: string;
  nome?: string;
  /** All of them when absent. */
  escopos?: readonly Escopo[];
}

export interface Credenciais {
  /** Makes a token and a secret. The secret is in the answer and nowhere else. */
  create(nova: NovaCredencial): Promise<{ token: string; secret: string }>;
  find(token: string): Promise<Credencial | undefined>;
  /** In order of creation. */
  listOf(conta: string): Promise<Credencial[]>;
  /**
   * Gives it another secret, which is in the answer and nowhere else. Until `anteriorAte` the former one works as well, and sessions opened with
   * it live on; without it they end. Undefined when there is no such credential, or it was changed by somebody else at the same time.
   */
  rotate(token: string, options: { anteriorAte?: Date }): Promise<{ secret: string } | undefined>;
  /** Switches it off for good, which ends its sessions. Undefined when there is none. */
  disable(token: string): Promise<Credencial | undefined>;
  /** Ends every session of the credential. Undefined when there is none. */
  endSessions(token: string): Promise<Credencial | undefined>;
  /** See geracao.ts. */
  geracoes(since?: Date): Promise<Geracao[]>;
}

type Row = Omit<Credencial, 'token' | 'escopos'> & { _id: string; escopos?: Escopo[] };

export function credenciaisOf(connection: Connection, clock: Clock): Credenciais {
  const model = connection.model('Credencial', credencialSchema);
  const newSecret = () => clock.random(SECRET_BYTES).toString('base64url');
  const update = async (filter: object, change: object) => {
    const row = await model.findOneAndUpdate(filter, change, { returnDocument: 'after', lean: true });
    return row ? credencialOf(row as unknown as Row) : undefined;
  };
  async function find(token: string): Promise<Credencial | undefined> {
    const row = await model.findById(token).lean();
    return row ? credencialOf(row as unknown as Row) : undefined;
  }
  return {
    async create({ conta, nome, escopos = ESCOPOS }) {
      const token = clock.uuid();
      const secret = newSecret();
      const own = { _id: token, conta, ...(nome === undefined ? {} : { nome }), escopos: [...escopos], active: true };
      await model.create({ ...own, secretHash: await hashSecret(secret), createdAt: clock.now() });
      return { token, secret };
    },
    find,
    async listOf(conta) {
      const rows = await model.find({ conta }).hint('conta').sort({ createdAt: 1 }).lean();
      return rows.map((row) => credencialOf(row as unknown as Row));
    },
    async rotate(token, { anteriorAte }) {
      const before = await find(token);
      if (!before) return undefined;
      const secret = newSecret();
      const secretHash = await hashSecret(secret, { besides: before.secretHash });
      const $set = { secretHash, ...(anteriorAte ? { secretHashAnterior: before.secretHash, anteriorAte } : {}) };
      const $unset = anteriorAte ? {} : { secretHashAnterior: '', anteriorAte: '' };
      const changed = await update({ _id: token, secretHash: before.secretHash }, { $set, $unset, ...ENDS_SESSIONS });
      return changed ? { secret } : undefined;
    },
    disable: (token) =>
      update({ _id: token }, { $set: { active: false }, $unset: { secretHashAnterior: '', anteriorAte: '' }, ...ENDS_SESSIONS }),
    endSessions: (token) => update({ _id: token }, { $unset: { secretHashAnterior: '', anteriorAte: '' }, ...ENDS_SESSIONS }),
    geracoes: (since) => changedGeracoes(model.collection, since),
  };
}

/** One of an older release may do everything. */
function credencialOf({ _id, escopos, ...row }: Row): Credencial {
  return { token: _id, ...row, escopos: escopos ?? [...ESCOPOS] };
}
