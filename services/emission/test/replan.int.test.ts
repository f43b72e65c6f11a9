import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Politica } from '@malote/fiscal/contingencia/politica';
import type { Documento } from '@malote/store/documento';
import { type FakeAutorizador, fakeAutorizador, openNotaScene } from './nota-scene.ts';

const scene = await openNotaScene();
const { store, clock } = scene;
const MINUTE = 60_000;
const escopo = { conta: scene.conta, tipo: 'conta' } as const;
const policy = (politica: Politica) => store.politicas.put(escopo, politica);
const xmlOf = async ({ conteudo }: Documento) => String(await store.conteudos.get(conteudo ?? ''));
const normal = () => scene.modo({ modo: 'NORMAL', emVigor: false, suspeitaDesde: undefined });
const settled = ({ state }: Documento) => state !== 'signed';

/** A note signed for the SVC, which nothing of it has reached. */
async function signedForSvc(sefaz: FakeAutorizador, options: Parameters<typeof scene.post>[0] = {}): Promise<Documento> {
  await scene.modo({ modo: 'SVC', suspeitaDesde: undefined });
  sefaz.next('away');
  const note = await scene.handle(await scene.post(options), sefaz);
  assert.deepEqual([note.state, note.tpEmis], ['signed', '6']);
  assert.ok(note.attempts.every(({ result, autorizador }) => result === 'not-sent' && autorizador === 'SVC-AN'));
  sefaz.calls.length = 0;
  sefaz.next('ok');
  return note;
}

test('signed for the SVC and never transmitted: with the mode over it is a note of normal emission, as its ERP posted it', async () => {
  const sefaz = fakeAutorizador(clock);
  const note = await signedForSvc(sefaz);
  await normal();
  const after = await scene.wake(note, sefaz, settled);
  assert.deepEqual([after.state, after.tpEmis, after.autorizador, after.contingencia], ['authorized', '1', 'SP', undefined]);
  assert.deepEqual([after.numero, after.cNF, after.enviarAte], [note.numero, note.cNF, undefined]);
  assert.deepEqual(sefaz.calls, [`authorize SP ${after.chave}`]);
  const xml = await xmlOf(after);
  assert.match(xml, new RegExp(`Id="NFe${after.chave}".*<tpEmis>1<`, 's'));
  assert.doesNotMatch(xml, /<dhCont>|<xJust>/);
});

test('with the mode moved on to EPEC it is signed for that, with the words of now; while an outage is suspected it waits', async (t) => {
  t.after(() => store.politicas.remove(escopo));
  const sefaz = fakeAutorizador(clock);
  const [moved, held] = [await signedForSvc(sefaz), await signedForSvc(sefaz)];
  await policy({ justificativa: 'Autorizador e SVC sem resposta' });
  await scene.modo({ modo: 'EPEC' });
  const after = await scene.wake(moved, sefaz, ({ tpEmis }) => tpEmis !== '6');
  assert.deepEqual([after.state, after.tpEmis, after.contingencia?.modo], ['signed', '4', 'EPEC']);
  assert.deepEqual((await xmlOf(after)).match(/<xJust>[^<]*/g), ['<xJust>Autorizador e SVC sem resposta']);

  await scene.modo({ modo: 'NORMAL', suspeitaDesde: new Date((held.nextAt?.getTime() ?? 0) - 1_000) });
  clock.advance(Math.max(0, (held.nextAt?.getTime() ?? 0) - clock.now().getTime()));
  const waits = await scene.handle(held, sefaz);
  assert.deepEqual([waits.state, waits.chave, sefaz.calls], ['signed', held.chave, []]);
  assert.ok((waits.nextAt?.getTime() ?? 0) - clock.now().getTime() <= 1_000);
});

test('what may be at the SVC stays the SVC’s, whatever the mode has become', async () => {
  await scene.modo({ modo: 'SVC', suspeitaDesde: undefined });
  const sefaz = fakeAutorizador(clock);
  sefaz.next('hangs', 'ok');
  const note = await scene.handle(await scene.post(), sefaz);
  assert.equal(note.state, 'uncertain');
  await normal();
  const after = await scene.wake(note, sefaz, ({ state }) => state === 'authorized');
  assert.deepEqual([after.tpEmis, after.chave], ['6', note.chave]);
  assert.ok(sefaz.calls.every((call) => call.endsWith(` SVC-AN ${note.chave}`)));
});

test('back in normal emission a note with tpImp 6 has its five minutes again: sent in them, otherwise off line or given back', async (t) => {
  t.after(() => store.politicas.remove(escopo));
  const sefaz = fakeAutorizador(clock);
  const post = async (ordem: ('SVC' | 'OFFLINE')[]) => {
    await policy({ modelos: { '55': { ordem } } });
    const note = await signedForSvc(sefaz, { tpImp: '6' });
    assert.equal(note.enviarAte, undefined);
    await normal();
    return { note, enviarAte: new Date(note.emitidoEm.getTime() + 5 * MINUTE) };
  };
  const inTime = await post(['SVC']);
  sefaz.next('away');
  const again = await scene.wake(inTime.note, sefaz, ({ tpEmis }) => tpEmis === '1');
  assert.deepEqual([again.state, again.enviarAte], ['signed', inTime.enviarAte]);
  const over = await scene.wake(again, sefaz, settled);
  assert.deepEqual([over.state, over.faults[0]?.code], ['rejected', 'nfce-expirada']);
  assert.ok(clock.now() > inTime.enviarAte && sefaz.calls.every((call) => call.includes(' SP ')));

  const late = await post(['SVC']);
  clock.advance(6 * MINUTE);
  const refused = await scene.wake(late.note, sefaz, settled);
  assert.deepEqual([refused.state, refused.faults[0]?.code, sefaz.calls], ['rejected', 'nfce-expirada', []]);

  const printed = await post(['SVC', 'OFFLINE']);
  clock.advance(6 * MINUTE);
  const issued = await scene.wake(printed.note, sefaz, settled);
  assert.deepEqual([issued.state, issued.tpEmis, issued.numero, sefaz.calls], ['issued', '9', printed.note.numero, []]);
});
