import type { AnyEnvelope } from '@malote/messages/envelope';
import type { Clock } from '@malote/runtime/clock';
import type { SealedSecret, SecretBox } from '@malote/runtime/secret-box';
import { type Connection, Schema } from 'mongoose';
import { leasedEntry, type OutboxEntry, outboxSchema } from './outbox.ts';

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
  /** Ids of the commands of tests that were served last. */
  testesFeitos?: string[];
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
    testesFeitos: { type: [String], default: undefined },
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
/** Those that end soon (`endingBefore`). */
certificadoSchema.index({ notAfter: 1 }, { name: 'notAfter' });
/** Sweep of entries whose lease ran out, and the age of the oldest (relay.ts). */
certificadoSchema.index({ 'outbox.0': 1 }, { name: 'outbox', partialFilterExpression: { 'outbox.0': { $exists: true } } });
certificadoSchema.index({ updatedAt: 1 }, { name: 'outboxAge', partialFilterExpression: { 'outbox.0': { $exists: true } } });

export function certificadoModel(connection: Connection) {
  return connection.model('Certificado', certificadoSchema);
}

type Owner = { conta: string; empresa: string };

export interface Certificados {
  /** Seals and stores a certificate; the same one again is the same row. @returns its id `<empresa>.<thumbprint>`. */
  put(owner: Owner, info: CertificadoInfo, material: CertificadoMaterial): Promise<string>;
  /** Opens it for signing. Throws SecretBoxError when the master key is not the one it was sealed with. */
  open(owner: Owner, id: string): Promise<(CertificadoInfo & CertificadoMaterial) | undefined>;
  /** What may be shown of every certificate the company had, the one stored last first. */
  history(owner: Owner): Promise<ShownCertificado[]>;
  /** Puts the commands of tests into its outbox, leased to the caller, who publishes them at once. False: there is no such certificate. */
  pedirTestes(owner: Owner, id: string, messages: readonly AnyEnvelope[]): Promise<boolean>;
  /** Stores what came of a test; the command `pedido` has served. */
  registrarTeste(owner: Owner, id: string, teste: TesteCertificado, pedido: string): Promise<void>;
  /** Those that end before then, whoever they belong to and in use or not, the one that ends first first. */
  endingBefore(then: Date): AsyncIterable<ShownCertificado>;
  /**
   * Notes that of these thresholds (days) its end was told, with the event that tells it. False: somebody else was first.
   */
  avisar(owner: Owner, id: string, avisos: readonly number[], message: AnyEnvelope | undefined): Promise<boolean>;
}

export type ShownCertificado = Omit<StoredCertificado, 'sealed'>;

/** Commands of tests that may wait in one outbox: more are only repeats. */
const MAX_OUTBOX = 50;

export function certificadosOf(
  model: ReturnType<typeof certificadoModel>,
  { clock, box, leaseMs }: { clock: Clock; box: SecretBox | undefined; leaseMs: number },
): Certificados {
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
      return (await rows.lean()) as unknown as ShownCertificado[];
    },
    async pedirTestes(owner, id, messages) {
      const now = clock.now();
      const entries = messages.map((message) => leasedEntry(message, now, leaseMs));
      const change = {
        $push: { outbox: { $each: entries, $slice: -MAX_OUTBOX } },
        $set: { updatedAt: now },
        $inc: { version: 1 },
      };
      return (await model.collection.updateOne({ _id: id as never, ...owner }, change as never)).matchedCount === 1;
    },
    async registrarTeste(owner, id, teste, pedido) {
      const change = {
        $set: { [`testes.${teste.autorizador}_${teste.tpAmb}`]: teste, updatedAt: clock.now() },
        $push: { testesFeitos: { $each: [pedido], $slice: -MAX_OUTBOX } },
        $pull: { outbox: { id: pedido } },
        $inc: { version: 1 },
      };
      await model.collection.updateOne({ _id: id as never, ...owner }, change as never, { ignoreUndefined: true });
    },
    async *endingBefore(then) {
      const rows = model
        .find({ notAfter: { $lt: then } }, { sealed: 0 })
        .hint('notAfter')
        .sort({ notAfter: 1 });
      for await (const row of rows.lean().cursor()) yield row as unknown as ShownCertificado;
    },
    async avisar(owner, id, avisos, message) {
      const now = clock.now();
      const change = {
        $addToSet: { avisos: { $each: avisos } },
        ...(message ? { $push: { outbox: leasedEntry(message, now, leaseMs) } } : {}),
        $set: { updatedAt: now },
        $inc: { version: 1 },
      };
      const untold = { _id: id as never, ...owner, avisos: { $ne: avisos.at(-1) } };
      return (await model.collection.updateOne(untold as never, change as never)).matchedCount === 1;
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
