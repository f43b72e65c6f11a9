import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Uf } from '../model/uf.ts';
import { decide } from './decide.ts';
import { MINUTE, SECOND, settingsOf, T0, World } from './decide-world.ts';
import type { Modo, ModoContingencia, ObservedCalls, Settings, StatusTarget } from './situacao.ts';

type Status = Partial<Record<StatusTarget, string>>;
const world = (settings: Partial<Settings>, status: Status) => new World(settingsOf(settings), (target) => status[target]);
const NFCE = { modelo: '65', order: ['OFFLINE'] } as const satisfies Partial<Settings>;
const CTE = { modelo: '57', order: ['SVC', 'EPEC'] } as const satisfies Partial<Settings>;

test('an outage is entered by the first mode of the order whose status confirms it', () => {
  const table: [string, Partial<Settings>, Status, Modo][] = [
    ['SVC active', {}, { normal: 'none', svc: '107' }, 'SVC'],
    ['SVC active, origin paused', {}, { normal: '108', svc: '107' }, 'SVC'],
    ['SVC not active', {}, { normal: 'none', svc: '114' }, 'EPEC'],
    ['SVC being switched off', {}, { normal: 'none', svc: '113' }, 'EPEC'],
    ['SVC not active, normal up', {}, { normal: '107', svc: '114' }, 'NORMAL'],
    ['SVC has not said', {}, { normal: 'none' }, 'NORMAL'],
    ['only SVC wanted', { order: ['SVC'] }, { normal: 'none', svc: '114' }, 'NORMAL'],
    ['nobody answers', {}, { normal: 'none', svc: 'none' }, 'NORMAL'],
    ['nothing without a person', { automatic: false }, { normal: 'none', svc: '107' }, 'NORMAL'],
    ['forms only by hand', { order: ['FSDA', 'OFFLINE'] }, { normal: 'none', svc: '107' }, 'NORMAL'],
    ['CT-e: 113 is active', CTE, { normal: 'none', svc: '113' }, 'SVC'],
    ['CT-e: 114 is not', CTE, { normal: 'none', svc: '114' }, 'EPEC'],
    ['CT-e: EPEC goes to the SVC too', CTE, { normal: 'none', svc: 'none' }, 'NORMAL'],
    ['NFC-e, silent', NFCE, { normal: 'none' }, 'OFFLINE'],
    ['NFC-e, paused', NFCE, { normal: '109' }, 'OFFLINE'],
    ['NFC-e, up', NFCE, { normal: '107' }, 'NORMAL'],
    ['NFC-e, no answer yet', NFCE, {}, 'NORMAL'],
    ['NFC-e, a certificate fault is no status', NFCE, { normal: '280' }, 'NORMAL'],
    ['NFC-e has no SVC', { ...NFCE, order: ['SVC', 'OFFLINE'] }, { normal: 'none', svc: '107' }, 'OFFLINE'],
    ['NFC-e EPEC', { ...NFCE, order: ['EPEC', 'OFFLINE'] }, { normal: 'none', epec: '107' }, 'EPEC'],
    ['NFC-e EPEC down', { ...NFCE, order: ['EPEC', 'OFFLINE'] }, { normal: 'none', epec: 'none' }, 'OFFLINE'],
    ['NFC-e EPEC is of SP', { ...NFCE, uf: 'PR', order: ['EPEC', 'OFFLINE'] }, { normal: 'none', epec: '107' }, 'OFFLINE'],
    ['MDF-e', { modelo: '58', order: ['OFFLINE'] }, { normal: 'none' }, 'OFFLINE'],
  ];
  for (const [name, settings, status, modo] of table) {
    const one = world(settings, status);
    const { modelo, uf } = one.settings;
    const autorizador = modelo === '58' ? 'SVRS' : (uf as 'SP');
    one.fail({ modelo, uf, autorizador });
    assert.equal(one.modo, modo, name);
    assert.ok(modo === 'NORMAL' || one.switches[0]?.ms === 3 * SECOND, `${name}: at the third failure`);
    const { why, version } = one.situacao.mode;
    if (modo !== 'NORMAL') assert.deepEqual([why.reason, why.failures, why.documents >= 2, version], ['outage', 3, true, 1], name);
  }
});

test('what does not reach the threshold enters nothing', () => {
  const table: [string, (one: World) => void][] = [
    ['two failures', (one) => one.see({ failures: 2, documents: ['a', 'b'] })],
    ['one document', (one) => one.see({ failures: 30, documents: ['a'] })],
    [
      'slower than the window',
      (one) => {
        for (const id of ['a', 'b', 'c', 'd']) {
          one.see({ failures: 1, documents: [id] });
          one.pass(3 * MINUTE);
        }
      },
    ],
    ['answers, whatever they say', (one) => one.see({ answered: 1_000 })],
    ['a circuit alone', (one) => one.fact({ kind: 'circuit-open', autorizador: 'SP', ambiente: 'prod' })],
    ['another UF', (one) => one.fail({ uf: 'GO', autorizador: 'GO' })],
    ['another model', (one) => one.fail({ modelo: '65' })],
    ['homologação', (one) => one.fail({ ambiente: 'hom' })],
    ['the SVC itself', (one) => one.fail({ autorizador: 'SVC-AN' })],
  ];
  for (const [name, script] of table) {
    const one = world({}, { normal: 'none', svc: '107' });
    script(one);
    assert.deepEqual(one.switches, [], name);
  }
});

test('108 and 109 count like silence, and processes that report the same second add up', () => {
  const one = world({}, { normal: '108', svc: '107' });
  one.see({ paused: 2, documents: ['a', 'b'] });
  assert.equal(one.modo, 'NORMAL');
  one.see({ paused: 1, documents: ['a'] });
  assert.equal(one.modo, 'SVC');
});

test('a normal authoriser that answers 107 after the failures takes them back', () => {
  const one = world(NFCE, { normal: '107' });
  one.fail({ modelo: '65' });
  assert.deepEqual(one.situacao.evidence.failed, []);
  one.see({ modelo: '65', failures: 2, documents: ['x', 'y'] });
  assert.equal(one.asked.length, 1, 'two new failures are not three');
});

test('an opening circuit asks at once, and the mode is entered with the third failure', () => {
  const one = world(NFCE, { normal: 'none' });
  one.see({ modelo: '65', failures: 2, documents: ['a', 'b'] });
  assert.deepEqual(one.asked, []);
  one.fact({ kind: 'circuit-open', autorizador: 'SP', ambiente: 'prod' });
  assert.deepEqual(one.asked, [{ ms: 0, target: 'normal' }]);
  one.see({ modelo: '65', failures: 1, documents: ['c'] });
  assert.equal(one.modo, 'OFFLINE');
});

test('three good status answers in a row after the minimum stay lead back, and a relapse stays twice as long', () => {
  let up = false;
  const one = new World(settingsOf(), (target) => (target === 'svc' ? '107' : up ? '107' : 'none'));
  one.fail();
  up = true;
  one.pass(9 * MINUTE);
  assert.equal(one.modo, 'SVC', 'good answers before the minimum stay');
  one.pass(4 * MINUTE);
  assert.equal(one.modo, 'NORMAL');
  assert.equal(one.situacao.mode.why.reason, 'normal-back');
  up = false;
  one.fail();
  one.pass(4 * MINUTE);
  assert.equal(one.modo, 'SVC');
  assert.equal(one.situacao.mode.stayMs, 20 * MINUTE);
  up = true;
  one.pass(19 * MINUTE - 4 * MINUTE);
  assert.equal(one.modo, 'SVC');
  one.pass(8 * MINUTE);
  assert.equal(one.modo, 'NORMAL');
});

test('one bad answer, or traffic that only fails, starts the count of good ones again', () => {
  const one = world(NFCE, { normal: 'none' });
  one.fail({ modelo: '65' });
  one.ms += 20 * MINUTE;
  const status = (answer: string) => {
    one.ms += 3 * MINUTE;
    one.fact({ kind: 'status', target: 'normal', answer, at: one.now() });
  };
  for (const answer of ['107', '107', '109', '107', '107']) status(answer);
  assert.equal(one.modo, 'OFFLINE');
  one.see({ modelo: '65', failures: 1, documents: ['z'] });
  status('107');
  assert.equal(one.modo, 'OFFLINE', 'two good, a failure, one good');
  one.fact({ kind: 'status', target: 'normal', answer: '107', at: one.now() });
  one.fact({ kind: 'status', target: 'normal', answer: '107', at: one.now() });
  assert.equal(one.modo, 'OFFLINE', 'the same answer delivered again is one');
  status('107');
  status('107');
  assert.equal(one.modo, 'NORMAL');
});

test('an SVC at its end gives way to the next of the order, or to normal only if that is up', () => {
  const table: [string, Partial<Settings>, Status, Modo, string][] = [
    ['114', {}, { normal: 'none', svc: '114' }, 'EPEC', 'svc-ended'],
    ['113', {}, { normal: '109', svc: '113' }, 'EPEC', 'svc-ended'],
    ['normal up', {}, { normal: '107', svc: '114' }, 'NORMAL', 'svc-ended'],
    ['nothing follows', { order: ['SVC'] }, { normal: 'none', svc: '114' }, 'SVC', 'outage'],
    ['normal says nothing', {}, { svc: '114' }, 'SVC', 'outage'],
    ['still active', {}, { normal: 'none', svc: '107' }, 'SVC', 'outage'],
    ['CT-e 113', CTE, { normal: 'none', svc: '113' }, 'SVC', 'outage'],
    ['CT-e 114', CTE, { normal: 'none', svc: '114' }, 'EPEC', 'svc-ended'],
    ['paused for long', {}, { normal: 'none', svc: '108' }, 'EPEC', 'svc-lost'],
    ['all silent: ours', {}, { normal: 'none', svc: 'none' }, 'SVC', 'outage'],
  ];
  for (const [name, settings, after, modo, reason] of table) {
    let status: Status = { normal: 'none', svc: '107' };
    const one = new World(settingsOf(settings), (target) => status[target]);
    one.fail({ modelo: one.settings.modelo });
    assert.equal(one.modo, 'SVC', name);
    status = after;
    one.pass(7 * MINUTE);
    assert.deepEqual([one.modo, one.situacao.mode.why.reason], [modo, reason], name);
  }
});

test('our own network down: no SVC and no EPEC for the NF-e, an alarm once; the NFC-e goes offline', () => {
  const all = (kind: 'failures' | 'local', modelo: '55' | '65'): Partial<ObservedCalls>[] =>
    (['SP', 'MG', 'GO'] as const).map((uf: Uf & ('SP' | 'MG' | 'GO')) => ({
      modelo,
      uf,
      autorizador: uf,
      [kind]: 2,
      documents: [`${uf}1`, `${uf}2`],
    }));
  for (const kind of ['failures', 'local'] as const) {
    // The SVC's 107 is minutes old: an answer from before the fault.
    const nfe = world({ askEveryMs: 10 * MINUTE }, { normal: 'none', svc: 'none' });
    nfe.fact({ kind: 'status', target: 'svc', answer: '107', at: nfe.now() });
    nfe.ms = 2 * MINUTE;
    for (let n = 0; n < 60; n++) {
      nfe.see(...all(kind, '55'));
      nfe.pass(5 * SECOND);
    }
    assert.deepEqual(nfe.switches, [], kind);
    assert.deepEqual(
      nfe.actions.filter((action) => action.do === 'alarm'),
      [{ do: 'alarm', alarm: 'our-side', on: true }],
    );
    nfe.see({ autorizador: 'MG', uf: 'MG', answered: 1 });
    assert.deepEqual(nfe.actions.at(-1)?.do === 'alarm' && nfe.actions.at(-1), { do: 'alarm', alarm: 'our-side', on: false });

    const nfce = world(NFCE, { normal: 'none' });
    nfce.see(...all(kind, '65'));
    nfce.see(...all(kind, '65'));
    assert.equal(nfce.modo, 'OFFLINE');
  }
});

test('an SVC that answered after the first failure, then all went silent: no SVC', () => {
  const one = world({}, {});
  one.see({ failures: 1, documents: ['a'] });
  one.fact({ kind: 'status', target: 'svc', answer: '107', at: one.now() });
  one.ms += 2 * MINUTE;
  one.see({ failures: 2, documents: ['b', 'c'] }, { uf: 'MG', autorizador: 'MG', failures: 1, documents: ['d'] });
  assert.equal(one.modo, 'NORMAL');
});

test('two authorisers down while a third answers are two outages, each with its own mode', () => {
  for (const uf of ['SP', 'GO'] as const) {
    const one = world({ uf }, { normal: 'none', svc: '107' });
    for (let n = 0; n < 3; n++) {
      one.ms += SECOND;
      one.see(
        { failures: 1, documents: [`s${n}`] },
        { uf: 'GO', autorizador: 'GO', failures: 1, documents: [`g${n}`] },
        { uf: 'MG', autorizador: 'MG', answered: 5 },
      );
    }
    assert.equal(one.modo, 'SVC', uf);
  }
});

test('orders by hand: what the model allows, at once, until a person ends it', () => {
  const table: [Partial<Settings>, ModoContingencia, boolean][] = [
    [{}, 'FSDA', true],
    [{}, 'SVC', true],
    [NFCE, 'SVC', false],
    [NFCE, 'FSDA', false],
    [{ ...NFCE, uf: 'PR' }, 'EPEC', false],
    [{ modelo: '58', order: ['OFFLINE'] }, 'EPEC', false],
  ];
  for (const [settings, modo, allowed] of table) {
    const one = world(settings, { normal: '107', svc: '114' });
    const actions = one.fact({ kind: 'order', modo });
    assert.deepEqual(actions, allowed ? [{ do: 'enter', modo, from: 'NORMAL' }] : [{ do: 'refuse', modo }]);
    one.pass(60 * MINUTE);
    assert.equal(one.modo, allowed ? modo : 'NORMAL', 'no answer ends it');
    if (!allowed) continue;
    assert.equal(one.situacao.mode.byHand, true);
    assert.deepEqual(one.fact({ kind: 'order', modo: 'NORMAL' }), [{ do: 'leave', from: modo }]);
    one.fail();
    assert.equal(one.modo, 'NORMAL', 'and it is not entered again at once');
  }
});

test('the same facts give the same decision, and the state given is not changed', () => {
  const one = world({}, {});
  one.fail();
  const before = structuredClone(one.situacao);
  const fact = { kind: 'status', target: 'svc', answer: '107', at: new Date(T0 + one.ms) } as const;
  const [first, second] = [1, 2].map(() => decide(one.situacao, fact, one.now(), one.settings));
  assert.deepEqual(first, second);
  assert.deepEqual(one.situacao, before);
});

test('two UFs of one SVRS are counted apart', () => {
  const one = world({ uf: 'RJ' }, { normal: 'none', svc: '107' });
  one.fail({ uf: 'AC', autorizador: 'SVRS' });
  assert.deepEqual(one.switches, []);
});

test('no EPEC while nobody has answered since the failures began', () => {
  const one = world({}, { normal: 'none' });
  one.fact({ kind: 'status', target: 'svc', answer: '114', at: one.now() });
  one.ms += 2 * MINUTE;
  one.fail();
  assert.equal(one.modo, 'NORMAL');
  one.see({ autorizador: 'MG', uf: 'MG', answered: 1 });
  assert.equal(one.modo, 'EPEC');
});

test('a stay that the SVC cut short is served out before the next entry', () => {
  const one = world({}, { normal: 'none', svc: '107' });
  one.fail();
  one.ms += 4 * MINUTE;
  one.fact({ kind: 'status', target: 'normal', answer: '107', at: one.now() });
  one.ms += SECOND;
  one.fact({ kind: 'status', target: 'svc', answer: '114', at: one.now() });
  assert.equal(one.modo, 'NORMAL');
  one.ms += 3 * MINUTE;
  one.fail();
  assert.equal(one.modo, 'NORMAL');
  one.pass(4 * MINUTE);
  assert.equal(one.modo, 'SVC');
});

test('an EPEC gives way to an SVC that came on later: after the least stay, good twice in a row, and only where the order has it before', () => {
  const given = (order: Settings['order'], comesOn: number) =>
    new World(settingsOf({ order }), (target, ms) => (target === 'svc' ? (ms >= comesOn ? '107' : '114') : 'none'));
  const enter = (one: World) => {
    one.fail();
    one.see({ autorizador: 'MG', uf: 'MG', answered: 1 });
    assert.equal(one.modo, 'EPEC');
    return one;
  };
  const one = enter(given(['SVC', 'EPEC'], 30 * MINUTE));
  one.pass(29 * MINUTE);
  assert.equal(one.modo, 'EPEC');
  one.pass(10 * MINUTE);
  assert.deepEqual([one.modo, one.situacao.mode.why.reason], ['SVC', 'svc-active']);
  const at = one.switches.at(-1)?.ms ?? 0;
  assert.ok(at >= 33 * MINUTE, String(at));

  const early = enter(given(['SVC', 'EPEC'], 4 * SECOND));
  early.pass(9 * MINUTE);
  assert.equal(early.modo, 'EPEC');

  const own = enter(given(['EPEC', 'SVC'], 0));
  own.pass(60 * MINUTE);
  assert.equal(own.modo, 'EPEC');
  assert.ok(!own.asked.some(({ target }) => target === 'svc'));
});
