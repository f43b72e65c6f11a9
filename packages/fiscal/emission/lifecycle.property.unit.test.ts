import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type World, worldOf } from './lifecycle-world.ts';

const RUNS = 10_000;

/** One turn of the worker, by a number that chooses what goes wrong. */
const script = fc.record({
  perishable: fc.boolean(),
  refusable: fc.boolean(),
  chances: fc.array(fc.nat({ max: 999 }), { minLength: 0, maxLength: 40 }),
});

function run({ perishable, refusable, chances }: { perishable: boolean; refusable: boolean; chances: number[] }): World {
  const world = worldOf({ perishable, refusable });
  for (const chance of chances) world.turn(chance);
  return world;
}

test('whatever goes wrong on the way, one content is sent, never beside an open attempt, never too late, never beyond a limit', () => {
  fc.assert(
    fc.property(script, (input) => {
      const { sent, overlapping, document } = run(input);
      assert.ok(new Set(sent.map(({ digest }) => digest)).size <= 1, 'two contents under one number');
      assert.equal(overlapping, 0, 'a call beside one that still waits for its answer');
      for (const { blind, onTheWire, tooLate } of sent) {
        assert.equal(onTheWire, false, 'sent again while the first was still under way');
        assert.equal(blind, false, 'sent again without asking first');
        assert.equal(tooLate, false, 'sent after enviarAte');
      }
      if (document.nextAt === undefined) assert.match(document.state, /authorized|rejected|denied|cancelled|invalid|conflict/);
    }),
    { numRuns: RUNS, seed: 20261121 },
  );
});

test('no final state is ever left, and every other state has a moment at which somebody works on it', () => {
  fc.assert(
    fc.property(script, (input) => {
      const { history } = run(input);
      let final: string | undefined;
      for (const { state, nextAt } of history) {
        if (final) assert.equal(state, final, 'a final state was left');
        const settled = /authorized|rejected|denied|cancelled|invalid|conflict/.test(state);
        if (settled) final = state;
        assert.equal(nextAt === undefined, settled, `${state} with nextAt ${nextAt}`);
      }
    }),
    { numRuns: RUNS, seed: 20261122 },
  );
});

test('one key is consulted at most ten times in any hour', () => {
  fc.assert(
    fc.property(script, (input) => {
      const consults = run(input).consults.map((moment) => moment.getTime());
      for (const [index, moment] of consults.entries()) {
        const inTheHour = consults.slice(index).filter((later) => later - moment < 3_600_000).length;
        assert.ok(inTheHour <= 10, `${inTheHour} consults in an hour`);
      }
    }),
    { numRuns: RUNS, seed: 20261123 },
  );
});

test('once nothing goes wrong any more the document ends, and its end is the truth: authorised exactly when SEFAZ holds our bytes', () => {
  fc.assert(
    fc.property(script, (input) => {
      const world = run(input);
      world.untilSettled();
      const { state, digest } = world.document;
      if (world.held === undefined) assert.match(state, /rejected/, `SEFAZ holds nothing, the hub says ${state}`);
      else {
        assert.equal(state, 'authorized');
        assert.equal(world.held, digest);
      }
    }),
    { numRuns: RUNS, seed: 20261124 },
  );
});
