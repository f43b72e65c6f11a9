import type { Clock } from '@malote/runtime/clock';
import { type Connection, Schema } from 'mongoose';

/** An account: the customer of the hub. Every other record belongs to one. */
export interface Conta {
  _id: string;
  nome: string;
  active: boolean;
  createdAt: Date;
}

const contaSchema = new Schema(
  {
    _id: { type: String, required: true },
    nome: { type: String, required: true },
    active: { type: Boolean, required: true },
    createdAt: { type: Date, required: true },
  },
  { collection: 'contas', strict: 'throw', versionKey: false, autoIndex: false, autoCreate: false },
);

export interface Contas {
  create(conta: { nome: string }): Promise<Conta>;
  find(id: string): Promise<Conta | undefined>;
}

export function contasOf(connection: Connection, clock: Clock): Contas {
  const model = connection.model('Conta', contaSchema);
  return {
    async create({ nome }) {
      const conta: Conta = { _id: clock.uuid(), nome, active: true, createdAt: clock.now() };
      await model.create(conta);
      return conta;
    },
    async find(id) {
      return ((await model.findById(id).lean()) as Conta | null) ?? undefined;
    },
  };
}
