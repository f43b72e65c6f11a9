import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PRAZOS, type PrazoEvento } from '@malote/fiscal/evento/prazos';
import type { AnyEnvelope } from '@malote/messages/envelope';
import { createLogger } from '@malote/runtime/logger';
import { createMetrics } from '@malote/runtime/metrics';
import type { SefazClient } from '@malote/sefaz/client';
import type { Store } from '@malote/store/connect';
import type { Documento } from '@malote/store/documento';
import { substituicoesSweep } from '../substituicoes.ts';
import { type FakeSefaz, fakeSefaz } from './fake-sefaz.ts';
import { openScene } from './registro-scene.ts';

const scene = await openScene();
const { store, clock } = scene;
const log = createLogger({ service: 'test', level: 'silent' });
const MINUTE = 60_000;
const REFUSED = { kind: 'said', class: 'rejected', cStat: '501', xMotivo: 'fora do prazo', xml: '' } as const;
const ATTEMPT = {
  ...({ n: 1, kind: 'authorize', autorizador: 'SP', service: 'x', trace: 't', result: 'unknown' } as const),
  ...{ sentAt: clock.now(), until: clock.now() },
};

/** As the lifecycle leaves a substituted note that no consult finds. */
const NEVER_RECEIVED: Partial<Documento> = { state: 'rejected', retorno: undefined, attempts: [ATTEMPT] };

/** Two authorised notes of one sale, the second issued because nobody knew the fate of the first. */
async function sale({ nfce = true, first, second }: { nfce?: boolean; first?: Partial<Documento>; second?: Partial<Documento> } = {}) {
  const one = await scene.authorised({ nfce });
  const two = await scene.authorised({ nfce, tpEmis: '9' });
  const chave = two.chave as string;
  const saga: Partial<Documento> = {
    ...{ substituidaPor: { documentoId: two._id, chave }, substituicao: { situacao: 'aguarda', desde: clock.now() } },
    ...first,
  };
  assert.ok(await store.documentos.transition(one, saga));
  assert.ok(await store.documentos.transition(two, { substitui: { documentoId: one._id }, ...second }));
  return { primeira: one._id, substituta: two._id };
}
const load = async (id: string) => (await store.documentos.findById(id)) as Documento;
const sagaOf = async (id: string) => (await load(id)).substituicao;
const change = async (id: string, fields: Partial<Documento>) => assert.ok(await store.documentos.transition(await load(id), fields));

interface Over {
  store?: Store;
  prazos?: readonly PrazoEvento[];
  publish?: (message: AnyEnvelope) => Promise<unknown>;
}
const sweep = (over: Over = {}) =>
  substituicoesSweep({ store, clock, log, metrics: createMetrics('test'), prazos: PRAZOS, publish: async () => 'confirmed', ...over })();

/** What the emission worker does with what the saga has asked for. */
async function work(id: string, sefaz: FakeSefaz, client: SefazClient = sefaz.client) {
  const { eventoId, inutilizacaoId } = (await sagaOf(id)) ?? {};
  const evento = eventoId && (await store.eventos.findById(eventoId));
  if (evento) await scene.handle(evento, sefaz);
  const inutilizacao = inutilizacaoId && (await store.inutilizacoes.findById(inutilizacaoId));
  if (inutilizacao) await scene.handle(inutilizacao, sefaz, { sefaz: client });
}
const unknownThere = (sefaz: FakeSefaz): SefazClient => ({
  ...sefaz.client,
  consult: async () => ({ retorno: { kind: 'document', class: 'not-found', cStat: '217', xMotivo: 'x' } }) as never,
});

test('nothing is cancelled before the substitute is authorised; then the first is, by 110111 inside its window', async () => {
  const { primeira, substituta } = await sale({ second: { state: 'issued', pendenteDesde: clock.now() } });
  await sweep();
  assert.equal((await sagaOf(primeira))?.situacao, 'aguarda');
  await change(substituta, { state: 'authorized', pendenteDesde: undefined });
  await sweep();
  assert.deepEqual([(await sagaOf(primeira))?.situacao, (await sagaOf(primeira))?.eventoId], ['cancelar', `${primeira}.110111.001`]);
  await sweep();
  const sefaz = fakeSefaz();
  await work(primeira, sefaz);
  assert.equal((await load(primeira)).state, 'cancelled');
  await sweep();
  assert.partialDeepStrictEqual(await sagaOf(primeira), { situacao: 'concluida', por: 'cancelamento' });
  assert.equal((await load(substituta)).state, 'authorized');
  assert.equal(sefaz.calls.length, 1);
});

test('past the window of 110111, or when it is refused, the first is cancelled by substitution (110112) naming the substitute', async () => {
  const sefaz = fakeSefaz();
  const late = await sale();
  const refused = await sale({ second: { state: 'issued' } });
  clock.advance(31 * MINUTE);
  await sweep();
  assert.equal((await sagaOf(late.primeira))?.eventoId, `${late.primeira}.110112.001`);
  await work(late.primeira, sefaz);
  const { chave } = await load(late.substituta);
  const [evento] = await store.eventos.listOf({ conta: (await load(late.primeira)).conta, documentoId: late.primeira });
  const signed = (await store.conteudos.get(evento?.conteudo ?? ''))?.toString() ?? '';
  assert.ok(signed.includes(`<chNFeRef>${chave}</chNFeRef>`), evento?.faults[0]?.message);
  await sweep();
  assert.partialDeepStrictEqual(await sagaOf(late.primeira), { situacao: 'concluida', por: 'cancelamento' });

  // The UF takes a shorter window than the table says.
  await change(refused.substituta, { state: 'authorized' });
  await sweep({ prazos: [] });
  assert.equal((await sagaOf(refused.primeira))?.eventoId, `${refused.primeira}.110111.001`);
  sefaz.refuseWith(REFUSED);
  await work(refused.primeira, sefaz);
  await sweep({ prazos: [] });
  assert.equal((await sagaOf(refused.primeira))?.eventoId, `${refused.primeira}.110112.001`);
  await work(refused.primeira, sefaz);
  await sweep({ prazos: [] });
  const { situacao, motivo } = (await sagaOf(refused.primeira)) ?? {};
  assert.equal(situacao, 'manual');
  assert.match(motivo ?? '', /501 fora do prazo/);
});

test('a first that SEFAZ never got is made void; one that came late after all is left to a person', async () => {
  for (const [client, situacao] of [
    [unknownThere, 'concluida'],
    [(sefaz: FakeSefaz) => sefaz.client, 'manual'],
  ] as const) {
    const { primeira } = await sale({ first: NEVER_RECEIVED });
    await sweep();
    const { numero } = await load(primeira);
    assert.partialDeepStrictEqual(await sagaOf(primeira), { situacao: 'inutilizar' });
    const sefaz = fakeSefaz();
    await work(primeira, sefaz, client(sefaz));
    await sweep();
    assert.equal((await sagaOf(primeira))?.situacao, situacao);
    assert.equal(sefaz.held.size, situacao === 'concluida' ? 1 : 0, `${numero}`);
  }
});

test('a first that SEFAZ refused, or an unneeded substitute, ends the saga without a request', async () => {
  const retorno = { class: 'rejected', cStat: '204', xMotivo: 'x' } as const;
  const first = await sale({ first: { state: 'rejected', retorno } });
  const second = await sale({ second: { state: 'rejected', retorno } });
  await sweep();
  assert.partialDeepStrictEqual(await sagaOf(first.primeira), { situacao: 'concluida', por: 'rejeicao' });
  assert.partialDeepStrictEqual(await sagaOf(second.primeira), { situacao: 'concluida', por: 'substituta-recusada' });
  assert.equal((await load(second.primeira)).state, 'authorized');
});

test('a cancelamento that the ERP asked for itself is followed, not asked for again', async () => {
  const { primeira } = await sale();
  const documento = await load(primeira);
  const own = await scene.cancelamento(documento, 'Cliente desistiu da compra toda');
  await sweep();
  assert.equal((await sagaOf(primeira))?.eventoId, own._id);
  assert.equal((await store.eventos.listOf({ conta: documento.conta, documentoId: primeira })).length, 1);
});

test('a number that a substitute is about to have is not made void', async () => {
  const asked = await scene.inutilizacao();
  const { primeira } = await sale({ nfce: false });
  await change(primeira, { substituidaPor: { documentoId: `${primeira.slice(0, -9)}${String(asked.numeroInicial).padStart(9, '0')}` } });
  const sefaz = fakeSefaz();
  await scene.handle(asked, sefaz);
  const { state, faults } = (await store.inutilizacoes.findById(asked._id)) ?? {};
  assert.deepEqual([state, faults?.[0]?.code, sefaz.held.size], ['rejected', 'INU-032', 0]);
});

/** Dies at its nth write, before it or after it: nothing later happens. */
function dying(at: number, side: 'before' | 'after') {
  let points = 0;
  const death = Promise.withResolvers<void>();
  const never = new Promise<never>(() => {});
  const mortal = <T extends object>(target: T, methods: readonly string[]): T =>
    new Proxy(target, {
      get(object, name) {
        const value = Reflect.get(object, name) as (...args: unknown[]) => unknown;
        if (!methods.includes(String(name))) return value;
        return async (...args: unknown[]) => {
          const dies = ++points === at;
          if (dies && side === 'before') return kill();
          const result = await Reflect.apply(value, object, args);
          return dies ? kill() : result;
        };
      },
    });
  const kill = () => {
    death.resolve();
    return never;
  };
  const [accept, transition] = [['accept'], ['transition']];
  const mine: Store = {
    ...store,
    eventos: mortal(store.eventos, accept),
    inutilizacoes: mortal(store.inutilizacoes, accept),
    documentos: mortal(store.documentos, transition),
  };
  const out = mortal({ publish: async () => 'confirmed' }, ['publish']);
  const run = sweep({ store: mine, publish: (message) => (out.publish as (m: AnyEnvelope) => Promise<unknown>)(message) });
  return { ended: Promise.race([run, death.promise]), points: () => points };
}

test('killed before or after any write, the saga ends with one request and one note', async () => {
  const POINTS = 3;
  for (const kind of ['cancelar', 'inutilizar'] as const) {
    for (let at = 1; at <= POINTS; at++) {
      for (const side of ['before', 'after'] as const) {
        const where = `${kind}, killed ${side} point ${at}`;
        const first = kind === 'inutilizar' ? NEVER_RECEIVED : {};
        const { primeira } = await sale({ first });
        const process = dying(at, side);
        await process.ended;
        assert.equal(process.points(), at, where);
        const sefaz = fakeSefaz();
        for (const _ of [1, 2]) {
          await sweep();
          await work(primeira, sefaz, unknownThere(sefaz));
        }
        await sweep();
        assert.equal((await sagaOf(primeira))?.situacao, 'concluida', where);
        assert.equal(sefaz.held.size, 1, where);
      }
    }
  }
});
