import type { Clock } from '@malote/runtime/clock';
import { type Connection, Schema } from 'mongoose';
import { changedGeracoes, DATED, ENDS_SESSIONS, type Geracao, indexGeracao } from './geracao.ts';

/** An account: the customer of the hub. Every other record belongs to one. */
export interface Conta {
  _id: string;
  nome: string;
  active: boolean;
  /** See geracao.ts; absent: 0. */
  geracao?: number;
  createdAt: Date;
  updatedAt?: Date;
}

const contaSchema = new Schema(
  {
    _id: { type: String, required: true },
    nome: { type: String, required: true },
    active: { type: Boolean, required: true },
    geracao: Number,
    createdAt: { type: Date, required: true },
    updatedAt: Date,
  },
  { collection: 'contas', strict: 'throw', versionKey: false, autoIndex: false, autoCreate: false },
);

indexGeracao(contaSchema);

export interface Contas {
  create(conta: { nome: string }): Promise<Conta>;
  find(id: string): Promise<Conta | undefined>;
  /** In the order of their ids; `total` counts them all. */
  list(page: { skip: number; limit: number }): Promise<{ total: number; contas: Conta[] }>;
  /** Switches it off, which ends its sessions, or on again. Undefined when there is none. */
  setActive(id: string, active: boolean): Promise<Conta | undefined>;
  /** Ends every session of the account. Undefined when there is none. */
  endSessions(id: string): Promise<Conta | undefined>;
  /** See geracao.ts. */
  geracoes(since?: Date): Promise<Geracao[]>;
}

export function contasOf(connection: Connection, clock: Clock): Contas {
  const model = connection.model('Conta', contaSchema);
  const update = async (id: string, change: object) =>
    ((await model.findOneAndUpdate({ _id: id }, change, { returnDocument: 'after', lean: true })) as Conta | null) ?? undefined;
  return {
    async create({ nome }) {
      const conta: Conta = { _id: clock.uuid(), nome, active: true, createdAt: clock.now() };
      await model.create(conta);
      return conta;
    },
    async find(id) {
      return ((await model.findById(id).lean()) as Conta | null) ?? undefined;
    },
    async list({ skip, limit }) {
      const [total, contas] = await Promise.all([
        model.estimatedDocumentCount(),
        model.find().sort({ _id: 1 }).skip(skip).limit(limit).lean(),
      ]);
      return { total, contas: contas as Conta[] };
    },
    setActive: (id, active) => update(id, { $set: { active }, ...(active ? DATED : ENDS_SESSIONS) }),
    endSessions: (id) => update(id, ENDS_SESSIONS),
    geracoes: (since) => changedGeracoes(model.collection, since),
  };
}
