import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openScene } from './scene.ts';

const MINUTE = 60_000;
const scene = await openScene();
const { store, answers, calls } = scene;

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
