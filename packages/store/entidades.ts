import { hash } from 'node:crypto';
import { chaveEntidade, type Estabelecimento } from '@malote/fiscal/model/chave-entidade';
import type { Clock } from '@malote/runtime/clock';
import type { SealedSecret, SecretBox } from '@malote/runtime/secret-box';
import { type Entidade, type EntidadeModel, type HistoricoEntidade, MAX_HISTORICO } from './entidade.ts';
import { isDuplicateKey } from './transition.ts';

export type { Entidade, HistoricoEntidade, OrigemToken } from './entidade.ts';

const PEDIDO_FIELDS = [
  ...(['_id', 'version', 'conta', 'documento', 'chave', 'entidade', 'idEmpresa', 'bloqueada'] as const),
  ...(['ativadaEm', 'tokenHash', 'tokenPor', 'seqInicial', 'seq'] as const),
] as const;

/** What a request needs of an entity. */
export type EntidadeDoPedido = Pick<Entidade, (typeof PEDIDO_FIELDS)[number]> & {
  /** True when this very request has been applied to it. */
  aplicada: boolean;
};

/** What one request changes of one entity, in one write that finds it as it was read. */
export interface MudancaEntidade {
  _id: string;
  version: number;
  set: Partial<Pick<Entidade, 'bloqueada' | 'contrato' | 'ativadaEm' | 'token' | 'tokenHash' | 'tokenPor' | 'seq'>>;
  historico: HistoricoEntidade[];
}

/** A TOKEN as it is stored: nobody reads it but who has the master key. */
export interface TokenGuardado {
  token: SealedSecret;
  tokenHash: string;
}

export interface ListaEntidades {
  /** Without it of all accounts: for the operator only. */
  conta?: string | undefined;
  contrato?: string | undefined;
  uf?: string | undefined;
  bloqueada?: boolean | undefined;
  skip: number;
  limit: number;
}

/** What the block list holds: an establishment of which some entity is blocked. */
export interface ChaveBloqueada {
  conta: string;
  chave: string;
  contrato?: string;
}

type Where = { conta: string } & Estabelecimento;

export interface Entidades {
  /** Every entity of the establishment, by Entidade. */
  findByKey(where: Where): Promise<Entidade[]>;
  /** By its 6 digits. */
  find(where: { conta: string; entidade: string }): Promise<Entidade | undefined>;
  /** By its `_id`. */
  findById(where: { conta: string; id: string }): Promise<Entidade | undefined>;
  /** Without their history. */
  list(query: ListaEntidades): Promise<{ total: number; entidades: Entidade[] }>;
  /** Whose TOKEN it is; without its history. */
  findByToken(token: string): Promise<Entidade | undefined>;
  /** The TOKEN itself, undefined without one. Throws SecretBoxError when it was sealed for another owner. */
  openToken(entidade: Pick<Entidade, 'conta' | 'documento' | 'token'>): string | undefined;
  /** Undefined: not blocked. One blocked entity is enough. */
  blocked(where: Where): Promise<{ contrato?: string } | undefined>;
  /** The whole block list, or what of it concerns these keys of an account. */
  blockedKeys(of?: { conta: string; chaves: readonly string[] }): Promise<ChaveBloqueada[]>;
  /** The worker's: the entities of these keys, by key and Entidade. */
  forPedido(where: { conta: string; chaves: readonly string[]; pedido: string }): Promise<EntidadeDoPedido[]>;
  /** The worker's. @returns how many were found as they had been read; the others are to be read again. */
  change(mudancas: readonly MudancaEntidade[]): Promise<number>;
  /** The worker's. @returns false when its `_id` is taken. */
  insert(entidade: Entidade): Promise<boolean>;
  /** The worker's: 40 hexadecimal digits. */
  newToken(owner: Pick<Entidade, 'conta' | 'documento'>): TokenGuardado;
}

const TOKEN_BYTES = 20;
/** Of one command: more would be split by the driver all the same, and hold the server longer. */
const BATCH = 1_000;

export function entidadesOf(model: EntidadeModel, { clock, box }: { clock: Clock; box: SecretBox | undefined }): Entidades {
  const { collection } = model;
  const needBox = () => {
    if (!box) throw new Error('this process was started without MALOTE_MASTER_KEY: the TOKEN of an entity cannot be opened');
    return box;
  };
  const findOne = async (filter: object, hint: string, projection = {}) =>
    ((await collection.findOne(filter, { hint, projection })) as unknown as Entidade | null) ?? undefined;

  return {
    async findByKey({ conta, ...where }) {
      const rows = collection.find({ conta, chave: chaveEntidade(where) }).hint('chave');
      return (await rows.sort({ entidade: 1 }).toArray()) as unknown as Entidade[];
    },
    find: ({ conta, entidade }) => findOne({ conta, entidade }, 'entidade'),
    findById: ({ conta, id }) => findOne({ _id: id, conta }, '_id_'),
    async list({ conta, contrato, uf, bloqueada, skip, limit }) {
      const given = { conta, contrato, uf, bloqueada };
      const filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
      const rows = collection.find(filter, { projection: { historico: 0 } }).sort(conta === undefined ? { _id: 1 } : { entidade: 1 });
      const [total, entidades] = await Promise.all([collection.countDocuments(filter), rows.skip(skip).limit(limit).toArray()]);
      return { total, entidades: entidades as unknown as Entidade[] };
    },
    findByToken: (token) => findOne({ tokenHash: tokenHash(token) }, 'token', { historico: 0 }),
    openToken({ token, ...owner }) {
      return token && needBox().open(token, aad(owner)).toString();
    },
    async blocked({ conta, ...where }) {
      const filter = { conta, chave: chaveEntidade(where), bloqueada: true };
      const row = await collection.findOne(filter, { hint: 'bloqueadas', projection: { contrato: 1 } });
      return (row as { contrato?: string } | null) ? contratoOf(row as { contrato?: string }) : undefined;
    },
    async blockedKeys(of) {
      const filter = { bloqueada: true, ...(of ? { conta: of.conta, chave: { $in: [...of.chaves] } } : {}) };
      const projection = { _id: 0, conta: 1, chave: 1, contrato: 1 };
      return (await collection.find(filter, { projection }).hint('bloqueadas').toArray()) as unknown as ChaveBloqueada[];
    },
    async forPedido({ conta, chaves, pedido }) {
      const fields = Object.fromEntries(PEDIDO_FIELDS.map((field) => [field, 1]));
      const projection = { ...fields, historico: { $elemMatch: { pedido } } };
      const found = collection.find({ conta, chave: { $in: [...chaves] } }, { projection }).hint('chave');
      const rows = (await found.sort({ chave: 1, entidade: 1 }).toArray()) as unknown as Entidade[];
      return rows.map(({ historico = [], ...row }) => ({ ...row, aplicada: historico.length > 0 }));
    },
    async change(mudancas) {
      let matched = 0;
      for (let from = 0; from < mudancas.length; from += BATCH) {
        const writes = mudancas.slice(from, from + BATCH).map(({ _id, version, set, historico }) => ({
          updateOne: {
            filter: { _id: _id as never, version },
            update: {
              $set: { ...set, updatedAt: clock.now() },
              $push: { historico: { $each: historico, $slice: -MAX_HISTORICO } } as never,
              $inc: { version: 1 },
            },
          },
        }));
        matched += (await collection.bulkWrite(writes, { ordered: false, ignoreUndefined: true })).matchedCount;
      }
      return matched;
    },
    async insert(entidade) {
      try {
        await collection.insertOne(entidade as never, { ignoreUndefined: true });
        return true;
      } catch (error) {
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },
    newToken(owner) {
      const token = clock.random(TOKEN_BYTES).toString('hex');
      return { token: needBox().seal(Buffer.from(token), aad(owner)), tokenHash: tokenHash(token) };
    },
  };
}

function contratoOf({ contrato }: { contrato?: string }): { contrato?: string } {
  return contrato === undefined ? {} : { contrato };
}

function tokenHash(token: string): string {
  return hash('sha256', token.toLowerCase());
}

/** A sealed TOKEN moved to another establishment or account does not open. */
export function aad({ conta, documento }: { conta: string; documento: string }): string {
  return `${conta}|${documento}|entidade-token`;
}
