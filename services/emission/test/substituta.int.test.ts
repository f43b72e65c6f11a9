import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Documento } from '@malote/store/documento';
import type { EmissionDeps } from '../handle-message.ts';
import { CNPJ, fakeAutorizador, openNotaScene } from './nota-scene.ts';

const scene = await openNotaScene();
const { store, clock, conta } = scene;
const SERIE = 889;
const escopo = { conta, tipo: 'cnpj', documento: CNPJ } as const;
const reserve = () => store.politicas.put(escopo, { modelos: { '65': { serieContingencia: SERIE } } });
const xmlOf = async ({ conteudo }: Documento) => String(await store.conteudos.get(conteudo ?? ''));
const sale = (xml: string) => xml.slice(xml.indexOf('<emit>'), xml.indexOf('</infNFe>'));
const inSerie = async () => {
  const where = { emitente: CNPJ, tpAmb: '2', modelo: '65', cUF: '35', serie: SERIE, de: 1, ate: 999_999 } as const;
  return store.documentos.inRange(where);
};

/** A till whose SEFAZ swallows its note: what is stored once its run is over. */
async function lost(over: Partial<EmissionDeps> = {}) {
  const sefaz = fakeAutorizador(clock);
  sefaz.next('answer lost', 'away');
  const posted = await scene.post({ nfce: true, esperaMs: 5_000 });
  const begun = clock.now().getTime();
  const first = await scene.handle(posted, sefaz, over);
  return { sefaz, first, posted, tookMs: clock.now().getTime() - begun };
}

test('a lost answer at a till: another note of the same sale in the reserved série, before its caller’s deadline; the first is never sent again', async () => {
  await reserve();
  const { sefaz, first, tookMs } = await lost();
  assert.ok(tookMs < 4_000, `${tookMs} ms of the virtual clock`);
  assert.deepEqual([first.state, first.tpEmis, first.substituicao?.situacao, first.acao], ['uncertain', '1', 'aguarda', undefined]);
  const { documentoId = '', chave } = first.substituidaPor ?? {};
  const substituta = await scene.find(documentoId);
  assert.deepEqual([substituta.state, substituta.tpEmis, substituta.serie, substituta.numero], ['issued', '9', SERIE, 1]);
  assert.deepEqual([substituta.chave, substituta.substitui], [chave, { documentoId: first._id, chave: first.chave }]);
  assert.equal(sale(await xmlOf(substituta)), sale(await xmlOf(first)));
  assert.equal(substituta.outbox.length, 0);

  sefaz.next({ cStat: '217' });
  const after = await scene.wake(first, sefaz, ({ state }) => state !== 'uncertain');
  assert.deepEqual([after.state, after.faults[0]?.code], ['rejected', 'substituida-nao-recebida']);
  assert.equal(sefaz.calls.filter((call) => call.startsWith('authorize')).length, 1);
});

test('a number of the série that an ERP has used is passed over', async () => {
  await reserve();
  const taken = Math.max(...(await inSerie()).map(({ numero }) => numero)) + 1;
  await scene.post({ nfce: true, serie: SERIE, numero: taken });
  const { first } = await lost();
  const substituta = await scene.find(first.substituidaPor?.documentoId ?? '');
  assert.deepEqual([substituta.state, substituta.numero], ['issued', taken + 1]);
});

test('killed at any write between the lost answer and the substitute: one substitute comes of it, with the number that was announced', async () => {
  await reserve();
  for (const fatal of ['accept', 'put', 'transition'] as const) {
    for (let nth = 1; nth <= 3; nth++) {
      const before = (await inSerie()).length;
      let passed = 0;
      // The process is gone: nothing it would do later happens.
      const mortal = <T extends object>(target: T, method: string): T =>
        new Proxy(target, {
          get(object, name) {
            const value = Reflect.get(object, name);
            if (name !== method) return value;
            return async (...args: unknown[]) => {
              const known = await scene.store.documentos.inRange({
                ...{ emitente: CNPJ, tpAmb: '2', modelo: '65', cUF: '35', serie: 1, de: posted.numero, ate: posted.numero },
              });
              const announced = known[0]?.substituidaPor !== undefined || known[0]?.state === 'uncertain';
              if (announced && ++passed >= nth) throw Object.assign(new Error('killed'), { name: 'MongoServerSelectionError' });
              return Reflect.apply(value as never, object, args);
            };
          },
        });
      const over = {
        store: {
          ...store,
          documentos: fatal === 'put' ? store.documentos : mortal(store.documentos, fatal),
          conteudos: fatal === 'put' ? mortal(store.conteudos, 'put') : store.conteudos,
        },
      };
      const sefaz = fakeAutorizador(clock);
      sefaz.next('answer lost', 'away');
      const posted = await scene.post({ nfce: true, esperaMs: 5_000 });
      await scene.handle(posted, sefaz, over).catch((error: Error) => assert.equal(error.message, 'killed'));
      clock.advance(15_000);
      const first = await scene.wake(await scene.find(posted._id), sefaz, ({ substituidaPor }) => substituidaPor?.chave !== undefined);
      const where = `${fatal} ${nth}`;
      assert.equal((await inSerie()).length, before + 1, where);
      const substituta = await scene.find(first.substituidaPor?.documentoId ?? '');
      assert.deepEqual([substituta.state, substituta.chave], ['issued', first.substituidaPor?.chave], where);
    }
  }
});

test('without a série the ERP is told, and posts a substitute of its own, which marks the first before it is signed', async (t) => {
  await store.politicas.remove(escopo);
  const { first, sefaz } = await lost();
  assert.deepEqual([first.state, first.acao, first.substituidaPor], ['uncertain', 'reemitir-com-novo-numero', undefined]);

  await t.test('one may take its place', async () => {
    const own = { tpEmis: '9', contingencia: { dhCont: '2026-01-01T00:00:00-03:00', xJust: 'Sem conexao com a internet' } };
    const sub = await scene.handle(await scene.post({ nfce: true, substitui: first, ...own }), sefaz);
    assert.equal(sub.state, 'issued');
    const marked = await scene.find(first._id);
    assert.deepEqual([marked.substituidaPor, marked.acao], [{ documentoId: sub._id, chave: sub.chave }, undefined]);
    const second = await scene.handle(await scene.post({ nfce: true, substitui: marked }), sefaz);
    assert.deepEqual([second.state, second.faults[0]?.code], ['rejected', 'substituicao-existente']);
  });

  await t.test('that of a till that waits is off line at once: it does not go where the first one got no answer', async () => {
    const other = await lost();
    const before = other.sefaz.calls.length;
    const sub = await scene.handle(await scene.post({ nfce: true, substitui: other.first, esperaMs: 5_000 }), other.sefaz);
    assert.deepEqual([sub.state, sub.tpEmis, sub.acao, other.sefaz.calls.length], ['issued', '9', undefined, before]);
    assert.equal((await scene.find(other.first._id)).substituidaPor?.chave, sub.chave);
  });

  await t.test('none when the first was authorised meanwhile', async () => {
    const other = await lost();
    const late = await scene.post({ nfce: true, substitui: other.first });
    other.sefaz.next('ok');
    const known = await scene.wake(other.first, other.sefaz, ({ state }) => state === 'authorized');
    const sub = await scene.handle(late, other.sefaz);
    assert.deepEqual([sub.state, sub.faults[0]?.code, sub.attempts.length], ['rejected', 'substituicao-desnecessaria', 0]);
    assert.match(sub.faults[0]?.message ?? '', new RegExp(String(known.chave)));
    assert.equal((await scene.find(known._id)).substituidaPor, undefined);
  });

  await t.test('none of a note that is not in doubt', async () => {
    const quiet = await scene.post({ nfce: true });
    const sub = await scene.handle(await scene.post({ nfce: true, substitui: quiet }), sefaz);
    assert.deepEqual([sub.state, sub.faults[0]?.code], ['rejected', 'substituicao-sem-duvida']);
  });
});
