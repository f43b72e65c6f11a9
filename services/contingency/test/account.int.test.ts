import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { openScene } from './scene.ts';

const MINUTE = 60_000;
const scene = await openScene();
const { store, answers, calls, conta } = scene;
const { send } = scene.first;
const HOM = { conta, modelo: '55', uf: 'SP', ambiente: 'hom' } as const;
const row = async (key: Parameters<typeof store.contingencias.find>[0] = HOM) => store.contingencias.find(key);

beforeEach(async () => {
  answers.clear();
  calls.length = 0;
  await scene.raw.collection('contingencias').deleteMany({});
  scene.advance(3 * 60 * MINUTE);
});

test('an order is in force for its account alone until it is taken back, and each step is told with who took it', async () => {
  const order = {
    conta,
    modelo: '55',
    uf: 'SP',
    ambiente: 'prod',
    pedidoId: 'p1',
    modo: 'EPEC',
    quem: 'token-1',
    justificativa: 'SEFAZ lenta demais',
  };
  await send('contingency.order', order);
  assert.deepEqual(scene.nudged.splice(0), ['p1']);
  const given = await row({ ...HOM, ambiente: 'prod' });
  assert.deepEqual([given?.emVigor, given?.pedidos, given?.ordem?.modo], [true, ['p1'], 'EPEC']);
  assert.deepEqual([given?.ordem?.quem, given?.ordem?.justificativa], ['token-1', 'SEFAZ lenta demais']);
  assert.equal((await store.contingencias.find(scene.keyFor()))?.emVigor, undefined);
  // Delivered again: nothing changes, whatever came in between.
  await send('contingency.order', { ...order, pedidoId: 'p2', modo: 'AUTOMATICO' });
  await send('contingency.order', order);
  const after = await row({ ...HOM, ambiente: 'prod' });
  assert.deepEqual([after?.emVigor, after?.ordem, after?.pedidos], [false, undefined, ['p1', 'p2']]);
  assert.deepEqual(
    after?.historico.map(({ de, para, motivo, quem }) => [de, para, motivo, quem]),
    [
      ['NORMAL', 'EPEC', 'ordem', 'token-1'],
      ['EPEC', 'NORMAL', 'automatico', 'token-1'],
    ],
  );
});

test('an order that the model does not have is taken for handled and changes nothing', async () => {
  await send('contingency.order', { conta, modelo: '65', uf: 'RJ', ambiente: 'prod', pedidoId: 'p', modo: 'SVC', quem: 'x' });
  const after = await row({ conta, modelo: '65', uf: 'RJ', ambiente: 'prod' });
  assert.deepEqual([after?.ordem, after?.emVigor, after?.pedidos, after?.historico], [undefined, false, ['p'], []]);
});

test('a drill needs no outage: it asks the SVC, uses it, and ends by itself', async () => {
  await send('contingency.drill', { ...HOM, pedidoId: 'd1', minutos: 30, quem: 'x' });
  assert.deepEqual([(await row())?.simulacao?.modo, (await row())?.emVigor], ['SVC', true]);
  assert.deepEqual(
    calls.map(({ autorizador, ambiente }) => [autorizador, ambiente]),
    [['SVC-AN', '2']],
  );
  scene.advance(30 * MINUTE);
  await scene.first.evaluate(HOM);
  const after = await row();
  assert.deepEqual([after?.simulacao, after?.emVigor, after?.nextAt], [undefined, false, undefined]);
  assert.deepEqual(
    after?.simulacoes?.map(({ id, modo }) => [id, modo]),
    [['d1', 'SVC']],
  );
});

test('a drill waits for the turn of the SVC, goes on to EPEC when that is off, and a person may end it', async () => {
  await store.consumo.takeStatusTurn({ autorizador: 'SVC-AN', tpAmb: '2' });
  answers.set('SVC-AN', '114');
  await send('contingency.drill', { ...HOM, pedidoId: 'd1', minutos: 30, quem: 'x' });
  assert.deepEqual([(await row())?.simulacao?.id, (await row())?.simulacao?.modo, calls.length], ['d1', undefined, 0]);
  scene.advance(3 * MINUTE);
  assert.ok(((await row())?.nextAt as Date) <= scene.clock.now());
  await scene.first.evaluate(HOM);
  assert.equal((await row())?.simulacao?.modo, 'EPEC');
  scene.advance(MINUTE);
  await send('contingency.drill', { ...HOM, pedidoId: 'd2', minutos: 0, quem: 'x' });
  const after = await row();
  assert.deepEqual([after?.simulacao, after?.simulacoes?.[0]?.ate], [undefined, scene.clock.now()]);
});

test('a drill of the NFC-e asks nobody, and none is made in production', async () => {
  await send('contingency.drill', { ...HOM, modelo: '65', pedidoId: 'd1', minutos: 5, quem: 'x' });
  assert.equal((await row({ ...HOM, modelo: '65' }))?.simulacao?.modo, 'OFFLINE');
  assert.deepEqual(calls, []);
  const outcome = await send('contingency.drill', { ...HOM, ambiente: 'prod', pedidoId: 'd2', minutos: 5, quem: 'x' });
  assert.equal(outcome.kind, 'dead');
  assert.equal(await row({ ...HOM, ambiente: 'prod' }), undefined);
});
