import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bloqueio } from '@malote/store/bloqueios';
import type { Entidade, EntidadeDoPedido, MudancaEntidade } from '@malote/store/entidades';
import type { RequestDeps } from '../handle-request.ts';
import { manyEntidades, openScene, rowOf } from './scene.ts';

const ROWS = 1_000;
const scene = await openScene();
const { store, deps, raw } = scene;
await manyEntidades(scene, ROWS);

type Side = 'before' | 'within' | 'after';

/** A process that dies at its nth write: before it, after it, or within the one that changes the entities, half of them done. */
function dyingProcess(at: number, side: Side): { over: Partial<RequestDeps>; dead: Promise<void>; points: () => number } {
  let points = 0;
  const death = Promise.withResolvers<void>();
  const kill = () => {
    death.resolve();
    return new Promise<never>(() => {});
  };
  const mortal = <A extends unknown[], R>(write: (...args: A) => Promise<R>, half?: (...args: A) => Promise<unknown>) => {
    return async (...args: A): Promise<R> => {
      if (++points !== at) return write(...args);
      if (side === 'within' && half) await half(...args);
      if (side === 'after') await write(...args);
      return kill();
    };
  };
  const { entidades, bloqueios } = store;
  const half = (mudancas: readonly MudancaEntidade[]) => entidades.change(mudancas.slice(0, mudancas.length / 2));
  const over: Partial<RequestDeps> = {
    store: {
      ...store,
      entidades: { ...entidades, change: mortal(entidades.change, half) },
      bloqueios: { ...bloqueios, transition: mortal(bloqueios.transition) },
    },
    blockList: { update: mortal(deps.blockList.update) },
  };
  return { over, dead: death.promise, points: () => points };
}

const rows = (parametro: 1 | 2) => Array.from({ length: ROWS }, (_, n) => rowOf(n, parametro));
const all = async () => (await raw.collection('entidades').find().toArray()) as unknown as Entidade[];

/** What must hold of a finished request that asked for all, whatever happened on its way. */
async function assertWholeOnce(pedido: Bloqueio, parametro: 1 | 2, where: string): Promise<void> {
  const after = await scene.load(pedido);
  assert.deepEqual([after.state, after.result?.length, after.outbox.length], ['done', ROWS, 0], where);
  const entidades = await all();
  for (const { bloqueada, historico } of entidades) {
    assert.equal(bloqueada, parametro === 1, where);
    assert.equal(historico.filter((entry) => entry.pedido === pedido._id).length, 1, `${where}: once`);
  }
  assert.equal((await store.entidades.blockedKeys()).length, parametro === 1 ? ROWS : 0, where);
}

async function killedAt(parametro: 1 | 2, at: number, side: Side): Promise<number> {
  const { pedido, message } = await scene.ask({ kind: 'bloqueio', rows: rows(parametro) });
  const process = dyingProcess(at, side);
  await Promise.race([scene.handle(message, process.over), process.dead]);
  assert.equal((await scene.handle(message)).kind, 'done');
  await assertWholeOnce(pedido, parametro, `killed ${side} point ${at}`);
  return process.points();
}

test('killed at any write of a request of 1,000 rows, in the middle of the entities too, it ends whole, and once', async () => {
  const points = await killedAt(1, 0, 'before');
  assert.equal(points, 3, 'entities, list, request');
  let parametro: 1 | 2 = 2;
  for (let at = 1; at <= points; at++) {
    for (const side of at === 1 ? (['before', 'within', 'after'] as const) : (['before', 'after'] as const)) {
      await killedAt(parametro, at, side);
      parametro = parametro === 1 ? 2 : 1;
    }
  }
});

test('a TOKEN issued before the death is the one that the redelivery tells of', async () => {
  await raw.collection('entidades').updateMany({}, { $unset: { ativadaEm: '', token: '', tokenHash: '', tokenPor: '' } });
  const { pedido, message } = await scene.ask({ kind: 'bloqueio', rows: rows(2) });
  const process = dyingProcess(1, 'within');
  await Promise.race([scene.handle(message, process.over), process.dead]);
  const hashes = new Map((await all()).filter(({ tokenHash }) => tokenHash).map(({ _id, tokenHash }) => [_id, tokenHash]));
  assert.equal(hashes.size, ROWS / 2);
  await scene.handle(message);
  const { result = [] } = await scene.load(pedido);
  assert.equal(result.filter(({ tokenDe }) => tokenDe).length, ROWS);
  for (const { _id, tokenHash } of await all()) if (hashes.has(_id)) assert.equal(tokenHash, hashes.get(_id));
});

test('a worker that was paused in the middle changes nothing any more after another finished its request and a later one', async () => {
  const asked = await scene.ask({ kind: 'bloqueio', rows: rows(1) });
  const { entidades } = store;
  let paused = true;
  const change = async (mudancas: readonly MudancaEntidade[]) => {
    if (paused) {
      paused = false;
      await scene.handle(asked.message);
      await scene.done({ kind: 'bloqueio', rows: rows(2) });
    }
    return entidades.change(mudancas);
  };
  const resumed = await scene.handle(asked.message, { store: { ...store, entidades: { ...entidades, change } } });
  assert.equal(resumed.kind, 'done');
  assert.equal((await entidades.blockedKeys()).length, 0);
  for (const { historico } of await all()) assert.equal(historico.filter(({ pedido }) => pedido === asked.pedido._id).length, 1);
});

test('two workers on one registration make one entity, whoever of them was paused, and wherever', async () => {
  const cadastro = { documento: '01159435000146', uf: 'PE' as const };
  for (const where of ['next', 'insert'] as const) {
    const asked = await scene.ask({ kind: 'cadastro', cadastro });
    let paused = true;
    const pausedIn = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => {
      return async (...args: A): Promise<R> => {
        if (paused) {
          paused = false;
          await scene.handle(asked.message);
        }
        return call(...args);
      };
    };
    const { entidades, contadores } = store;
    const over = {
      next: { ...store, contadores: { next: pausedIn(contadores.next) } },
      insert: { ...store, entidades: { ...entidades, insert: pausedIn(entidades.insert) } },
    }[where];
    assert.equal((await scene.handle(asked.message, { store: over })).kind, 'done');
    const made = (await entidades.findByKey({ conta: 'c', ...cadastro })).filter(({ pedido }) => pedido === asked.pedido._id);
    assert.deepEqual([made.length, (await scene.load(asked.pedido)).entidadeId], [1, made[0]?._id], where);
  }
});

test('without the marks of what was applied a redelivery changes entities twice, and without versions a paused worker undoes what came later', async () => {
  const { entidades } = store;
  const forPedido = async (where: Parameters<typeof entidades.forPedido>[0]): Promise<EntidadeDoPedido[]> =>
    (await entidades.forPedido(where)).map((entidade) => ({ ...entidade, aplicada: false }));
  const asked = await scene.ask({ kind: 'bloqueio', rows: rows(1) });
  const process = dyingProcess(2, 'before');
  await Promise.race([scene.handle(asked.message, process.over), process.dead]);
  await scene.handle(asked.message, { store: { ...store, entidades: { ...entidades, forPedido } } });
  const twice = (await all()).filter(({ historico }) => historico.filter(({ pedido }) => pedido === asked.pedido._id).length > 1);
  assert.equal(twice.length, ROWS);

  const late = await scene.ask({ kind: 'bloqueio', rows: rows(1) });
  let paused = true;
  const change = async (mudancas: readonly MudancaEntidade[]) => {
    if (paused) {
      paused = false;
      await scene.handle(late.message);
      await scene.done({ kind: 'bloqueio', rows: rows(2) });
    }
    const versions = new Map((await all()).map(({ _id, version }) => [_id, version]));
    return entidades.change(mudancas.map((mudanca) => ({ ...mudanca, version: versions.get(mudanca._id) as number })));
  };
  await scene.handle(late.message, { store: { ...store, entidades: { ...entidades, change } } });
  assert.equal((await entidades.blockedKeys()).length, ROWS);
});
