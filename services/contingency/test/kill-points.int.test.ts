import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store } from '@malote/store/connect';
import { openScene } from './scene.ts';

const MINUTE = 60_000;
const scene = await openScene(['SP']);
const { store, answers, calls, conta } = scene;
const HOM = { conta, modelo: '55', uf: 'SP', ambiente: 'hom' } as const;

type Side = 'before' | 'after';

/** A process that dies at its nth write, before or after it; nothing of it goes on. */
function dyingProcess(at: number, side: Side) {
  let points = 0;
  const death = Promise.withResolvers<void>();
  const mortal =
    <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      points += 1;
      if (at > 0 && points > at) return new Promise<never>(() => {});
      if (points !== at) return write(...args);
      if (side === 'after') await write(...args);
      death.resolve();
      return new Promise<never>(() => {});
    };
  const { contingencias, consumo } = store;
  const over: Partial<Store> = {
    contingencias: { ...contingencias, obtain: mortal(contingencias.obtain), transition: mortal(contingencias.transition) },
    consumo: { ...consumo, takeStatusTurn: mortal(consumo.takeStatusTurn) },
  };
  return { worker: scene.process(over), dead: death.promise, points: () => points };
}

function assertApart(where: string): void {
  for (const [autorizador, all] of Map.groupBy(calls, (call) => call.autorizador)) {
    all.slice(1).forEach(({ ms }, n) => {
      assert.ok(ms - (all[n]?.ms ?? 0) >= 3 * MINUTE, `${where}: ${autorizador} was asked too early`);
    });
  }
}

async function fresh(): Promise<void> {
  answers.clear();
  calls.length = 0;
  await scene.raw.collection('contingencias').deleteMany({});
  scene.advance(6 * 60 * MINUTE);
}

/** The third failure comes to a process that dies over it, and again to the one that follows. */
async function switched(at: number, side: Side): Promise<number> {
  await fresh();
  answers.set('SP', undefined);
  await failTwice();
  const { worker, dead, points } = dyingProcess(at, side);
  const third = { failures: 1, documents: ['d3'] };
  await Promise.race([worker.see(third), dead]);
  const next = scene.process();
  if (at > 0) await next.see(third);
  await scene.pass(4 * MINUTE, [next]);
  const where = `killed ${side} point ${at}`;
  const row = await store.contingencias.find(scene.keyFor());
  assert.deepEqual([row?.situacao.mode.modo, row?.situacao.mode.version, row?.historico.length, row?.outbox], ['SVC', 1, 1, []], where);
  assertApart(where);
  return points();
}

test('killed at any write between the third failure and the switch, the next process ends in the SVC, by one step, and asks nobody too early', async () => {
  await killedEverywhere(switched, 6);
});

/** Once without a death, to count the points, then at each of them. */
async function killedEverywhere(run: (at: number, side: Side) => Promise<number>, least: number): Promise<void> {
  const points = await run(0, 'before');
  assert.ok(points >= least, `${points}`);
  for (let at = 1; at <= points; at += 1) for (const side of ['before', 'after'] as const) await run(at, side);
}

async function failTwice(): Promise<void> {
  for (const n of [1, 2]) {
    scene.advance(1_000);
    await scene.first.see({ failures: 1, documents: [`d${n}`] });
  }
  scene.advance(1_000);
}

/** A drill begun by a process that dies over it. */
async function drilled(at: number, side: Side): Promise<number> {
  await fresh();
  const { worker, dead, points } = dyingProcess(at, side);
  const drill = { ...HOM, pedidoId: 'd1', minutos: 30, quem: 'x' };
  await Promise.race([worker.send('contingency.drill', drill), dead]);
  const next = scene.process();
  if (at > 0) await next.send('contingency.drill', drill);
  for (let n = 0; n < 4; n += 1) {
    scene.advance(MINUTE);
    await next.evaluate(HOM);
  }
  const row = await store.contingencias.find(HOM);
  const where = `drill killed ${side} point ${at}`;
  assert.deepEqual([row?.simulacao?.modo, row?.pedidos, row?.historico.length], ['SVC', ['d1'], 1], where);
  assertApart(where);
  return points();
}

test('killed at any write of a drill, it is begun once and finds its mode', async () => {
  await killedEverywhere(drilled, 4);
});

test('a process that was paused over an old state changes nothing any more after another has switched', async () => {
  await fresh();
  answers.set('SP', undefined);
  await failTwice();
  let paused = true;
  const { contingencias } = store;
  const transition: typeof contingencias.transition = async (...args) => {
    if (paused) {
      paused = false;
      await scene.process().see({ failures: 1, documents: ['d3'] });
      assert.equal(await scene.modeOf(), 'SVC');
    }
    return contingencias.transition(...args);
  };
  await scene.process({ contingencias: { ...contingencias, transition } }).see({ failures: 1, documents: ['d4'] });
  const row = await store.contingencias.find(scene.keyFor());
  assert.deepEqual([row?.situacao.mode.modo, row?.situacao.mode.version, row?.historico.length], ['SVC', 1, 1]);
  assertApart('a paused process');
});
