import type { Clock } from '@malote/runtime/clock';
import { hashSecret } from '@malote/runtime/password';
import { type Connection, Schema } from 'mongoose';

/** What a credential may do; each route asks for one of them (or of several). */
export const ESCOPOS = ['emissao', 'recebimento', 'administracao', 'leitura'] as const;
export type Escopo = (typeof ESCOPOS)[number];

/** A token and the scrypt hash of its secret: what a session is opened with. The secret itself is stored nowhere. */
export interface Credencial {
  token: string;
  conta: string;
  secretHash: string;
  active: boolean;
  createdAt: Date;
}

const credencialSchema = new Schema(
  {
    _id: { type: String, required: true },
    conta: { type: String, required: true },
    secretHash: { type: String, required: true },
    active: { type: Boolean, required: true },
    createdAt: { type: Date, required: true },
  },
  { collection: 'credenciais', strict: 'throw', versionKey: false, autoIndex: false, autoCreate: false },
);

const SECRET_BYTES = 32;

export interface Credenciais {
  /** Makes a token and a secret. The secret is in the answer and nowhere else. */
  create(owner: { conta: string }): Promise<{ token: string; secret: string }>;
  find(token: string): Promise<Credencial | undefined>;
}

export function credenciaisOf(connection: Connection, clock: Clock): Credenciais {
  const model = connection.model('Credencial', credencialSchema);
  return {
    async create({ conta }) {
      const token = clock.uuid();
      const secret = clock.random(SECRET_BYTES).toString('base64url');
      await model.create({ _id: token, conta, secretHash: await hashSecret(secret), active: true, createdAt: clock.now() });
      return { token, secret };
    },
    async find(token) {
      const row = await model.findById(token).lean();
      if (!row) return undefined;
      const { _id, ...rest } = row;
      return { token: _id, ...rest };
    },
  };
}
