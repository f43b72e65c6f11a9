import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { createLogger } from '@malote/runtime/logger';
import type { Geracao } from '@malote/store/geracao';
import { isOf, type Standing, startStanding } from './standing.ts';

const log = createLogger({ service: 'test', level: 'silent' });
const EPOCH = new Date('2026-11-22T12:00:00Z');
const NONE = { conta: 0, credencial: 0 };

/** Sources of two lists that a test changes, and a clock that it moves. */
async function scene() {
  const rows = { contas: [] as Geracao[], credenciais: [] as Geracao[] };
  const asked: (Date | undefined)[] = [];
  let ms = 0;
  let broken = false;
  mock.timers.enable({ apis: ['setTimeout'] });
  const standing: Standing = await startStanding({
    contas: async (since) => {
      asked.push(since);
      if (broken) throw new Error('no primary');
      return rows.contas.filter(({ updatedAt }) => since === undefined || updatedAt >= since);
    },
    credenciais: async () => rows.credenciais,
    clock: { now: () => new Date(EPOCH.getTime() + ms), monotonic: () => ms },
    log,
  });
  return {
    ...{ rows, asked, standing },
    fail: (value: boolean) => {
      broken = value;
    },
    /** Lets so much time pass, second by second, with the questions of each. */
    async pass(seconds: number, timers = true) {
      for (let i = 0; i < seconds; i += 1) {
        ms += 1_000;
        if (timers) mock.timers.tick(1_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    [Symbol.dispose]() {
      standing.stop();
      mock.timers.reset();
    },
  };
}

const ended = (id: string, geracao: number, more: Partial<Geracao> = {}): Geracao => ({
  id,
  active: true,
  geracao,
  updatedAt: EPOCH,
  ...more,
});

test('a session lives while neither its account nor its credential has ended sessions since', async () => {
  using at = await scene();
  const session = { conta: 'a', credencial: 'c' };
  assert.equal(await at.standing.lives(session, NONE), true);
  at.rows.contas.push(ended('a', 1, { active: false }));
  await at.pass(1);
  assert.equal(await at.standing.lives(session, NONE), false);
  assert.equal(await at.standing.active('a'), false);
  assert.equal(await at.standing.lives({ conta: 'b', credencial: 'c' }, NONE), true);
  assert.equal(await at.standing.active('b'), true);
  assert.equal(await at.standing.lives(session, { conta: 1, credencial: 0 }), true);
  at.rows.credenciais.push(ended('c', 3));
  await at.pass(1);
  assert.equal(await at.standing.lives(session, { conta: 1, credencial: 2 }), false);
  assert.equal(await at.standing.lives(session, { conta: 1, credencial: 3 }), true);
});

test('a session opened with the former secret lives until the end of the overlap', () => {
  const rotated = { geracao: 2, anteriorAte: EPOCH };
  const [before, after] = [new Date(EPOCH.getTime() - 1), EPOCH];
  assert.equal(isOf(rotated, 1, before), true);
  assert.equal(isOf(rotated, 1, after), false);
  assert.equal(isOf(rotated, 0, before), false);
  assert.equal(isOf(rotated, 2, after), true);
  assert.equal(isOf({ geracao: 2 }, 1, before), false);
  assert.equal(isOf(undefined, 0), true);
});

test('each second what has changed is asked for, a minute back, and all of it once a minute', async () => {
  using at = await scene();
  at.rows.contas.push(ended('a', 1));
  await at.pass(2);
  // Nothing known yet: everything, twice.
  assert.deepEqual(at.asked, [undefined, undefined, new Date(EPOCH.getTime() - 60_000)]);
  await at.pass(58);
  assert.equal(at.asked.length, 61);
  assert.equal(at.asked.at(-1), undefined);
  // A database from a copy: what is not there any more is not believed any more.
  at.rows.contas.length = 0;
  await at.pass(60);
  assert.equal(await at.standing.lives({ conta: 'a', credencial: 'c' }, NONE), true);
});

test('who has learned nothing for five seconds asks before it believes a session, and says no when nobody answers', async () => {
  using at = await scene();
  at.fail(true);
  await at.pass(5);
  assert.equal(await at.standing.lives({ conta: 'a', credencial: 'c' }, NONE), true);
  await at.pass(1);
  await assert.rejects(async () => at.standing.lives({ conta: 'a', credencial: 'c' }, NONE), /no primary/);
  at.fail(false);
  at.rows.contas.push(ended('a', 1));
  // The timer has not come round yet: the call itself asks.
  assert.equal(await at.standing.lives({ conta: 'a', credencial: 'c' }, NONE), false);
});
