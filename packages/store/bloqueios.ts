import { UNATTENDED_MS } from '@malote/fiscal/emission/lifecycle';
import type { Uf } from '@malote/fiscal/model/uf';
import { type AnyEnvelope, envelope } from '@malote/messages/envelope';
import { type Connection, Schema } from 'mongoose';
import type { Quem } from './auditoria.ts';
import type { DueRow, Wake } from './clockwork.ts';
import type { Contadores } from './contadores.ts';
import { leasedEntry, type OutboxEntry, outboxSchema } from './outbox.ts';
import { PROTECTED } from './protections.ts';
import { REGISTRO_INDEXES } from './registro.ts';
import { type RepositoryOptions, type Transition, transitionOf } from './transition.ts';

/** One row of a request to block (Parametro 1) or free (2) every entity of an establishment. */
export interface LinhaBloqueio {
  /** 1 CPF, 2 CNPJ. */
  tipopessoa: 1 | 2;
  documento: string;
  /** As given. */
  ie: string;
  uf: Uf;
  parametro: 1 | 2;
}

/** One row of the answer, in the words of the TSS page; one per entity. */
export interface LinhaResultado {
  CNPJ: string;
  CPF: string;
  IE: string;
  UF: string;
  IDEMPRESA: string;
  Entidade: string;
  OK: boolean;
  mensagem: string | null;
  error: string;
  /** `_id` of the entity whose TOKEN this row issued: whoever answers opens and shows it. */
  tokenDe?: string;
}

export interface CadastroEntidade {
  documento: string;
  uf: Uf;
  ie?: string;
  /** 1 to 6 digits; the next one without it. */
  entidade?: string;
  /** 20 digits. */
  idEmpresa?: string;
  nome?: string;
  /** Only if the establishment has no entity yet. */
  seAusente?: boolean;
}

export type ConteudoPedido =
  | { kind: 'bloqueio'; contrato?: string; rows: LinhaBloqueio[] }
  | { kind: 'cadastro'; cadastro: CadastroEntidade }
  /** `entidade`: its `_id`. */
  | { kind: 'token'; entidade: string };

export type NovoPedido = { conta: string; quem: Quem; traceparent: string } & ConteudoPedido;

/**
 * A request on entities: what is asked and, once `done`, what came of it. Whoever asks inserts it with its command; the entity-block worker
 * finishes it. `_id`: `<conta>.<uuid>`; it goes by itself after 90 days.
 */
export interface Bloqueio {
  _id: string;
  schema: number;
  version: number;
  conta: string;
  /** Its place among the account's requests: what is asked after an answer has a higher one. */
  seq: number;
  kind: ConteudoPedido['kind'];
  comando: 'entity.block' | 'entity.unblock' | 'entity.register' | 'entity.renew-token';
  contrato?: string;
  rows?: LinhaBloqueio[];
  cadastro?: CadastroEntidade;
  /** kind `token`: the `_id` of the entity. */
  entidade?: string;
  quem: Quem;
  state: 'received' | 'done';
  /** Every entity is as asked; what may be left is to tell the edges. */
  aplicadoEm?: Date;
  /** Of kind `bloqueio`. */
  result?: LinhaResultado[];
  /** `_id` of the entity that was created, was there already (`seAusente`), or has a new TOKEN. */
  entidadeId?: string;
  /** The number reserved for a new entity. */
  reservada?: string;
  /** Why nothing was done; the message is Portuguese and fit to show. */
  recusa?: { codigo: string; message: string };
  nextAt?: Date;
  dueSentAt?: Date;
  outbox: OutboxEntry[];
  /** W3C traceparent of the request that brought it. */
  trace: string;
  createdAt: Date;
  updatedAt: Date;
}

export interface Bloqueios {
  /** Stores a request with its command, which is already leased to the caller: publish it at once. */
  insert(novo: NovoPedido): Promise<{ pedido: Bloqueio; message: AnyEnvelope }>;
  /** `id`: the part after the account. */
  findById(where: { conta: string; id: string }): Promise<Bloqueio | undefined>;
  /** True while any request, of whatever account, is not done. */
  pending(): Promise<boolean>;
  transition: Transition<Bloqueio>;
}

const PEDIDO_SCHEMA = 1;
const KEPT_S = 90 * 86_400;

const { Mixed } = Schema.Types;
const text = { type: String, required: true } as const;
const number = { type: Number, required: true } as const;
const date = { type: Date, required: true } as const;

const bloqueioSchema = new Schema(
  {
    ...{ _id: text, schema: number, version: number, conta: text, seq: number, kind: text, comando: text, contrato: String },
    ...{ rows: [Mixed], cadastro: Mixed, entidade: String, quem: { type: Mixed, required: true }, state: text, aplicadoEm: Date },
    ...{ result: [Mixed], entidadeId: String, reservada: String, recusa: Mixed, nextAt: Date, dueSentAt: Date },
    ...{ outbox: [outboxSchema], trace: text, createdAt: date, updatedAt: date },
  },
  { collection: 'bloqueios', strict: 'throw', versionKey: false, minimize: false, autoIndex: false, autoCreate: false },
);
for (const [fields, options] of REGISTRO_INDEXES) bloqueioSchema.index(fields, options);
/** Requests go by themselves. */
bloqueioSchema.index({ createdAt: 1 }, { name: 'ttl', expireAfterSeconds: KEPT_S });

export function bloqueioModel(connection: Connection) {
  return connection.model('Bloqueio', bloqueioSchema);
}

export type BloqueioModel = ReturnType<typeof bloqueioModel>;

export function bloqueiosOf(model: BloqueioModel, options: RepositoryOptions & { contadores: Contadores }): Bloqueios {
  const { clock, leaseMs, contadores, protections = PROTECTED } = options;
  return {
    transition: transitionOf<Bloqueio>(model, options),
    async insert({ conta, quem, traceparent, ...asked }) {
      const seq = await contadores.next(conta, 'pedido');
      const now = clock.now();
      const id = clock.uuid();
      const fresh = { _id: `${conta}.${id}`, conta, comando: comandoOf(asked) };
      const message = pedidoCommand(fresh, { id: clock.uuid(), at: now, traceparent });
      const pedido: Bloqueio = {
        ...{ ...fresh, ...asked, schema: PEDIDO_SCHEMA, version: 1, seq, quem, state: 'received', trace: traceparent },
        nextAt: new Date(now.getTime() + UNATTENDED_MS),
        outbox: protections.outbox ? [leasedEntry(message, now, leaseMs)] : [],
        ...{ createdAt: now, updatedAt: now },
      };
      await model.collection.insertOne(pedido as never, { ignoreUndefined: true });
      return { pedido, message };
    },
    async pending() {
      const options = { hint: 'unsettled', projection: { _id: 1 } };
      return (await model.collection.findOne({ state: 'received' }, options)) !== null;
    },
    async findById({ conta, id }) {
      const row = await model.collection.findOne({ _id: `${conta}.${id}` as never });
      return (row as unknown as Bloqueio | null) ?? undefined;
    },
  };
}

/** What a caller knows the request by. */
export function pedidoId({ _id, conta }: Pick<Bloqueio, '_id' | 'conta'>): string {
  return _id.slice(conta.length + 1);
}

function comandoOf(asked: ConteudoPedido): Bloqueio['comando'] {
  if (asked.kind === 'cadastro') return 'entity.register';
  if (asked.kind === 'token') return 'entity.renew-token';
  return asked.rows[0]?.parametro === 2 ? 'entity.unblock' : 'entity.block';
}

type Routed = Pick<Bloqueio, '_id' | 'conta' | 'comando'>;

function pedidoCommand({ _id, conta, comando }: Routed, facts: { id: string; at: Date; traceparent: string }): AnyEnvelope {
  return envelope(comando, { pedidoId: _id, conta }, { ...facts, correlationId: _id }) as AnyEnvelope;
}

/** How a request is woken whose command was lost. */
export const WAKE_BLOQUEIO: Wake<Bloqueio & DueRow> = { fields: ['conta', 'comando'], message: pedidoCommand };
