import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Nota, outageWorld, type Script } from './outage-world.ts';

const RUNS = 2_000;
/** What must have happened often in the runs. */
const WAYS = ['SVC', 'EPEC', 'OFFLINE', 'cancelamento', 'inutilizacao', 'substituida-nao-recebida', 'epec-nao-sincronizado'];
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const conditions = fc.constantFrom('up', 'hang', 'hang', 'lost', 'refuse', 'paused', 'flaky');
const minutes = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 30 }) },
  { weight: 1, arbitrary: fc.integer({ min: 30, max: 2_000 }) },
);
const segments = <T extends string>(is: fc.Arbitrary<T>) => fc.array(fc.record({ minutes, is }), { maxLength: 5 });
/** Random sales of SP and random outages of its authorisers. */
const script: fc.Arbitrary<Script> = fc.record({
  vendas: fc.array(
    fc.record({
      modelo: fc.constantFrom('55', '65'),
      second: fc.oneof(fc.nat({ max: 60 }), fc.nat({ max: 7_200 })),
      till: fc.boolean(),
      serie: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  outages: fc.record({
    SP: segments(conditions),
    'SVC-AN': segments(fc.constantFrom('up', 'off', 'off', 'hang', 'lost', 'refuse', 'flaky')),
    AN: segments(conditions),
  }),
  chances: fc.array(fc.nat({ max: 999 }), { minLength: 1, maxLength: 20 }),
});

type World = ReturnType<typeof outageWorld>;

/** Keys of one number that some authoriser holds, or held. */
function keysOf({ sefaz }: World, numero: string): Set<string> {
  return new Set(Object.values(sefaz.held).flatMap((held) => held.get(numero)?.chave ?? []));
}

function standing({ sefaz }: World, numero: string): boolean {
  return Object.values(sefaz.held).some((held) => held.get(numero)?.cancelled === false);
}

/** An hour without a break within the last four, or five hours at any time: enough for whatever back-off the note is in. */
function reachable({ sefaz }: World, from: number, to: number): boolean {
  const near = Math.max(from, to - 4 * HOUR + 10 * MINUTE);
  for (let at = near; at + HOUR <= to; at += 10 * MINUTE) if (sefaz.upAll('SP', at, at + HOUR)) return true;
  for (let at = from; at + 5 * HOUR <= to; at += 30 * MINUTE) if (sefaz.upAll('SP', at, at + 5 * HOUR)) return true;
  return false;
}

function missedDeadline(world: World, { numero, document }: Nota): string | undefined {
  const { emitidaEm, prazoAte } = document.contingencia ?? {};
  if (!emitidaEm || !prazoAte) return undefined;
  const [from, to] = [emitidaEm.getTime() - world.T0, prazoAte.getTime() - world.T0];
  const at = world.sefaz.held.SP.get(numero)?.at ?? Number.POSITIVE_INFINITY;
  return at > to && reachable(world, from, to) ? `${numero} was authorised at ${at}, its deadline was ${to}` : undefined;
}

/** How the notes of a world went, so that the property is known to be about all of it. */
function waysOf({ notas }: World): string[] {
  return [...notas.values()].flatMap(({ document }) => {
    const { state, contingencia, substituicao, faults, avisos } = document;
    return [
      state,
      contingencia?.modo ?? 'NORMAL',
      substituicao?.por ?? '',
      ...faults.map(({ code }) => code),
      ...avisos.map(({ codigo }) => codigo),
    ];
  });
}

function harm(given: Script, ways?: Map<string, number>): string[] {
  const world = outageWorld(given);
  world.untilSettled();
  for (const way of waysOf(world)) ways?.set(way, (ways.get(way) ?? 0) + 1);
  const found = [...world.broken];
  for (const nota of world.notas.values()) {
    const keys = keysOf(world, nota.numero);
    if (keys.size > 1) found.push(`number ${nota.numero} under ${[...keys].join(' and ')}`);
    if ([...keys].some((key) => key !== nota.document.chave)) found.push(`number ${nota.numero} is held under a key that is not ours`);
    const ends = standing(world, nota.numero) === (nota.document.state === 'authorized');
    if (!ends) found.push(`${nota.id} ends as ${nota.document.state}, SEFAZ says another thing`);
    const missed = missedDeadline(world, nota);
    if (missed) found.push(missed);
  }
  for (const index of given.vendas.keys()) {
    const notas = [...world.notas.values()].filter(({ venda }) => venda === index);
    const valid = notas.filter(({ numero }) => standing(world, numero)).length;
    const manual = notas.some(({ document }) => document.substituicao?.situacao === 'manual');
    const handedOver = notas.some(({ document }) => document.contingencia?.emitidaEm);
    if (valid > 1 && !manual) found.push(`sale ${index} has ${valid} valid notes`);
    if (valid === 0 && handedOver) found.push(`sale ${index} was handed over and has no valid note`);
  }
  return found;
}

test('whatever goes down, hangs or dies: one key for a number, deadlines kept, bytes kept once sent, and every note ends', () => {
  const ways = new Map<string, number>();
  fc.assert(
    fc.property(script, (given) => assert.deepEqual(harm(given, ways), [])),
    { numRuns: RUNS, seed: 20261125 },
  );
  for (const way of WAYS) assert.ok((ways.get(way) ?? 0) > 5, `${way}: ${ways.get(way)}`);
});

/** Whether some script shows the harm once a rule is taken out. */
function seen(changes: Partial<Script>, expected: RegExp): boolean {
  const result = fc.check(
    fc.property(script, (given) => !harm({ ...given, ...changes }).some((what) => expected.test(what))),
    { numRuns: RUNS, seed: 20261126, endOnFailure: true },
  );
  return result.failed;
}

test('what the rules are for: without each of them the harm is seen', () => {
  assert.ok(seen({ protections: { transmitted: false } }, /went out as|under .* and/));
  assert.ok(seen({ protections: { substituted: false } }, /was sent although/));
});
