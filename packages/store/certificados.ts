import type { Clock } from '@malote/runtime/clock';
import type { SealedSecret, SecretBox } from '@malote/runtime/secret-box';
import { type Connection, Schema } from 'mongoose';
import { type OutboxEntry, outboxSchema } from './outbox.ts';

/** What may be shown of a certificate. What is optional is unknown of those stored before it was kept. */
export interface CertificadoInfo {
  subject: string;
  issuer: string;
  serial: string;
  documento: string;
  notBefore: Date;
  notAfter: Date;
  /** SHA-256, lower-case hex. */
  thumbprint: string;
  thumbprintSha1?: string;
  keyBits?: number;
  /** Whether ICP-Brasil vouches for it, as judged when it was installed (sefaz/chain.ts). */
  cadeia?: 'icp-brasil' | 'outra' | 'nao-verificada';
  /** Names of its issuers, from the nearest up. */
  emissores?: string[];
  /** Set: nothing may be signed with it in the other ambiente. */
  ambiente?: 'hom';
}

/** The secret part, sealed at rest: PEM texts; `chain` are the intermediate certificates. */
export interface CertificadoMaterial {
  keyPem: string;
  certPem: string;
  chainPem: string[];
}

/** What one authoriser answered to a status call made with the certificate. */
export interface TesteCertificado {
  autorizador: string;
  tpAmb: '1' | '2';
  em: Date;
  /** `recusado`: the connection or the certificate itself; `sem-resposta`: no answer, or one that says nothing about it. */
  resultado: 'aceito' | 'recusado' | 'sem-resposta' | 'aguardando';
  cStat?: string;
  motivo: string;
  duracaoMs?: number;
  /** SEFAZ allows no test of this authoriser before then, whoever asks. */
  proximoEm?: Date;
}

export interface StoredCertificado extends CertificadoInfo {
  _id: string;
  conta: string;
  empresa: string;
  sealed: SealedSecret;
  /** Keys: `<autorizador>_<tpAmb>`. */
  testes?: Record<string, TesteCertificado>;
  /** Thresholds, in days, of which its end was told. */
  avisos?: number[];
  version: number;
  outbox: OutboxEntry[];
  createdAt: Date;
  /** When it was last put to use. */
  instaladoEm?: Date;
  updatedAt: Date;
}

const { Mixed } = Schema.Types;
const certificadoSchema = new Schema(
  {
    _id: { type: String, required: true },
    conta: { type: String, required: true },
    empresa: { type: String, required: true },
    subject: { type: String, required: true },
    issuer: { type: String, required: true },
    serial: { type: String, required: true },
    documento: { type: String, required: true },
    notBefore: { type: Date, required: true },
    notAfter: { type: Date, required: true },
    thumbprint: { type: String, required: true },
    ...{ thumbprintSha1: String, keyBits: Number, cadeia: String, emissores: { type: [String], default: undefined }, ambiente: String },
    sealed: { type: Mixed, required: true },
    testes: Mixed,
    avisos: { type: [Number], default: undefined },
    version: Number,
    outbox: { type: [outboxSchema], default: undefined },
    createdAt: { type: Date, required: true },
    ...{ instaladoEm: Date, updatedAt: Date },
  },
  { collection: 'certificados', strict: 'throw', versionKey: false, autoIndex: false, autoCreate: false },
);

/** A company's certificates, those replaced included (`history`). */
certificadoSchema.index({ empresa: 1, createdAt: -1 }, { name: 'empresa' });

type Owner = { conta: string; empresa: string };

export interface Certificados {
  /** Seals and stores a certificate; the same one again is the same row. @returns its id `<empresa>.<thumbprint>`. */
  put(owner: Owner, info: CertificadoInfo, material: CertificadoMaterial): Promise<string>;
  /** Opens it for signing. Throws SecretBoxError when the master key is not the one it was sealed with. */
  open(owner: Owner, id: string): Promise<(CertificadoInfo & CertificadoMaterial) | undefined>;
  /** What may be shown of every certificate the company had, the one stored last first. */
  history(owner: Owner): Promise<Omit<StoredCertificado, 'sealed'>[]>;
}

export function certificadosOf(connection: Connection, { clock, box }: { clock: Clock; box: SecretBox | undefined }): Certificados {
  const model = connection.model('Certificado', certificadoSchema);
  const needBox = () => {
    if (!box) throw new Error('this process was started without MALOTE_MASTER_KEY: certificates cannot be opened');
    return box;
  };
  return {
    async put(owner, info, material) {
      const _id = `${owner.empresa}.${info.thumbprint}`;
      const { keyPem, certPem, chainPem } = material;
      const sealed = needBox().seal(Buffer.from(JSON.stringify({ keyPem, certPem, chainPem })), aad(owner));
      const now = clock.now();
      await model.findOneAndUpdate(
        { _id, conta: owner.conta },
        {
          $set: { ...shownOf(info), empresa: owner.empresa, sealed, instaladoEm: now, updatedAt: now },
          // Installed again without it: the mark is gone.
          ...(info.ambiente === undefined ? { $unset: { ambiente: '' } } : {}),
          $setOnInsert: { createdAt: now, outbox: [] },
          $inc: { version: 1 },
        },
        { upsert: true },
      );
      return _id;
    },
    async open(owner, id) {
      const row = (await model.findOne({ _id: id, ...owner }).lean()) as StoredCertificado | null;
      if (!row) return undefined;
      return { ...shownOf(row), ...(JSON.parse(needBox().open(row.sealed, aad(owner)).toString()) as CertificadoMaterial) };
    },
    async history({ conta, empresa }) {
      const rows = model.find({ conta, empresa }, { sealed: 0 }).hint('empresa').sort({ createdAt: -1 });
      return (await rows.lean()) as unknown as Omit<StoredCertificado, 'sealed'>[];
    },
  };
}

const SHOWN = [
  ...['subject', 'issuer', 'serial', 'documento', 'notBefore', 'notAfter', 'thumbprint'],
  ...['thumbprintSha1', 'keyBits', 'cadeia', 'emissores', 'ambiente'],
] as readonly (keyof CertificadoInfo)[];

/** What callers have beside it (the key itself, in an A1) never gets into the row. */
function shownOf(row: CertificadoInfo): CertificadoInfo {
  return Object.fromEntries(SHOWN.flatMap((name) => (row[name] === undefined ? [] : [[name, row[name]]]))) as unknown as CertificadoInfo;
}

/** A sealed key moved to another company or account does not open. */
export function aad({ conta, empresa }: Owner): string {
  return `${conta}|${empresa}|certificado`;
}
