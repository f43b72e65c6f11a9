import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { openScene } from './scene.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const scene = await openScene(['SP', 'GO', 'MG']);
const { store, answers, calls } = scene;

beforeEach(async () => {
  answers.clear();
  calls.length = 0;
  await scene.raw.collection('contingencias').deleteMany({});
  scene.advance(6 * HOUR);
});

test('three failures: suspicion, both status calls, SVC; then three good answers after the shortest stay: normal again, with history', async () => {
  answers.set('SP', undefined);
  await scene.fail();
  const row = await store.contingencias.find(scene.keyFor());
  assert.equal(row?.situacao.mode.modo, 'SVC');
  assert.deepEqual([row?.emVigor, row?.suspeitaDesde], [true, undefined]);
  const [passo] = row?.historico ?? [];
  assert.deepEqual([passo?.de, passo?.para, passo?.motivo, passo?.quem], ['NORMAL', 'SVC', 'outage', 'hub']);
  assert.deepEqual([passo?.observado?.failures, passo?.observado?.documents, passo?.observado?.svc], [3, 3, '107']);
  assert.deepEqual(calls.map(({ autorizador }) => autorizador).sort(), ['SP', 'SVC-AN']);
  answers.set('SP', '107');
  await scene.pass(12 * MINUTE);
  const after = await store.contingencias.find(scene.keyFor());
  assert.equal(after?.situacao.mode.modo, 'NORMAL');
  assert.deepEqual([after?.emVigor, after?.nextAt, after?.historico.length], [false, undefined, 2]);
});

test('what was seen without a verdict holds new notes back, and is forgotten when the window is over', async () => {
  // Their turns are taken: nobody can be asked.
  for (const autorizador of ['SP', 'SVC-AN']) await store.consumo.takeStatusTurn({ autorizador, tpAmb: '1' });
  await scene.fail();
  const row = await store.contingencias.find(scene.keyFor());
  assert.deepEqual([row?.situacao.mode.modo, row?.suspeitaDesde?.getTime()], ['NORMAL', scene.clock.now().getTime()]);
  assert.deepEqual([row?.emVigor, calls], [true, []]);
  answers.set('SVC-AN', '114');
  await scene.pass(10 * MINUTE);
  const after = await store.contingencias.find(scene.keyFor());
  assert.deepEqual(
    [after?.situacao.mode.modo, after?.suspeitaDesde, after?.emVigor, after?.nextAt],
    ['NORMAL', undefined, false, undefined],
  );
});

test('an authoriser that is 20 s up and 20 s down for 10 minutes causes at most two switches', async () => {
  const end = scene.now() + 10 * MINUTE;
  for (let second = 0; scene.now() < end; second += 1) {
    const isDown = second % 40 >= 20;
    answers.set('SP', isDown ? undefined : '107');
    await scene.pass(1_000);
    await scene.first.see(isDown ? { failures: 2, documents: [`a${second}`, `b${second}`] } : { answered: 2 });
  }
  const switches = (await store.contingencias.find(scene.keyFor()))?.historico ?? [];
  assert.ok(switches.length >= 1 && switches.length <= 2, `${switches.map(({ para }) => para)}`);
});

test('four processes together leave three minutes between two status calls to one authoriser, through an outage of an hour', async () => {
  const workers = [scene.process(), scene.process(), scene.process(), scene.process()];
  for (const autorizador of ['SP', 'SVC-AN']) answers.set(autorizador, undefined);
  answers.set('GO', undefined);
  const end = scene.now() + HOUR;
  for (let n = 0; scene.now() < end; n += 1) {
    const failed = { failures: 1, documents: [`d${n}`] };
    await Promise.all([
      workers[n % 4]?.see(failed, { ...failed, autorizador: 'GO', uf: 'GO' }),
      workers[(n + 1) % 4]?.see({ ...failed, modelo: '65', uf: 'SP' }, { ...failed, uf: 'MG', autorizador: 'MG' }),
      workers[(n + 2) % 4]?.evaluate(scene.keyFor('SP')),
    ]);
    await scene.pass(30_000, workers);
  }
  const byAuthoriser = Map.groupBy(calls, ({ autorizador, ambiente }) => `${autorizador} ${ambiente}`);
  assert.deepEqual([...byAuthoriser.keys()].sort(), ['GO 1', 'MG 1', 'SP 1', 'SVC-AN 1', 'SVC-RS 1']);
  for (const [autorizador, all] of byAuthoriser) {
    assert.ok(all.length >= 15, `${autorizador} was asked ${all.length} times`);
    all.slice(1).forEach(({ ms }, n) => {
      assert.ok(ms - (all[n]?.ms ?? 0) >= 3 * MINUTE, `${autorizador}: ${ms - (all[n]?.ms ?? 0)} ms`);
    });
  }
  // The NF-e and the NFC-e of SP had its turns alike.
  const [nfe, nfce] = ['55', '65'].map((modelo) => calls.filter((call) => call.autorizador === 'SP' && call.modelo === modelo).length);
  assert.ok(Math.abs((nfe ?? 0) - (nfce ?? 0)) <= 1, `${nfe} and ${nfce}`);
});

test('our own network down: nothing is switched for the NF-e, NFC-e go off line, and the rows say so until somebody answers', async () => {
  for (const autorizador of ['SP', 'GO', 'SVC-AN', 'SVC-RS']) answers.set(autorizador, undefined);
  for (let second = 0; second < 60; second += 1) {
    scene.advance(1_000);
    const failed = { failures: 1, documents: [`d${second}`] };
    await scene.first.see(failed, { ...failed, autorizador: 'GO', uf: 'GO' }, { ...failed, modelo: '65' });
  }
  await scene.pass(20 * MINUTE);
  assert.deepEqual([await scene.modeOf('SP'), await scene.modeOf('GO'), await scene.modeOf('SP', '65')], ['NORMAL', 'NORMAL', 'OFFLINE']);
});

test('a storm of rejections and of 656 makes no row', async () => {
  for (let second = 0; second < 30; second += 1) {
    scene.advance(1_000);
    await scene.first.see({ answered: 50 });
  }
  assert.deepEqual(await store.contingencias.list(), []);
  assert.deepEqual(calls, []);
});

test('two UFs are decided apart: one goes to SVC-AN and comes back while the other stays in SVC-RS', async () => {
  answers.set('SP', undefined).set('GO', undefined);
  await scene.fail();
  assert.deepEqual([await scene.modeOf('SP'), await scene.modeOf('GO')], ['SVC', undefined]);
  await scene.first.see({ answered: 5, autorizador: 'MG', uf: 'MG' });
  await scene.fail({ autorizador: 'GO', uf: 'GO' });
  assert.equal(await scene.modeOf('GO'), 'SVC');
  assert.ok(calls.some(({ autorizador }) => autorizador === 'SVC-RS'));
  answers.set('SP', '107');
  await scene.pass(15 * MINUTE);
  assert.deepEqual([await scene.modeOf('SP'), await scene.modeOf('GO')], ['NORMAL', 'SVC']);
});

test('an SVC that answers 114 is passed over: EPEC, and normal emission when the authoriser is back', async () => {
  answers.set('SP', undefined).set('SVC-AN', '114');
  await scene.fail();
  assert.equal(await scene.modeOf('SP'), 'EPEC');
  answers.set('SP', '107');
  await scene.pass(15 * MINUTE);
  assert.equal(await scene.modeOf('SP'), 'NORMAL');
});

test('a circuit that opens has the authoriser asked before the threshold is reached', async () => {
  const at = scene.clock.now().toISOString();
  const calls55 = {
    autorizador: 'SP',
    modelo: '55',
    uf: 'SP',
    ambiente: 'prod',
    answered: 0,
    failures: 1,
    local: 0,
    paused: 0,
    documents: ['d'],
  };
  await scene.first.seeAll({ at, calls: [calls55 as never], opened: [{ autorizador: 'SP', service: 'x', ambiente: 'prod' }] });
  assert.deepEqual(
    calls.map(({ autorizador }) => autorizador),
    ['SP'],
  );
});
