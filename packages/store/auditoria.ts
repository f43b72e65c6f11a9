import { hash } from 'node:crypto';
import type { Clock } from '@malote/runtime/clock';
import { type Connection, Schema } from 'mongoose';
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
}

const SEQ_DIGITS = 12;

export function auditoriaOf(connection: Connection, clock: Clock): Auditoria {
  const model = connection.model('Auditoria', auditoriaSchema);

  async function append(fato: FatoAuditado): Promise<RegistroAuditoria> {
    const last = (await model.findOne({ conta: fato.conta }).hint('conta').sort({ seq: -1 }).lean()) as RegistroAuditoria | null;
    const seq = (last?.seq ?? 0) + 1;
    const unsealed = {
      ...fato,
      _id: `${fato.conta}.${String(seq).padStart(SEQ_DIGITS, '0')}`,
      seq,
      em: clock.now(),
      anterior: last?.hash ?? '',
    };
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

  return { append };
}

/** The hash of a link, from its other fields in a fixed order. */
export function hashOf(row: Omit<RegistroAuditoria, 'hash'>): string {
  const { anterior, conta, seq, em, quem, acao, empresa, alvo, resultado, detalhe } = row;
  const said = [conta, seq, em.toISOString(), quem.tipo, quem.id, quem.ip, acao, empresa, alvo, resultado, detalhe];
  return hash('sha256', `${anterior}\n${JSON.stringify(said.map((part) => part ?? null))}`);
}
