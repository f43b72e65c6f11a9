import type { QrVersion } from '@malote/fiscal/emission/qr-code';
import type { PoliticaLacunas } from '@malote/fiscal/inutilizacao/politica';
import type { NfceUrls } from '@malote/fiscal/model/nfce-urls';
import type { Uf } from '@malote/fiscal/model/uf';
import type { Clock } from '@malote/runtime/clock';
import { type Connection, Schema } from 'mongoose';

/** A company of an account. `_id` is its CNPJ or CPF, so that it can belong to one account only. `version` grows with every change. */
export interface Empresa {
  _id: string;
  conta: string;
  razaoSocial: string;
  uf: Uf;
  ie?: string;
  /** Id of the certificate in use (certificados). */
  certificado?: string;
  /** Version of the QR code of its NFC-e; the rule of qrVersionOf when absent. */
  qrVersion?: QrVersion;
  /** Addresses in place of the UF's, per tpAmb. */
  nfceUrls?: { '1'?: NfceUrls; '2'?: NfceUrls };
  /** Content id (conteudos) of the picture on its printed documents: PNG or JPEG. */
  logo?: string;
  /** What becomes of its number gaps; `propor` when absent. */
  lacunas?: PoliticaLacunas;
  /** What SEFAZ is told of a gap made void by policy; JUSTIFICATIVA_PADRAO when absent. */
  lacunasJustificativa?: string;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

/** The CNPJ or CPF is registered by another account of this hub. */
export class EmpresaDeOutraConta extends Error {
  constructor(documento: string) {
    super(`A empresa ${documento} já está cadastrada em outra conta deste hub; um CNPJ ou CPF pertence a uma única conta.`);
    this.name = 'EmpresaDeOutraConta';
  }
}

const empresaSchema = new Schema(
  {
    _id: { type: String, required: true },
    conta: { type: String, required: true },
    razaoSocial: { type: String, required: true },
    uf: { type: String, required: true },
    ie: String,
    certificado: String,
    qrVersion: String,
    nfceUrls: Schema.Types.Mixed,
    ...{ logo: String, lacunas: String, lacunasJustificativa: String },
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: 'empresas', strict: 'throw', versionKey: false, autoIndex: false, autoCreate: false },
);

/** The companies of an account, for the session's answer. */
empresaSchema.index({ conta: 1 }, { name: 'conta' });

export interface EmpresaFields {
  conta: string;
  documento: string;
  razaoSocial: string;
  uf: Uf;
  ie?: string;
}

export interface NfceOptions {
  qrVersion?: QrVersion | null;
  urls?: { tpAmb: '1' | '2'; urls: NfceUrls | null };
}

export interface LacunasOptions {
  politica?: PoliticaLacunas;
  justificativa?: string;
}

export interface Empresas {
  /** Creates or replaces; throws EmpresaDeOutraConta. */
  put(fields: EmpresaFields): Promise<Empresa>;
  find(where: { conta: string; documento: string }): Promise<Empresa | undefined>;
  listOf(conta: string): Promise<Empresa[]>;
  /** Sets options of its NFC-e; `null` takes one back to the default. Undefined when the account has no such company. */
  setNfce(where: { conta: string; documento: string }, options: NfceOptions): Promise<Empresa | undefined>;
  /** The picture of its printed documents: the id that `conteudos.put` gave; `null` takes it away. False when the account has no such company. */
  setLogo(where: { conta: string; documento: string }, logo: string | null): Promise<boolean>;
  /** What becomes of its number gaps. False when the account has no such company. */
  setLacunas(where: { conta: string; documento: string }, options: LacunasOptions): Promise<boolean>;
  /** Of every account: the companies whose gaps the hub makes void by itself. */
  listInutilizar(): Promise<Empresa[]>;
  /** Puts a stored certificate to use; false when the account has no such company. */
  useCertificado(where: { conta: string; documento: string }, certificado: string): Promise<boolean>;
}

export function empresasOf(connection: Connection, clock: Clock): Empresas {
  const model = connection.model('Empresa', empresaSchema);
  return {
    async put({ documento, conta, ie, ...fields }) {
      const now = clock.now();
      try {
        const row = await model.findOneAndUpdate(
          { _id: documento, conta },
          { $set: { ...fields, ...(ie ? { ie } : {}), updatedAt: now }, $inc: { version: 1 }, $setOnInsert: { createdAt: now } },
          { upsert: true, returnDocument: 'after', lean: true },
        );
        return row as Empresa;
      } catch (error) {
        if ((error as { code?: unknown }).code === 11000) throw new EmpresaDeOutraConta(documento);
        throw error;
      }
    },
    async find({ conta, documento }) {
      // Once for every note, at the edge and in emission: without the query of mongoose.
      return ((await model.collection.findOne({ _id: documento as never, conta })) as Empresa | null) ?? undefined;
    },
    async listOf(conta) {
      return (await model.find({ conta }).hint('conta').sort({ _id: 1 }).lean()) as unknown as Empresa[];
    },
    async setNfce({ conta, documento }, { qrVersion, urls }) {
      const $set: Record<string, unknown> = { updatedAt: clock.now() };
      const $unset: Record<string, ''> = {};
      const put = (field: string, value: unknown) => {
        if (value === null) $unset[field] = '';
        else if (value !== undefined) $set[field] = value;
      };
      put('qrVersion', qrVersion);
      if (urls) put(`nfceUrls.${urls.tpAmb}`, urls.urls);
      const change = { $set, $unset, $inc: { version: 1 } };
      return (
        ((await model.findOneAndUpdate({ _id: documento, conta }, change, { returnDocument: 'after', lean: true })) as Empresa | null) ??
        undefined
      );
    },
    async setLogo({ conta, documento }, logo) {
      const field = logo === null ? { $set: { updatedAt: clock.now() }, $unset: { logo: '' } } : { $set: { logo, updatedAt: clock.now() } };
      return (await model.updateOne({ _id: documento, conta }, { ...field, $inc: { version: 1 } })).matchedCount === 1;
    },
    async setLacunas({ conta, documento }, { politica, justificativa }) {
      const given = { ...(politica ? { lacunas: politica } : {}), ...(justificativa ? { lacunasJustificativa: justificativa } : {}) };
      const change = { $set: { ...given, updatedAt: clock.now() }, $inc: { version: 1 } };
      return (await model.updateOne({ _id: documento, conta }, change)).matchedCount === 1;
    },
    async listInutilizar() {
      // Without an index: asked for once an hour, by one process, over a collection of small records.
      return (await model.find({ lacunas: 'inutilizar' }).sort({ _id: 1 }).lean()) as unknown as Empresa[];
    },
    async useCertificado({ conta, documento }, certificado) {
      const change = { $set: { certificado, updatedAt: clock.now() }, $inc: { version: 1 } };
      return (await model.updateOne({ _id: documento, conta }, change)).matchedCount === 1;
    },
  };
}
