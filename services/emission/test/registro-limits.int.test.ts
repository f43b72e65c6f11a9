import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RegistroRetorno } from '@malote/fiscal/registro/registro-state';
import type { Evento } from '@malote/store/evento';
import { fakeSefaz } from './fake-sefaz.ts';
import { openScene } from './registro-scene.ts';

const scene = await openScene();
const { store, clock } = scene;
const HOUR = 60 * 60_000;
const TEXTO = 'Onde se le azul leia-se verde na descricao';
const REFUSED: RegistroRetorno = { kind: 'said', class: 'rejected', cStat: '594', xMotivo: 'Rejeição: teste' };
const load = async (evento: Evento) => {
  const found = await store.eventos.findById(evento._id);
  assert.ok(found);
  return found;
};

test('an evento that SEFAZ refuses again and again is stopped here after five, far under the twenty that block the company', async () => {
  const sefaz = fakeSefaz();
  sefaz.refuseWith(REFUSED);
  const note = await scene.evento();
  let last = await scene.correcao(note, TEXTO);
  for (let post = 0; post < 6; post++) {
    await scene.handle(last, sefaz);
    last = await scene.correcao(note, TEXTO);
    assert.equal(last.nSeqEvento, 1, 'a refused number is used again');
  }
  assert.equal(sefaz.calls.length, 5);
  await scene.handle(last, sefaz);
  assert.deepEqual(
    (await load(last)).faults.map(({ code }) => code),
    ['consumo-rejeicoes-iguais'],
  );
  assert.equal(sefaz.calls.length, 5);
  clock.advance(HOUR);
  sefaz.refuseWith(undefined);
  const again = await scene.correcao(note, TEXTO);
  await scene.handle(again, sefaz);
  assert.equal((await load(again)).state, 'registered');
});

test('after 656 nothing of the company goes to that authoriser for an hour, and the ERP reads why', async () => {
  const sefaz = fakeSefaz();
  sefaz.refuseWith({ kind: 'service', class: 'throttled', cStat: '656', xMotivo: 'Consumo indevido' });
  const first = await scene.evento();
  await scene.handle(first, sefaz);
  sefaz.refuseWith(undefined);
  const [second, range] = [await scene.evento(), await scene.inutilizacao()];
  for (const registro of [second, range]) await scene.handle(registro, sefaz);
  assert.equal(sefaz.calls.length, 1);
  const waiting = await load(second);
  assert.deepEqual([waiting.state, waiting.avisos[0]?.codigo], ['received', 'consumo-indevido']);
  clock.advance(62 * 60_000);
  for (const registro of [first, second]) await scene.handle(registro, sefaz);
  assert.deepEqual([(await load(first)).state, (await load(second)).state], ['registered', 'registered']);
});

test('one key is asked for at most ten times an hour over all its eventos and the note itself', async () => {
  const sefaz = fakeSefaz();
  const note = await scene.evento();
  const corrections = await Promise.all(['um', 'dois', 'tres', 'quatro'].map((n) => scene.correcao(note, `${TEXTO} ${n}`)));
  // Each is in doubt, and what SEFAZ holds is not shown to a consult.
  sefaz.refuseWith({ kind: 'said', class: 'duplicate', cStat: '573', xMotivo: 'Duplicidade de evento' });
  const started = clock.now().getTime();
  for (let minute = 0; minute < 55; minute++) {
    for (const each of corrections) await scene.handle(each, sefaz);
    clock.advance(60_000);
  }
  assert.ok(clock.now().getTime() - started < HOUR + 60_000);
  const consults = sefaz.calls.filter((call) => call === 'consult').length;
  assert.ok(consults >= 4 && consults <= 10, `${consults} consults of one key in an hour`);
});

test('a note that is not authorised, or is cancelled, takes no evento, and SEFAZ hears nothing of it', async () => {
  const sefaz = fakeSefaz();
  const evento = await scene.evento();
  const late = await scene.correcao(evento, TEXTO);
  await scene.handle(evento, sefaz);
  await scene.handle(late, sefaz);
  const { state, faults } = await load(late);
  assert.deepEqual([state, faults[0]?.code, sefaz.calls.length], ['rejected', 'EVT-041', 1]);
});

test('without a certificate an evento is refused and its number is free', async () => {
  const sefaz = fakeSefaz();
  const evento = await scene.evento();
  await scene.handle(evento, sefaz, { credentials: { of: async () => undefined, byId: async () => undefined } });
  const { state, faults } = await load(evento);
  assert.deepEqual([state, faults[0]?.code, sefaz.calls.length], ['rejected', 'sem-certificado', 0]);
});
