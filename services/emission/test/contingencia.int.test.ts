import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Documento } from '@malote/store/documento';
import { fakeAutorizador, openNotaScene } from './nota-scene.ts';

const scene = await openNotaScene();
const { store, clock } = scene;
const sefazOf = () => fakeAutorizador(clock);
const xmlOf = async ({ conteudo }: Documento) => String(await store.conteudos.get(conteudo ?? ''));

async function clearModes() {
  for (const row of await store.contingencias.list(scene.conta)) {
    await store.contingencias.transition(row, { emVigor: false, suspeitaDesde: undefined, ordem: undefined, simulacao: undefined });
  }
}

test('SVC: a note is signed for the SVC with dhCont and xJust and authorised there; an NFC-e goes off line by its own row', async (t) => {
  t.after(clearModes);
  await scene.modo({ modo: 'SVC' });
  const sefaz = sefazOf();
  const { state, tpEmis, autorizador, contingencia, chave, ...rest } = await scene.handle(await scene.post(), sefaz);
  assert.deepEqual([state, tpEmis, autorizador, contingencia?.modo], ['authorized', '6', 'SVC-AN', 'SVC']);
  assert.equal(contingencia?.prazoAte, undefined);
  assert.deepEqual(sefaz.calls, [`authorize SVC-AN ${chave}`]);
  assert.match(await xmlOf({ ...rest } as Documento), /<tpEmis>6<.*<dhCont>[^<]{25}<\/dhCont><xJust>Autorizador da SEFAZ indispon/s);

  await scene.modo({ modelo: '65', modo: 'OFFLINE' });
  const nfce = await scene.handle(await scene.post({ nfce: true, esperaMs: 5_000 }), sefaz);
  assert.deepEqual([nfce.state, nfce.tpEmis, nfce.contingencia?.modo, nfce.attempts.length], ['issued', '9', 'OFFLINE', 0]);
  assert.ok(nfce.contingencia?.prazoAte && nfce.contingencia.emitidaEm && nfce.pendenteDesde);
  assert.equal(sefaz.calls.length, 1);
  assert.match(await xmlOf(nfce), /<qrCode>.*\|3\|2\|\d\d\|/s);
});

test('a suspicion of the hub holds a new note a second at a time, and it then goes where the verdict says', async (t) => {
  t.after(clearModes);
  await scene.modo({ suspeitaDesde: clock.now() });
  const sefaz = sefazOf();
  const held = await scene.handle(await scene.post(), sefaz);
  assert.deepEqual([held.state, held.nextAction, sefaz.calls.length], ['received', 'document.emit', 0]);
  assert.ok((held.nextAt?.getTime() ?? 0) - clock.now().getTime() <= 1_000);
  await scene.modo({ modo: 'SVC', suspeitaDesde: undefined });
  const after = await scene.wake(held, sefaz, ({ state }) => state !== 'received');
  assert.deepEqual([after.state, after.autorizador], ['authorized', 'SVC-AN']);
});

test('signed for normal emission and never transmitted: signed again for the SVC with its number and cNF; after an unknown fate never', async (t) => {
  t.after(clearModes);
  const sefaz = sefazOf();
  sefaz.next('away');
  const waiting = await scene.handle(await scene.post(), sefaz);
  assert.deepEqual([waiting.state, waiting.tpEmis], ['signed', '1']);
  const sent = sefazOf();
  sent.next('hangs', 'away');
  const unknown = await scene.handle(await scene.post(), sent);
  assert.equal(unknown.state, 'uncertain');

  await scene.modo({ modo: 'SVC' });
  sefaz.next('ok');
  const after = await scene.wake(waiting, sefaz, ({ state }) => state === 'authorized');
  assert.deepEqual([after.tpEmis, after.autorizador, after.cNF], ['6', 'SVC-AN', waiting.cNF]);
  assert.notEqual(after.chave, waiting.chave);
  assert.deepEqual([...sefaz.held.keys()], [`SVC-AN ${after.chave}`]);

  sent.next('ok');
  const own = await scene.wake(unknown, sent, ({ state }) => state === 'authorized');
  assert.deepEqual([own.tpEmis, own.chave, own.autorizador], ['1', unknown.chave, 'SP']);
  assert.ok(sent.calls.every((call) => call.endsWith(` SP ${unknown.chave}`)));
});

test('114 of the SVC after a transmission: the note keeps number and tpEmis, whatever the mode becomes', async (t) => {
  t.after(clearModes);
  await scene.modo({ modo: 'SVC' });
  const sefaz = sefazOf();
  sefaz.next({ cStat: '114' });
  const told = await scene.handle(await scene.post(), sefaz);
  assert.deepEqual([told.state, told.tpEmis], ['signed', '6']);
  await scene.modo({ modo: 'EPEC' });
  sefaz.next('ok');
  const after = await scene.wake(told, sefaz, ({ state }) => state === 'authorized');
  assert.deepEqual([after.tpEmis, after.chave], ['6', told.chave]);
});
