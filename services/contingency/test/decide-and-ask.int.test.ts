import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { createStatusCredentials } from '../status-credentials.ts';
import { log, openScene } from './scene.ts';

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
  for (let second = 0; scene.now() < end; second += 5) {
    const isDown = second % 40 >= 20;
    answers.set('SP', isDown ? undefined : '107');
    await scene.pass(5_000);
    await scene.first.see(isDown ? { failures: 2, documents: [`a${second}`, `b${second}`] } : { answered: 2 });
  }
  const switches = (await store.contingencias.find(scene.keyFor()))?.historico ?? [];
  assert.ok(switches.length >= 1 && switches.length <= 2, `${switches.map(({ para }) => para)}`);
});

test('four processes together leave three minutes between two status calls to one authoriser, through an outage of 20 minutes', async () => {
  const workers = [scene.process(), scene.process(), scene.process(), scene.process()];
  for (const autorizador of ['SP', 'SVC-AN']) answers.set(autorizador, undefined);
  answers.set('GO', undefined);
  const end = scene.now() + 20 * MINUTE;
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
    assert.ok(all.length >= 5, `${autorizador} was asked ${all.length} times`);
    all.slice(1).forEach(({ ms }, n) => {
      assert.ok(ms - (all[n]?.ms ?? 0) >= 3 * MINUTE, `${autorizador}: ${ms - (all[n]?.ms ?? 0)} ms`);
    });
  }
  // The NF-e and the NFC-e of SP had its turns alike.
  const [nfe, nfce] = ['55', '65'].map((modelo) => calls.filter((call) => call.autorizador === 'SP' && call.modelo === modelo).length);
  assert.ok(Math.abs((nfe ?? 0) - (nfce ?? 0)) <= 1, `${nfe} and ${nfce}`);
});

test('our own network down: nothing is switched for the NF-e, NFC-e go off line, and the row says why', async () => {
  for (const autorizador of ['SP', 'GO', 'SVC-AN', 'SVC-RS']) answers.set(autorizador, undefined);
  for (let second = 0; second < 10; second += 1) {
    scene.advance(1_000);
    const failed = { failures: 1, documents: [`d${second}`] };
    await scene.first.see(failed, { ...failed, autorizador: 'GO', uf: 'GO' }, { ...failed, modelo: '65' });
  }
  assert.equal((await store.contingencias.find(scene.keyFor()))?.situacao.evidence.ourSide, true);
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

test('the EPEC of the NFC-e is asked for only in SP, only while the authoriser is away, and only when a policy wants it', async () => {
  answers.set('SP', undefined).set('GO', undefined);
  const failed = { modelo: '65', failures: 1 } as const;
  const asked = async () => {
    calls.length = 0;
    for (let n = 0; n < 3; n += 1) {
      scene.advance(1_000);
      const documents = [`d${scene.now()}`];
      await scene.first.see({ ...failed, documents }, { ...failed, documents, autorizador: 'GO', uf: 'GO' });
    }
    return calls.filter(({ epec }) => epec).map(({ autorizador, modelo }) => [autorizador, modelo]);
  };
  assert.deepEqual(await asked(), []);
  assert.deepEqual([await scene.modeOf('SP', '65'), await scene.modeOf('GO', '65')], ['OFFLINE', 'OFFLINE']);
  await store.politicas.put({ conta: scene.conta, tipo: 'conta' }, { modelos: { '65': { ordem: ['EPEC', 'OFFLINE'] } } });
  assert.deepEqual(await asked(), [['SP', '65']]);
  assert.equal((await store.contingencias.find(scene.keyFor('SP', '65')))?.situacao.evidence.status.epec?.answer, '107');
});

test('certificates take turns, one that is refused comes last, a company that rests is left alone, and a UF without any is not asked', async () => {
  const credentials = createStatusCredentials({ store, clock: scene.clock, log });
  await scene.addCompany('06990590000123', 'GO');
  const pick = async () => {
    scene.advance(1_000);
    return (await credentials.pick({ uf: 'GO', ambiente: 'prod', autorizador: 'GO' }))?.empresa;
  };
  const [a, b] = ['06990590000123', '53113791000122'];
  assert.deepEqual([await pick(), await pick(), await pick()], [a, b, a]);
  credentials.refused((await store.empresas.find({ conta: scene.conta, documento: b }))?.certificado as string);
  assert.deepEqual([await pick(), await pick()], [a, a]);
  await store.consumo.rest({ cnpj: a, autorizador: 'GO' }, new Date(scene.clock.now().getTime() + HOUR), '656');
  assert.equal(await pick(), b);
  await scene.fail({ autorizador: 'MT', uf: 'MT' });
  assert.deepEqual([calls, (await store.contingencias.find(scene.keyFor('MT')))?.emVigor], [[], true]);
});

test('a certificate that SEFAZ refuses says nothing of its service, and a company told of abusive use rests', async () => {
  answers.set('SP', '280').set('SVC-AN', '656');
  await scene.fail();
  const row = await store.contingencias.find(scene.keyFor());
  assert.deepEqual([row?.situacao.mode.modo, row?.situacao.evidence.status], ['NORMAL', {}]);
  assert.deepEqual(calls.map(({ autorizador }) => autorizador).sort(), ['SP', 'SVC-AN']);
  assert.ok(await store.consumo.restingUntil({ cnpj: '11222333000181', autorizador: 'SVC-AN' }));
});
