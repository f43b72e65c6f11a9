import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evento } from '@malote/store/evento';
import type { Inutilizacao } from '@malote/store/inutilizacao';
import type { EmissionDeps } from '../handle-message.ts';
import { type FakeSefaz, fakeSefaz } from './fake-sefaz.ts';
import { openScene } from './registro-scene.ts';

const scene = await openScene();
const { store, clock } = scene;
/** Longer than a SEFAZ time-out and the margin of its attempt. */
const ATTEMPT_OVER_MS = 70_000;
const MAX_WAKES = 20;

type Side = 'before' | 'after';

/**
 * A process that dies at its nth write or call, before it or after it: nothing that comes later happens, and nobody hears of it.
 * `points` counts what was passed.
 */
function dyingProcess(sefaz: FakeSefaz, at: number, side: Side) {
  let points = 0;
  const death = Promise.withResolvers<'dead'>();
  const never = new Promise<never>(() => {});
  const mortal = <T extends object>(target: T, methods: readonly string[]): T =>
    new Proxy(target, {
      get(object, name) {
        const value = Reflect.get(object, name);
        if (typeof value !== 'function' || !methods.includes(String(name))) return value;
        return async (...args: unknown[]) => {
          const dies = ++points === at;
          if (dies && side === 'before') return kill();
          const result = await Promise.resolve(Reflect.apply(value, object, args)).catch((error: unknown) => {
            if (!dies) throw error;
          });
          return dies ? kill() : result;
        };
      },
    });
  const kill = () => {
    death.resolve('dead');
    return never;
  };
  const dying = {
    ...store,
    eventos: mortal(store.eventos, ['transition']),
    inutilizacoes: mortal(store.inutilizacoes, ['transition']),
    documentos: mortal(store.documentos, ['transition']),
    conteudos: mortal(store.conteudos, ['put']),
  };
  const over: Partial<EmissionDeps> = { store: dying, sefaz: mortal(sefaz.client, ['registerEvento', 'inutilizar', 'consult']) };
  return { over, dead: death.promise, points: () => points };
}

const load = async (registro: Evento | Inutilizacao) => {
  const found = 'tpEvento' in registro ? await store.eventos.findById(registro._id) : await store.inutilizacoes.findById(registro._id);
  assert.ok(found);
  return found;
};

/** Redeliveries to healthy processes, each when the registro asks for it, until nobody has to work on it. */
async function untilAtRest(registro: Evento | Inutilizacao, sefaz: FakeSefaz) {
  for (let wakes = 0; wakes < MAX_WAKES; wakes++) {
    const { nextAt } = await load(registro);
    if (!nextAt) return load(registro);
    clock.advance(Math.max(0, nextAt.getTime() - clock.now().getTime()));
    await scene.handle(registro, sefaz);
  }
  throw new Error(`still ${(await load(registro)).state} after ${MAX_WAKES} wakes`);
}

async function killedAt(kind: 'evento' | 'inutilizacao', { at, side, lost }: { at: number; side: Side; lost: number }): Promise<number> {
  const sefaz = fakeSefaz();
  sefaz.loseAnswers(lost);
  const registro = await scene[kind]();
  const process = dyingProcess(sefaz, at, side);
  await Promise.race([scene.handle(registro, sefaz, process.over), process.dead]);
  clock.advance(ATTEMPT_OVER_MS);
  const { state, nextAt, retorno } = await untilAtRest(registro, sefaz);
  const where = `${kind} killed ${side} point ${at}, ${lost} answers lost`;
  assert.deepEqual([state, nextAt, sefaz.held.size], ['registered', undefined, 1], where);
  assert.ok(retorno?.nProt, where);
  const sent = sefaz.calls.filter((call) => call !== 'consult');
  assert.equal(new Set(sent).size, 1, `${where}: one content`);
  if (kind === 'evento') {
    assert.equal(sent.length, 1, `${where}: sent once, ${sefaz.calls}`);
    const documento = await store.documentos.findById((registro as Evento).documentoId);
    assert.deepEqual([documento?.state, documento?.cancelamento?.nProt], ['cancelled', retorno.nProt], where);
  }
  return process.points();
}

for (const kind of ['evento', 'inutilizacao'] as const) {
  test(`${kind}: killed at any write or call, with its answer lost or not, it is registered once and what follows from it is done`, async () => {
    for (const lost of [0, 1]) {
      const points = await killedAt(kind, { at: 0, side: 'before', lost });
      assert.ok(points >= 4, `${points} points`);
      for (let at = 1; at <= points; at++) {
        for (const side of ['before', 'after'] as const) await killedAt(kind, { at, side, lost });
      }
    }
  });
}

test('killed between the registration and the note: the redelivery finishes it without another call', async () => {
  const sefaz = fakeSefaz();
  const evento = await scene.evento();
  // Points of the way: content, signed, call, registered, note.
  const process = dyingProcess(sefaz, 5, 'before');
  await Promise.race([scene.handle(evento, sefaz, process.over), process.dead]);
  assert.equal((await load(evento)).state, 'registered');
  assert.equal((await store.documentos.findById(evento.documentoId))?.state, 'authorized');
  await scene.handle(evento, sefaz);
  assert.equal((await store.documentos.findById(evento.documentoId))?.state, 'cancelled');
  assert.equal(sefaz.calls.length, 1);
});
