import type { QrVersion } from '@malote/fiscal/emission/qr-code';
import type { PoliticaLacunas } from '@malote/fiscal/inutilizacao/politica';
import { canonicalIe } from '@malote/fiscal/model/chave-entidade';
import type { NfceUrls } from '@malote/fiscal/model/nfce-urls';
import type { Uf } from '@malote/fiscal/model/uf';
import type { Clock } from '@malote/runtime/clock';
import { type Connection, Schema } from 'mongoose';
import { isDuplicateKey } from './transition.ts';

/** What is printed for a company where the call does not say it; each field alone. */
export interface DanfeOpcoes {
  /** Of an NF-e whose tpImp asks for A4. */
  orientacao?: 'retrato' | 'paisagem';
  /** Millimetres of the paper of the DANFE NFC-e. */
  larguraCupom?: 58 | 80 | 100 | 210;
  semCanhoto?: boolean;
  /** DANFE NFC-e without its items, where UF and consumer allow it. */
  semItens?: boolean;
  /** Copies in off-line contingency. */
  vias?: 1 | 2;
}

export interface Inscricao {
  uf: Uf;
  /** As canonicalIe makes it. */
  ie: string;
}

/** Regime of the company: 1 Simples Nacional, 2 Simples above its limit, 3 normal, 4 MEI. */
export type Crt = '1' | '2' | '3' | '4';

/** A company of an account. `_id` is its CNPJ or CPF, so that it can belong to one account only. `version` grows with every change. */
export interface Empresa {
  _id: string;
  conta: string;
  razaoSocial: string;
  nomeFantasia?: string;
  uf: Uf;
  ie?: string;
  /** Besides that of `uf` and `ie`: inscriptions in other UFs, as a substituto tributário has them, or more than one in its own. */
  outrasInscricoes?: Inscricao[];
  crt?: Crt;
  /** IBGE code of its municipality, of `uf`. */
  municipio?: string;
  /** Id of the certificate in use (certificados). */
  certificado?: string;
  /** Version of the QR code of its NFC-e; the rule of qrVersionOf when absent. */
  qrVersion?: QrVersion;
  /** Addresses in place of the UF's, per tpAmb. */
  nfceUrls?: { '1'?: NfceUrls; '2'?: NfceUrls };
  /** Content id (conteudos) of the picture on its printed documents: PNG or JPEG. */
  logo?: string;
  danfe?: DanfeOpcoes;
  /** What becomes of its number gaps; `propor` when absent. */
  lacunas?: PoliticaLacunas;
  /** What SEFAZ is told of a gap made void by policy; JUSTIFICATIVA_PADRAO when absent. */
  lacunasJustificativa?: string;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

/** Every inscription of a company, that of its own UF first. */
export function inscricoesOf({ uf, ie, outrasInscricoes = [] }: Pick<Empresa, 'uf' | 'ie' | 'outrasInscricoes'>): Inscricao[] {
  return [{ uf, ie: canonicalIe(ie) }, ...outrasInscricoes];
}

type Clearable = 'nomeFantasia' | 'ie' | 'outrasInscricoes' | 'crt' | 'municipio' | 'qrVersion';
type ClearableToo = 'logo' | 'danfe' | 'lacunas' | 'lacunasJustificativa';

/** Fields to change; `null` takes one away, what is absent stays. Addresses are changed per ambiente. */
export type EmpresaChange = Partial<Pick<Empresa, 'razaoSocial' | 'uf'>> & {
  [field in Clearable | ClearableToo]?: NonNullable<Empresa[field]> | null | undefined;
} & { nfceUrls?: { '1'?: NfceUrls | null; '2'?: NfceUrls | null } };

/** The CNPJ or CPF is registered by another account of this hub. */
export class EmpresaDeOutraConta extends Error {
  constructor(documento: string) {
    super(`A empresa ${documento} já está cadastrada em outra conta deste hub; um CNPJ ou CPF pertence a uma única conta.`);
    this.name = 'EmpresaDeOutraConta';
  }
}

const { Mixed } = Schema.Types;
const empresaSchema = new Schema(
  {
    _id: { type: String, required: true },
    conta: { type: String, required: true },
    razaoSocial: { type: String, required: true },
    uf: { type: String, required: true },
    ...{ nomeFantasia: String, ie: String, outrasInscricoes: { type: [Mixed], default: undefined }, crt: String, municipio: String },
    ...{ certificado: String, qrVersion: String, nfceUrls: Mixed },
    ...{ logo: String, danfe: Mixed, lacunas: String, lacunasJustificativa: String },
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: 'empresas', strict: 'throw', versionKey: false, autoIndex: false, autoCreate: false },
);

/** The companies of an account, for the session's answer, and page by page. */
empresaSchema.index({ conta: 1, _id: 1 }, { name: 'contaDocumento' });
/** Whose certificate a UF's authoriser can be asked with (`comCertificado`). */
empresaSchema.index({ uf: 1, _id: 1 }, { name: 'ufCertificado', partialFilterExpression: { certificado: { $exists: true } } });

export interface EmpresaFields {
  conta: string;
  documento: string;
  razaoSocial: string;
  uf: Uf;
  ie?: string;
}

export interface EmpresaWhere {
  conta: string;
  documento: string;
}

export interface Empresas {
  /** Creates or replaces; throws EmpresaDeOutraConta. */
  put(fields: EmpresaFields): Promise<Empresa>;
  find(where: EmpresaWhere): Promise<Empresa | undefined>;
  listOf(conta: string): Promise<Empresa[]>;
  /**
   * Changes a company, creating it first where `create` is said (razaoSocial and uf are needed then). Undefined when the account has no
   * such company. Throws EmpresaDeOutraConta.
   */
  save(where: EmpresaWhere, change: EmpresaChange, how?: { create: boolean }): Promise<{ empresa: Empresa; created: boolean } | undefined>;
  /** One page, by CNPJ or CPF. */
  list(where: { conta: string; skip: number; limit: number }): Promise<{ total: number; empresas: Empresa[] }>;
  /** Of every account: the companies whose gaps the hub makes void by itself. */
  listInutilizar(): Promise<Empresa[]>;
  /** Of every account: companies of a UF that have a certificate, by CNPJ or CPF. */
  comCertificado(uf: Uf, limit: number): Promise<Empresa[]>;
  /** Puts a stored certificate to use; false when the account has no such company. */
  useCertificado(where: EmpresaWhere, certificado: string): Promise<boolean>;
}

export function empresasOf(connection: Connection, clock: Clock): Empresas {
  const model = connection.model('Empresa', empresaSchema);
  const save: Empresas['save'] = async ({ conta, documento }, change, { create } = { create: false }) => {
    const now = clock.now();
    const { $set, $unset } = writesOf(change);
    const update = { $set: { ...$set, updatedAt: now }, $unset, $inc: { version: 1 }, $setOnInsert: { createdAt: now } };
    try {
      const options = { upsert: create, returnDocument: 'after', lean: true } as const;
      const empresa = (await model.findOneAndUpdate({ _id: documento, conta }, update, options)) as Empresa | null;
      return empresa ? { empresa, created: empresa.version === 1 } : undefined;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // Of another account, unless another call has just created it for this one.
      if (!(await model.exists({ _id: documento, conta }))) throw new EmpresaDeOutraConta(documento);
      return save({ conta, documento }, change);
    }
  };

  return {
    async put({ conta, documento, ...fields }) {
      return (await save({ conta, documento }, fields, { create: true }))?.empresa as Empresa;
    },
    save,
    async find({ conta, documento }) {
      // Once for every note, at the edge and in emission: without the query of mongoose.
      return ((await model.collection.findOne({ _id: documento as never, conta })) as Empresa | null) ?? undefined;
    },
    async listOf(conta) {
      return (await model.find({ conta }).hint('contaDocumento').sort({ _id: 1 }).lean()) as unknown as Empresa[];
    },
    async list({ conta, skip, limit }) {
      const [total, empresas] = await Promise.all([
        model.countDocuments({ conta }).hint('contaDocumento'),
        model.find({ conta }).hint('contaDocumento').sort({ _id: 1 }).skip(skip).limit(limit).lean(),
      ]);
      return { total, empresas: empresas as unknown as Empresa[] };
    },
    async listInutilizar() {
      // Without an index: asked for once an hour, by one process, over a collection of small records.
      return (await model.find({ lacunas: 'inutilizar' }).sort({ _id: 1 }).lean()) as unknown as Empresa[];
    },
    async comCertificado(uf, limit) {
      const filter = { uf, certificado: { $exists: true } };
      return (await model.find(filter).hint('ufCertificado').sort({ _id: 1 }).limit(limit).lean()) as unknown as Empresa[];
    },
    async useCertificado({ conta, documento }, certificado) {
      const change = { $set: { certificado, updatedAt: clock.now() }, $inc: { version: 1 } };
      return (await model.updateOne({ _id: documento, conta }, change)).matchedCount === 1;
    },
  };
}

/** A change as MongoDB is told it; each address by its own path, so that the other ambiente's stays. */
function writesOf({ nfceUrls = {}, ...fields }: EmpresaChange): { $set: Record<string, unknown>; $unset: Record<string, ''> } {
  const writes = { $set: {} as Record<string, unknown>, $unset: {} as Record<string, ''> };
  const urls = Object.entries(nfceUrls).map(([tpAmb, value]) => [`nfceUrls.${tpAmb}`, value] as const);
  for (const [field, value] of [...Object.entries(fields), ...urls]) {
    if (value === null) writes.$unset[field] = '';
    else if (value !== undefined) writes.$set[field] = value;
  }
  return writes;
}
