import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ASSENTAMENTO_MS } from '@malote/fiscal/contingencia/descarga';
import { readIdentity } from '@malote/fiscal/emission/identity';
import { parseXml } from '@malote/fiscal/xml/parse';
import { createLogger } from '@malote/runtime/logger';
import { createMetrics } from '@malote/runtime/metrics';
import type { Documento } from '@malote/store/documento';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { descargaSweep } from '../descarga.ts';
import { CNPJ, type FakeAutorizador, fakeAutorizador, openNotaScene } from './nota-scene.ts';

const scene = await openNotaScene();
const { store, clock, conta } = scene;
const log = createLogger({ service: 'test', level: 'silent' });
const MODELO = { modelo: '65' } as const;
const xmlOf = async ({ conteudo }: Documento) => String(await store.conteudos.get(conteudo ?? ''));
const field = (xml: string, tag: string) => new RegExp(`<${tag}>(.*?)</${tag}>`).exec(xml)?.[1];

/** Sold off line, and refused by SEFAZ when it was transmitted. */
async function refusedNote(sefaz: FakeAutorizador) {
  const dhEmi = clock.now();
  await scene.modo({ ...MODELO, modo: 'OFFLINE' });
  const issued = await scene.handle(await scene.post({ nfce: true, esperaMs: 5_000, dhEmi }), sefaz);
  assert.equal(issued.state, 'issued');
  await scene.modo({ ...MODELO, emVigor: false });
  clock.advance(ASSENTAMENTO_MS);
  await descargaSweep({ store, clock, log, metrics: createMetrics('test'), publish: async () => 'confirmed', descargaRate: 5 }).sweep();
  sefaz.next({ cStat: '778' });
  const refused = await scene.handle(issued, sefaz);
  assert.deepEqual([refused.state, refused.retorno?.cStat, refused.attempts.length], ['rejected', '778', 1]);
  assert.ok(refused.pendenteDesde);
  const posted = sampleNfce({ cnpj: CNPJ, uf: 'SP', ie: '110042490114', numero: issued.numero, dhEmi });
  return { issued, posted };
}
async function correct(documento: Documento, xml: string, danfeAlterado = false) {
  const read = readIdentity(parseXml(xml), 'sefaz');
  assert.ok(read.ok);
  const { fingerprint } = read;
  const entrada = Buffer.from(xml);
  return store.documentos.correct({ conta, documentoId: documento._id, fingerprint, entrada, danfeAlterado, traceparent: 't' });
}

test('the correction of a refused note goes out under the same key, signed as it was issued, and is authorised', async () => {
  const sefaz = fakeAutorizador(clock);
  const { issued, posted } = await refusedNote(sefaz);
  const before = await xmlOf(issued);
  const corrected = posted.replaceAll('<NCM>73181500</NCM>', '<NCM>73181600</NCM>');
  assert.equal((await correct(issued, corrected))?.outcome, 'accepted');
  sefaz.next('ok');
  const after = await scene.handle(issued, sefaz);
  const { state, chave, cNF, tpEmis, pendenteDesde, rodadas, contingencia } = after;
  assert.deepEqual([state, chave, cNF, tpEmis, pendenteDesde], ['authorized', issued.chave, issued.cNF, '9', undefined]);
  assert.deepEqual([rodadas.length, rodadas[0]?.conteudo], [1, issued.conteudo]);
  assert.deepEqual(contingencia?.emitidaEm, issued.contingencia?.emitidaEm);
  assert.deepEqual(contingencia?.prazoAte, issued.contingencia?.prazoAte);
  const xml = await xmlOf(after);
  for (const tag of ['dhCont', 'xJust', 'dhEmi', 'cNF', 'cDV']) assert.equal(field(xml, tag), field(before, tag), tag);
  assert.ok(xml.includes('<NCM>73181600</NCM>') && !xml.includes('<NCM>73181500</NCM>'));
  assert.notEqual(after.digest, issued.digest);
  assert.deepEqual([...sefaz.held], [[`SP ${issued.chave}`, after.digest]]);
});

test('a correction that changes what it must not, which the edge did not see, leaves the note to be corrected, and nothing is sent', async () => {
  const sefaz = fakeAutorizador(clock);
  const { issued, posted } = await refusedNote(sefaz);
  const { length } = sefaz.calls;
  await correct(issued, posted.replace(/<vNF>[^<]*</, '<vNF>1.00<'), true);
  const after = await scene.handle(issued, sefaz);
  assert.deepEqual([after.state, after.faults[0]?.code, sefaz.calls.length], ['invalid', 'COR-003', length]);
  assert.deepEqual([after.conteudo, after.chave, after.rodadas.length], [issued.conteudo, issued.chave, 1]);
  assert.ok(after.pendenteDesde && after.contingencia?.danfeAlterado);
  assert.equal((await correct(issued, posted))?.outcome, 'accepted');
  sefaz.next('ok');
  const authorised = await scene.handle(issued, sefaz);
  assert.deepEqual([authorised.state, authorised.contingencia?.danfeAlterado], ['authorized', true]);
});

test('a worker killed before or after the write of a signed correction costs nothing', async () => {
  for (const side of ['before', 'after'] as const) {
    const sefaz = fakeAutorizador(clock);
    const { issued, posted } = await refusedNote(sefaz);
    await correct(issued, posted.replaceAll('<NCM>73181500</NCM>', '<NCM>73181600</NCM>'));
    const dead = Promise.withResolvers<'dead'>();
    const die = () => {
      dead.resolve('dead');
      return new Promise<never>(() => {});
    };
    const documentos = {
      ...store.documentos,
      async transition(...args: Parameters<typeof store.documentos.transition>) {
        if (side === 'after') await store.documentos.transition(...args);
        return die();
      },
    };
    assert.equal(await Promise.race([scene.handle(issued, sefaz, { store: { ...store, documentos } }), dead.promise]), 'dead');
    sefaz.next('ok');
    const after = await scene.wake(await scene.find(issued._id), sefaz, ({ state }) => state === 'authorized');
    assert.deepEqual([after.chave, sefaz.held.size], [issued.chave, 1], side);
  }
});
