import type { Clock } from '@malote/runtime/clock';
import type { SealedSecret, SecretBox } from '@malote/runtime/secret-box';
import { type Connection, Schema } from 'mongoose';

/** What may be shown of a certificate. */
export interface CertificadoInfo {
  subject: string;
  issuer: string;
  serial: string;
  documento: string;
  notBefore: Date;
  notAfter: Date;
  thumbprint: string;
}

/** The secret part, sealed at rest: PEM texts; `chain` are the intermediate certificates. */
export interface CertificadoMaterial {
  keyPem: string;
  certPem: string;
  chainPem: string[];
}

export interface StoredCertificado extends CertificadoInfo {
  _id: string;
  conta: string;
  empresa: string;
  sealed: SealedSecret;
  createdAt: Date;
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
    sealed: { type: Mixed, required: true },
    createdAt: { type: Date, required: true },
  },
  { collection: 'certificados', strict: 'throw', versionKey: false, autoIndex: false, autoCreate: false },
);

type Owner = { conta: string; empresa: string };

export interface Certificados {
  /** Seals and stores a certificate; the same one again is the same row. @returns its id `<empresa>.<thumbprint>`. */
  put(owner: Owner, info: CertificadoInfo, material: CertificadoMaterial): Promise<string>;
  /** Opens it for signing. Throws SecretBoxError when the master key is not the one it was sealed with. */
  open(owner: Owner, id: string): Promise<(CertificadoInfo & CertificadoMaterial) | undefined>;
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
      const sealed = needBox().seal(Buffer.from(JSON.stringify(material)), aad(owner));
      await model.findOneAndUpdate(
        { _id, conta: owner.conta },
        { $set: { ...info, empresa: owner.empresa, sealed }, $setOnInsert: { createdAt: clock.now() } },
        { upsert: true },
      );
      return _id;
    },
    async open(owner, id) {
      const row = (await model.findOne({ _id: id, ...owner }).lean()) as StoredCertificado | null;
      if (!row) return undefined;
      const { _id, conta: _conta, empresa: _empresa, sealed, createdAt: _createdAt, ...info } = row;
      return { ...info, ...(JSON.parse(needBox().open(sealed, aad(owner)).toString()) as CertificadoMaterial) };
    },
  };
}

/** A sealed key moved to another company or account does not open. */
export function aad({ conta, empresa }: Owner): string {
  return `${conta}|${empresa}|certificado`;
}
