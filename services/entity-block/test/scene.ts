import { after } from 'node:test';
import type { HandlerContext, Outcome } from '@malote/broker/consumer';
import { testStack } from '@malote/devstack/devstack';
import type { AnyEnvelope } from '@malote/messages/envelope';
import { BLOCK_LIST_TTL_MS, blockListReader, blockListWriter } from '@malote/redis/block-list';
import { connectRedis } from '@malote/redis/connect';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { createMetrics } from '@malote/runtime/metrics';
import { createSecretBox } from '@malote/runtime/secret-box';
import { type Bloqueio, type ConteudoPedido, type LinhaBloqueio, pedidoId } from '@malote/store/bloqueios';
import { connectStore } from '@malote/store/connect';
import { eventually } from '@malote/testkit/eventually';
import { MongoClient } from 'mongodb';
import { type RequestDeps, requestHandler } from '../handle-request.ts';

export const log = createLogger({ service: 'test', level: 'silent' });
export const MASTER_KEY = `t:${Buffer.alloc(32, 1).toString('base64')}`;
const quem = { tipo: 'credencial', id: 'token' } as const;

/** The handler in this process, on a database and a Redis prefix of this file's own. */
export async function openScene() {
  const stack = await testStack();
  const name = `entity_${systemClock.uuid().replaceAll('-', '').slice(0, 12)}`;
  const redis = connectRedis(stack.redisUrl, log);
  const store = await connectStore({
    ...{ url: stack.mongoUrl, database: name, clock: systemClock, log, box: createSecretBox(MASTER_KEY) },
  });
  await store.migrations.run();
  const client = await MongoClient.connect(stack.mongoUrl);
  const raw = client.db(name);
  after(async () => {
    redis.disconnect();
    await raw.dropDatabase();
    await client.close();
    await store.close();
  });
  const prefix = `${name}:`;
  await eventually(() => redis.status === 'ready');
  const blockList = blockListWriter({ redis, prefix, clock: systemClock, read: store.entidades.blockedKeys });
  await eventually(() => blockList.replace());
  const reader = blockListReader({ redis, prefix, fallback: store.entidades.blocked });
  const nudged: string[] = [];
  const published: AnyEnvelope[] = [];
  const deps: RequestDeps = {
    ...{ store, blockList, listTrustedMs: BLOCK_LIST_TTL_MS, clock: systemClock, metrics: createMetrics('test') },
    async publish(message) {
      published.push(message);
    },
    nudge: (id) => void nudged.push(id),
  };
  const context: HandlerContext = { now: systemClock.now(), log, signal: AbortSignal.abort(), attempt: 1, redelivered: false };
  const handle = (message: AnyEnvelope, over: Partial<RequestDeps> = {}): Promise<Outcome> =>
    requestHandler({ ...deps, ...over })(message, context);
  const ask = (asked: ConteudoPedido, conta = 'c') => store.bloqueios.insert({ conta, quem, traceparent: 't', ...asked });
  const load = async ({ _id, conta }: Bloqueio) => (await store.bloqueios.findById({ conta, id: pedidoId({ _id, conta }) })) as Bloqueio;
  return {
    ...{ stack, name, prefix, redis, store, raw, blockList, reader, deps, nudged, published, handle, ask, load },
    /** Asks, handles, and gives the request as it then is. */
    async done(asked: ConteudoPedido, conta = 'c'): Promise<Bloqueio> {
      const { pedido, message } = await ask(asked, conta);
      await handle(message);
      return load(pedido);
    },
  };
}

export type Scene = Awaited<ReturnType<typeof openScene>>;

export const row = (parametro: 1 | 2, over: Partial<LinhaBloqueio> = {}): LinhaBloqueio => ({
  ...{ tipopessoa: 2, documento: '53113791000122', ie: '111010945111', uf: 'SP', parametro },
  ...over,
});

/** Row n of a request about many establishments. */
export const rowOf = (n: number, parametro: 1 | 2): LinhaBloqueio => row(parametro, { documento: String(n).padStart(14, '0') });

/** One entity behind each of `count` such rows. */
export async function manyEntidades({ raw }: Pick<Scene, 'raw'>, count: number, conta = 'c'): Promise<void> {
  const now = systemClock.now();
  const rows = Array.from({ length: count }, (_, n) => {
    const { documento, uf, ie } = rowOf(n, 1);
    const entidade = String(n + 1).padStart(6, '0');
    return {
      ...{ _id: `${conta}.${documento}.${uf}.${ie}.${entidade}`, schema: 1, version: 1, conta, documento, uf, ie, entidade },
      ...{ chave: `${documento}.${uf}.${ie}`, bloqueada: false, pedido: 'p', seqInicial: 0, seq: 0, historico: [] },
      ...{ createdAt: now, updatedAt: now },
    };
  });
  await raw.collection('entidades').insertMany(rows as never[]);
}
