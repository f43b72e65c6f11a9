import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EPEC_TRAITS } from '../contingencia/epec.ts';
import { PROTOCOLO, type RegistroWorld, registroWorldOf, type WorldOptions } from './lifecycle-world.ts';
import { isFinal, type RegistroTraits } from './registro-state.ts';

const RUNS = 10_000;
const EVENTO = { canConsult: true, hasEffect: true };
const CORRECAO = { canConsult: true, hasEffect: false };
const INUTILIZACAO = { canConsult: false, hasEffect: false };

/** One turn of the worker, by a number that chooses what goes wrong. */
const script = fc.record({
  traits: fc.constantFrom<RegistroTraits>(EVENTO, CORRECAO, INUTILIZACAO, EPEC_TRAITS),
  refusable: fc.boolean(),
  again: fc.constantFrom<WorldOptions['again']>('duplicate', 'refused'),
  chances: fc.array(fc.nat({ max: 999 }), { minLength: 0, maxLength: 40 }),
});

function run({ chances, ...options }: WorldOptions & { chances: number[] }): RegistroWorld {
  const world = registroWorldOf(options);
  for (const chance of chances) world.turn(chance);
  return world;
}

test('whatever goes wrong on the way, one content is sent, never beside an open attempt, never without asking where SEFAZ can be asked', () => {
  fc.assert(
    fc.property(script, (input) => {
      const { sent, overlapping } = run(input);
      assert.ok(new Set(sent.map(({ digest }) => digest)).size <= 1, 'two contents under one identity');
      assert.equal(overlapping, 0, 'a call beside one that still waits for its answer');
      for (const { blind, soon } of sent) {
        if (input.traits.canConsult) assert.equal(blind, false, 'sent again without asking first');
        assert.equal(soon, false, 'sent again while the first may still be under way');
      }
    }),
    { numRuns: RUNS, seed: 20261121 },
  );
});

test('no final state is ever left, and whatever still has to be done has a moment at which somebody does it', () => {
  fc.assert(
    fc.property(script, (input) => {
      const { history, applied, registro } = run(input);
      let final: string | undefined;
      for (const { state, nextAt } of history) {
        if (final) assert.equal(state, final, 'a final state was left');
        if (isFinal(state)) final = state;
        else assert.ok(nextAt, `${state} without nextAt`);
      }
      if (registro.state === 'registered' && input.traits.hasEffect && applied === 0) assert.ok(registro.nextAt, 'its effect is forgotten');
    }),
    { numRuns: RUNS, seed: 20261122 },
  );
});

test('one key is consulted at most ten times in any hour for one evento, and for an inutilização never', () => {
  fc.assert(
    fc.property(script, (input) => {
      const consults = run(input).consults.map((moment) => moment.getTime());
      if (!input.traits.canConsult) assert.deepEqual(consults, []);
      for (const [index, moment] of consults.entries()) {
        const inTheHour = consults.slice(index).filter((later) => later - moment < 3_600_000).length;
        assert.ok(inTheHour <= 10, `${inTheHour} consults in an hour`);
      }
    }),
    { numRuns: RUNS, seed: 20261123 },
  );
});

test('once nothing goes wrong any more it ends, and its end is the truth: registered exactly when SEFAZ holds it, its effect applied', () => {
  fc.assert(
    fc.property(script, (input) => {
      const world = run(input);
      world.untilFinal();
      const { state, retorno } = world.registro;
      if (world.held === undefined) assert.equal(state, 'rejected', `SEFAZ holds nothing, the hub says ${state}`);
      else {
        assert.equal(state, 'registered');
        assert.equal(retorno?.nProt, PROTOCOLO);
      }
      assert.equal(world.applied > 0, state === 'registered' && input.traits.hasEffect, 'the effect follows the registration');
    }),
    { numRuns: RUNS, seed: 20261124 },
  );
});
