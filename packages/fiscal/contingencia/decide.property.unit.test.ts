import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decide } from './decide.ts';
import { calls, MINUTE, SECOND, settingsOf, T0, World } from './decide-world.ts';
import { callOutcome } from './outcome.ts';
import type { Fact, Settings, Situacao } from './situacao.ts';
import { startOf } from './situacao.ts';

const RUNS = { numRuns: 2_000, seed: 20261122 };
const models = fc.constantFrom<Partial<Settings>>(
  {},
  { order: ['SVC'] },
  { modelo: '57' },
  { modelo: '65', order: ['OFFLINE'] },
  { modelo: '65', order: ['EPEC', 'OFFLINE'] },
);
const anyAnswer = fc.constantFrom('107', '108', '109', '113', '114', 'none', '656');

const anyFact = fc.record({
  what: fc.constantFrom('observed', 'observed', 'observed', 'status', 'status', 'circuit-open', 'clock'),
  uf: fc.constantFrom('SP', 'SP', 'GO'),
  wait: fc.oneof({ weight: 5, arbitrary: fc.nat(10) }, { weight: 1, arbitrary: fc.nat(200) }),
  counts: fc.record({ answered: fc.nat(2), failures: fc.nat(2), local: fc.nat(1), paused: fc.nat(1) }),
  document: fc.nat(3),
  target: fc.constantFrom('normal', 'svc', 'epec'),
  answer: anyAnswer,
});

type Any = typeof anyFact extends fc.Arbitrary<infer T> ? T : never;

function factOf({ what, uf, counts, document, target, answer }: Any, at: Date, modelo: Settings['modelo']): Fact {
  if (what === 'observed') {
    const autorizador = uf as 'SP' | 'GO';
    return { kind: 'observed', at, calls: [calls({ modelo, uf: autorizador, autorizador, ...counts, documents: [`d${document}`] })] };
  }
  if (what === 'status') return { kind: 'status', target: target as 'normal', answer, at };
  if (what === 'circuit-open') return { kind: 'circuit-open', autorizador: 'SP', ambiente: 'prod' };
  return { kind: 'clock' };
}

test('no mode is entered without three failures on two documents in five minutes and the answer that confirms it', () => {
  let entered = 0;
  fc.assert(
    fc.property(models, fc.array(anyFact, { minLength: 10, maxLength: 60, size: 'max' }), (changes, facts) => {
      const settings = settingsOf(changes);
      const failed: { ms: number; count: number; document: number }[] = [];
      const last: Record<string, { answer: string; ms: number } | undefined> = {};
      let situacao: Situacao = startOf(new Date(T0));
      let ms = 0;
      for (const any of facts) {
        // An answer of the same instant is taken for one delivered twice.
        ms += any.wait * SECOND + 1;
        const now = new Date(T0 + ms);
        const count = any.counts.failures + any.counts.local + any.counts.paused;
        if (any.what === 'observed' && any.uf === 'SP' && count > 0) failed.push({ ms, count, document: any.document });
        const means = any.answer !== '656' && !(any.target === 'normal' && /^11/.test(any.answer));
        if (any.what === 'status' && means) last[any.target] = { answer: any.answer, ms };
        const before = situacao.mode;
        const decision = decide(situacao, factOf(any, now, settings.modelo), now, settings);
        situacao = decision.situacao;
        const { modo } = situacao.mode;
        assert.equal(situacao.mode.version, before.version + (modo === before.modo ? 0 : 1));
        if (before.modo !== 'NORMAL' || modo === 'NORMAL') continue;
        entered++;
        const counted = failed.filter((one) => one.ms > ms - 5 * MINUTE);
        assert.ok(counted.reduce((sum, one) => sum + one.count, 0) >= 3, 'three failures');
        assert.ok(new Set(counted.map((one) => one.document)).size >= 2, 'on two documents');
        if (modo === 'SVC') assert.match(last.svc?.answer ?? '', settings.modelo === '57' ? /^(107|113)$/ : /^107$/);
        else assert.match(last.normal?.answer ?? '', /^(108|109|none)$/);
        const confirmed = modo === 'SVC' ? last.svc : last.normal;
        assert.ok((confirmed?.ms ?? 0) >= (counted[0]?.ms ?? 0), 'confirmed after the failures began');
        assert.ok(!situacao.evidence.ourSide || modo === 'OFFLINE', 'our side');
      }
    }),
    RUNS,
  );
  assert.ok(entered > 200, `the scripts do enter: ${entered}`);
});

test('a storm of rejections switches nothing and asks nothing', () => {
  const cStat = fc.constantFrom('204', '225', '280', '539', '656', '703', '999');
  fc.assert(
    fc.property(models, fc.array(fc.record({ cStat, count: fc.integer({ min: 1, max: 500 }) }), { maxLength: 60 }), (changes, storm) => {
      const one = new World(settingsOf(changes), () => 'none');
      for (const { cStat, count } of storm) {
        const { modelo } = one.settings;
        const counts = { answered: 0, failures: 0, local: 0, paused: 0 };
        const outcome = callOutcome({ cStat });
        counts[outcome === 'failure' ? 'failures' : outcome] = count;
        one.ms += SECOND;
        one.see({ modelo, ...counts, documents: ['a', 'b', 'c'] });
      }
      assert.deepEqual([one.switches, one.asked], [[], []]);
    }),
    { ...RUNS, numRuns: 500 },
  );
});

test('flapping, whatever its rhythm: two switches at most in any ten minutes, and fewer with each relapse', () => {
  const rhythm = fc.record({ up: fc.integer({ min: 5, max: 240 }), down: fc.integer({ min: 5, max: 240 }), shift: fc.nat(240) });
  let most = 0;
  const run = (changes: Partial<Settings>, { up, down, shift }: { up: number; down: number; shift: number }, minutes: number): World => {
    const isUp = (ms: number) => (ms / SECOND + shift) % (up + down) < up;
    const one = new World(settingsOf(changes), (target, ms) => (target !== 'normal' || isUp(ms) ? '107' : 'none'));
    while (one.ms < minutes * MINUTE) {
      one.ms += 5 * SECOND;
      const news = isUp(one.ms) ? { answered: 2 } : { failures: 2, documents: [`a${one.ms}`, `b${one.ms}`] };
      // In contingency nothing new goes to the normal authoriser.
      if (one.modo === 'NORMAL') one.see({ modelo: one.settings.modelo, ...news });
      one.fact({ kind: 'clock' });
    }
    most = Math.max(most, one.switches.length);
    return one;
  };
  for (const changes of [{}, { modelo: '65', order: ['OFFLINE'] }] as const satisfies Partial<Settings>[]) {
    const known = run(changes, { up: 20, down: 20, shift: 0 }, 10);
    assert.ok(known.switches.length <= 2, `20 s up, 20 s down: ${known.switches.length}`);
  }
  fc.assert(
    fc.property(models, rhythm, (changes, beat) => {
      const { switches } = run(changes, beat, 240);
      for (const [index, { ms }] of switches.entries()) {
        const within = switches.slice(index).filter((later) => later.ms - ms < 10 * MINUTE).length;
        assert.ok(within <= 2, `${within} switches in ten minutes`);
      }
      // Stays of 10, 20, 40, 80 and 120 minutes: four relapses in four hours at most.
      assert.ok(switches.length <= 9, `${switches.length} switches in four hours`);
    }),
    { ...RUNS, numRuns: 60 },
  );
  assert.ok(most >= 2, 'the scripts do switch');
});

test('what happens to GO changes nothing for SP as long as somebody answers: two UFs are independent', () => {
  fc.assert(
    fc.property(fc.array(anyFact, { maxLength: 60 }), (facts) => {
      const both = new World(settingsOf(), (_, ms) => (ms % 7 ? 'none' : '107'));
      const alone = new World(settingsOf(), (_, ms) => (ms % 7 ? 'none' : '107'));
      for (const any of facts) {
        for (const one of [both, alone]) {
          one.ms += any.wait * SECOND;
          // Both know that the network works.
          one.fact({ kind: 'observed', at: one.now(), calls: [calls({ uf: 'MG', autorizador: 'MG', answered: 1 })] });
        }
        const fact = factOf(any, both.now(), '55');
        both.fact(fact);
        alone.fact(any.what === 'observed' && any.uf === 'GO' ? { kind: 'clock' } : fact);
      }
      assert.deepEqual(both.situacao.mode, alone.situacao.mode);
      assert.deepEqual(both.switches, alone.switches);
    }),
    RUNS,
  );
});
