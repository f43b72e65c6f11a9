import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Documento } from '@malote/store/documento';
import { createModos } from '../modos.ts';
import { createSuspeita } from '../suspeita.ts';
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

  // While SP is known to be away nothing is asked for: SEFAZ counts the consults of a key.
  const asked = sent.calls.length;
  let minutes = 0;
  const silent = await scene.wake(unknown, sent, () => minutes++ === 5);
  assert.deepEqual([sent.calls.length, silent.state], [asked, 'uncertain']);
  await clearModes();
  sent.next('ok');
  const own = await scene.wake(silent, sent, ({ state }) => state === 'authorized');
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

test('a till: SEFAZ away, or never transmitted, and the note goes off line with its own number before its caller’s deadline', async () => {
  const sefaz = sefazOf();
  sefaz.next('away');
  const posted = await scene.post({ nfce: true, esperaMs: 5_000 });
  const before = clock.now();
  const waiting = await scene.handle(posted, sefaz);
  const after = waiting.state === 'issued' ? waiting : await scene.wake(waiting, sefaz, ({ state }) => state !== 'signed');
  assert.deepEqual([after.state, after.tpEmis, after.numero], ['issued', '9', posted.numero]);
  assert.ok(clock.now().getTime() - before.getTime() < 5_000);
  assert.equal(after.enviarAte, undefined);
  const again = await xmlOf(after);
  assert.equal([...again.matchAll(/<Signature /g), ...again.matchAll(/<infNFeSupl>/g)].length, 2);
  assert.match(again, new RegExp(`Id="NFe${after.chave}"`));
  assert.equal(after.chave?.slice(35, 43), after.cNF);
});

test('without a till an NFC-e whose SEFAZ is away goes off line when its five minutes are over; a policy without OFFLINE gives it back', async (t) => {
  const sefaz = sefazOf();
  sefaz.next('away');
  const issued = await scene.wake(await scene.post({ nfce: true }), sefaz, ({ state }) => state !== 'received' && state !== 'signed');
  assert.deepEqual([issued.state, issued.tpEmis], ['issued', '9']);

  const escopo = { conta: scene.conta, tipo: 'conta' } as const;
  await store.politicas.put(escopo, { modelos: { '65': { modo: 'desligado' } } });
  t.after(() => store.politicas.remove(escopo));
  const refused = await scene.wake(await scene.post({ nfce: true }), sefaz, ({ state }) => state !== 'received' && state !== 'signed');
  assert.deepEqual([refused.state, refused.faults[0]?.code], ['rejected', 'nfce-expirada']);
});

test('an NFC-e that came too late is given back, not handed over: its moment was over before the hub had it', async () => {
  const dhEmi = new Date(clock.now().getTime() - 10 * 60_000);
  const { state, faults } = await scene.handle(await scene.post({ nfce: true, dhEmi }), sefazOf());
  assert.deepEqual([state, faults[0]?.code], ['rejected', 'nfce-expirada']);
});

test('the ERP’s own tpEmis 9 is handed over as it was written, and its first transmission is the descarga’s', async () => {
  const sefaz = sefazOf();
  const own = { tpEmis: '9', contingencia: { dhCont: '2026-01-01T00:00:00-03:00', xJust: 'Sem conexao com a internet' } };
  const { state, contingencia, tpEmis } = await scene.handle(await scene.post({ nfce: true, ...own }), sefaz);
  assert.deepEqual([state, contingencia?.modo, tpEmis, sefaz.calls], ['issued', 'OFFLINE', '9', []]);
  assert.equal(contingencia?.desde.toISOString(), '2026-01-01T03:00:00.000Z');
});

test('a drill: the account’s normal authoriser is not called, its notes go to the mode that works, and another account notices nothing', async (t) => {
  t.after(clearModes);
  const now = clock.now();
  const simulacao = { id: 's', desde: now, ate: new Date(now.getTime() + 600_000), quem: 'x' };
  const before = sefazOf();
  before.next('away');
  const waiting = await scene.handle(await scene.post(), before);
  await scene.modo({ conta: scene.conta, simulacao: { ...simulacao, modo: 'SVC' } });
  const sefaz = sefazOf();
  const drilled = await scene.handle(await scene.post(), sefaz);
  assert.deepEqual([drilled.state, drilled.autorizador], ['authorized', 'SVC-AN']);
  assert.equal((await scene.wake(waiting, sefaz, ({ state }) => state === 'authorized')).autorizador, 'SVC-AN');

  await scene.modo({ conta: scene.conta, simulacao: { ...simulacao, modo: 'NORMAL' } });
  const kept = await scene.handle(await scene.post(), sefaz);
  assert.deepEqual([kept.state, kept.attempts.map(({ result, reason }) => [result, reason])], ['signed', [['not-sent', 'simulacao']]]);
  assert.ok(sefaz.calls.every((call) => call.includes(' SVC-AN ')));
});

test('a suspicion of this process alone holds new notes until the hub has its verdict, twenty seconds at most', async () => {
  const suspeita = createSuspeita(clock);
  const modos = createModos({ store, clock, suspeita });
  const about = { documento: 'd', uf: 'SP' } as const;
  const failed = {
    autorizador: 'SP',
    modelo: '55',
    service: 's',
    ambiente: '2',
    about,
    end: { failed: 'transport' },
    durationMs: 1,
  } as const;
  for (let n = 0; n < 3; n++) suspeita.onCall(failed);
  const sefaz = sefazOf();
  const begun = clock.now().getTime();
  let note = await scene.handle(await scene.post(), sefaz, { modos });
  for (let wakes = 0; note.state === 'received'; wakes++) {
    assert.ok(wakes < 30 && note.nextAt && sefaz.calls.length === 0);
    clock.advance(Math.max(0, note.nextAt.getTime() - clock.now().getTime()));
    note = await scene.handle(note, sefaz, { modos });
  }
  assert.deepEqual([note.state, note.autorizador], ['authorized', 'SP']);
  const heldMs = clock.now().getTime() - begun;
  assert.ok(heldMs >= 19_000 && heldMs < 60_000, `${heldMs} ms`);
});
