import type { Clock } from '@malote/runtime/clock';
import { type Connection, Schema } from 'mongoose';
import { type Ancora, chainCheck, hashOf, linkId, type VeredictoCorrente } from './audit-chain.ts';
import { isDuplicateKey } from './transition.ts';

/** Who did it: `id` is the token of a credential, the id of an entity, or who the operator says to be. */
export interface Quem {
  tipo: 'credencial' | 'entidade' | 'operador' | 'cli' | 'servico';
  id?: string;
  ip?: string;
}

/** Of what concerns no account, but the hub. */
export const HUB = '*';

export interface FatoAuditado {
  /** An account, or HUB. */
  conta: string;
  quem: Quem;
  /** `<what>.<verb>`: `credencial.trocar-secret`, `certificado.instalar`. */
  acao: string;
  empresa?: string;
  /** What it was done to, where it is not the company: a token, an id, a thumbprint. Never a secret. */
  alvo?: string;
  resultado: 'ok' | 'recusado';
  /** In a few words. Never a secret. */
  detalhe?: string;
}

/** One link of an account's chain. */
export interface RegistroAuditoria extends FatoAuditado {
  _id: string;
  seq: number;
  em: Date;
  /** Of the link before; empty for the first. */
  anterior: string;
  /** SHA-256, hex, over `anterior` and every field of this link. */
  hash: string;
}

const { Mixed } = Schema.Types;
const text = { type: String, required: true } as const;
const auditoriaSchema = new Schema(
  {
    ...{ _id: text, conta: text, quem: { type: Mixed, required: true }, acao: text, empresa: String, alvo: String, resultado: text },
    ...{
      detalhe: String,
      seq: { type: Number, required: true },
      em: { type: Date, required: true },
      anterior: { type: String },
      hash: text,
    },
  },
  { collection: 'auditoria', strict: 'throw', versionKey: false, autoIndex: false, autoCreate: false },
);

/** Its newest first, and the end of its chain. */
auditoriaSchema.index({ conta: 1, seq: -1 }, { name: 'conta' });

export interface Auditoria {
  /** Adds a link to the account's chain. Nothing of it is ever changed. */
  append(fato: FatoAuditado): Promise<RegistroAuditoria>;
  /** Its links, newest first; `total` is the number of the newest one. */
  list(query: { conta: string; skip: number; limit: number }): Promise<{ total: number; registros: RegistroAuditoria[] }>;
  /** Reads the whole chain (see audit-chain.ts) in constant memory. */
  verify(corrente: { conta: string; ancora?: Ancora }): Promise<VeredictoCorrente>;
  /** Who has a chain: accounts and HUB. */
  contas(): Promise<string[]>;
}

const VERIFY_BATCH = 1_000;

export function auditoriaOf(connection: Connection, clock: Clock): Auditoria {
  const model = connection.model('Auditoria', auditoriaSchema);
  const lastOf = async (conta: string) =>
    (await model.findOne({ conta }).hint('conta').sort({ seq: -1 }).lean()) as RegistroAuditoria | null;

  async function append(fato: FatoAuditado): Promise<RegistroAuditoria> {
    const last = await lastOf(fato.conta);
    const seq = (last?.seq ?? 0) + 1;
    const unsealed = { ...fato, _id: linkId({ conta: fato.conta, seq }), seq, em: clock.now(), anterior: last?.hash ?? '' };
    const row: RegistroAuditoria = { ...unsealed, hash: hashOf(unsealed) };
    try {
      await model.collection.insertOne(row as never, { ignoreUndefined: true });
      return row;
    } catch (error) {
      // Somebody else was first: the next link hangs on theirs.
      if (isDuplicateKey(error)) return append(fato);
      throw error;
    }
  }

  return {
    append,
    async list({ conta, skip, limit }) {
      const total = (await lastOf(conta))?.seq ?? 0;
      // By number, not by skipping: page 5,000 costs what page 1 does.
      const seq = { $lte: total - skip, $gt: total - skip - limit };
      const registros = await model.find({ conta, seq }).hint('conta').sort({ seq: -1 }).lean();
      return { total, registros: registros as unknown as RegistroAuditoria[] };
    },
    async verify({ conta, ancora }) {
      const check = chainCheck(conta, ancora);
      // The driver's own cursor: mongoose would hide fields that the schema does not know.
      const rows = model.collection.find({ conta }, { hint: 'conta', sort: { seq: 1 }, batchSize: VERIFY_BATCH });
      for await (const row of rows) check.next(row);
      return check.end();
    },
    async contas() {
      return ((await model.distinct('conta')) as string[]).sort();
    },
  };
}
