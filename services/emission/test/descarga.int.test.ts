import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Modo } from '@malote/fiscal/contingencia/situacao';
import type { Attempt } from '@malote/fiscal/emission/lifecycle-state';
import { createMetrics } from '@malote/runtime/metrics';
import type { Contingencia } from '@malote/store/contingencias';
import type { Documento } from '@malote/store/documento';
import { descargaSweep } from '../descarga.ts';
import { log, openIssuedScene } from './issued-scene.ts';

const scene = await openIssuedScene();
const { store, clock, conta, sent, publish } = scene;
const RATE = 4;
const deps = { store, clock, log, metrics: createMetrics('test'), publish, descargaRate: RATE };
const PASS_MS = 250;
const SEFAZ_MS = 1_000;
/** Longer than an authoriser that is away is left alone. */
const AWAY_MS = 5_000;

const numbers = () => sent.splice(0).map((message) => Number((message.payload as { documentId: string }).documentId.slice(-9)));
const answered = async (documento: Documento, state: 'authorized' | 'rejected') =>
  assert.ok(
    await store.documentos.transition(await scene.load(documento), {
      ...{ state, nextAt: undefined, nextAction: undefined, outbox: [] },
      ...(state === 'authorized' ? { pendenteDesde: undefined } : {}),
    }),
  );
/** The worker's: it is tried again in a minute. */
async function waits(documento: Documento, attempt?: Pick<Attempt, 'result' | 'cStat'>) {
  const now = clock.now();
  const call = { n: 1, kind: 'authorize', autorizador: 'SP', service: 'x', sentAt: now, until: now, trace: 't' } as const;
  const change = { nextAt: new Date(now.getTime() + 60_000), outbox: [], attempts: attempt ? [{ ...call, ...attempt }] : [] };
  assert.ok(await store.documentos.transition(await scene.load(documento), change));
}
async function mode(over: Partial<Contingencia>, who?: string) {
  const row = await store.contingencias.obtain({ modelo: '65', uf: 'SP', ambiente: 'hom', ...(who ? { conta: who } : {}) }, 't');
  assert.ok(await store.contingencias.transition(row, over));
}
async function hub(modo: Modo) {
  const { situacao } = await store.contingencias.obtain({ modelo: '65', uf: 'SP', ambiente: 'hom' }, 't');
  await mode({ emVigor: modo !== 'NORMAL', situacao: { ...situacao, mode: { ...situacao.mode, modo } } });
}
/** So that the next test begins with an empty flush. */
const settleAll = async (documentos: Documento[]) => {
  for (const each of documentos) if ((await scene.load(each)).pendenteDesde) await answered(each, 'authorized');
  clock.advance(60_000);
  sent.length = 0;
};

test('one note of a série is transmitted at a time, in the order of emission; a refused one does not keep back the next', async () => {
  const cnpj = await scene.company(1);
  // Received in another order than emitted.
  const second = await scene.issued(cnpj, 8);
  const first = await scene.issued(cnpj, 9, { emitidoEm: new Date(clock.now().getTime() - 60_000) });
  const third = await scene.issued(cnpj, 7, { emitidoEm: new Date(clock.now().getTime() + 1) });
  const { sweep } = descargaSweep(deps);
  await sweep();
  assert.deepEqual(numbers(), [9]);
  const { contingencia, nextAt, nextAction, outbox } = await scene.load(first);
  assert.deepEqual([contingencia?.vez, nextAt, nextAction], [clock.now(), clock.now(), 'document.emit']);
  assert.partialDeepStrictEqual(outbox.at(-1)?.message.payload, { fila: 'lote' });
  clock.advance(SEFAZ_MS);
  await sweep();
  assert.deepEqual(numbers(), [], 'the first is still under way');
  await answered(first, 'rejected');
  await sweep();
  assert.deepEqual(numbers(), [8]);
  // 468: it waits, and those after it need not.
  await waits(second, { result: 'answered', cStat: '468' });
  clock.advance(SEFAZ_MS);
  await sweep();
  assert.deepEqual(numbers(), [7]);
  await settleAll([first, second, third]);
});

test('séries go side by side, no faster than the rate of their authoriser; another authoriser has its own', async () => {
  const notas: Documento[] = [];
  for (let n = 10; n < 22; n++) notas.push(await scene.issued(await scene.company(n), n));
  for (let n = 30; n < 32; n++) notas.push(await scene.issued(await scene.company(n, 'RS'), n));
  const { sweep } = descargaSweep(deps);
  await sweep();
  assert.deepEqual(numbers().sort(), [10, 11, 12, 13, 30, 31]);
  for (const _ of [1, 2, 3, 4]) {
    clock.advance(PASS_MS);
    await sweep();
  }
  assert.deepEqual(numbers(), [14, 15, 16, 17]);
  await settleAll(notas);
});

test('while the authoriser is away or suspected nothing is transmitted, but what its deadline is near for', async () => {
  const cnpj = await scene.company(40);
  const nota = await scene.issued(cnpj, 40);
  const { sweep } = descargaSweep(deps);
  await hub('OFFLINE');
  await sweep();
  await hub('NORMAL');
  clock.advance(AWAY_MS);
  await mode({ emVigor: true, suspeitaDesde: clock.now() });
  await sweep();
  assert.deepEqual(numbers(), []);
  await hub('OFFLINE');
  clock.advance(AWAY_MS);
  const { contingencia } = nota;
  assert.ok(contingencia);
  const near = new Date(clock.now().getTime() + 3_600_000);
  const late = await scene.issued(await scene.company(41), 41, { contingencia: { ...contingencia, prazoAte: near } });
  await sweep();
  assert.deepEqual(numbers(), [41]);
  await mode({ emVigor: false, suspeitaDesde: undefined });
  await hub('NORMAL');
  clock.advance(AWAY_MS);
  await sweep();
  assert.deepEqual(numbers(), [40]);
  await settleAll([nota, late]);
});

test('a drill keeps its own account from transmitting, and no other', async () => {
  const mine = await scene.issued(await scene.company(50), 50);
  const other = await scene.issued(await scene.company(51), 51, { conta: 'another' });
  const ate = new Date(clock.now().getTime() + 60_000);
  await mode({ emVigor: true, simulacao: { id: 's', desde: clock.now(), ate, quem: 'x', modo: 'OFFLINE' } }, conta);
  const { sweep } = descargaSweep(deps);
  await sweep();
  assert.deepEqual(numbers(), [51]);
  clock.advance(60_001);
  await sweep();
  assert.deepEqual(numbers(), [50]);
  await settleAll([mine, other]);
});

test('what an authoriser did not take goes back into the order and nothing more is tried for a while; a rest is that of its company alone', async () => {
  const cnpj = await scene.company(70);
  const [first, second] = [await scene.issued(cnpj, 70), await scene.issued(cnpj, 71)];
  const { sweep } = descargaSweep(deps);
  await sweep();
  assert.deepEqual(numbers(), [70]);
  await waits(first, { result: 'not-sent' });
  clock.advance(PASS_MS);
  const other = await scene.issued(await scene.company(72), 72);
  await sweep();
  assert.deepEqual(numbers(), []);
  assert.equal((await scene.load(first)).contingencia?.vez, undefined);
  clock.advance(15_000);
  await sweep();
  assert.deepEqual(numbers(), [70, 72]);
  await answered(other, 'authorized');
  // 656: the company rests for longer than a slow answer keeps its série back.
  await waits(first);
  const third = await scene.issued(await scene.company(73), 73);
  clock.advance(PASS_MS);
  await sweep();
  assert.deepEqual(numbers(), [73]);
  await settleAll([first, second, other, third]);
});

test('a note whose turn another process gave after it was read is left to it', async () => {
  const nota = await scene.issued(await scene.company(60), 60);
  const proximas: typeof store.descarga.proximas = async (...args) => {
    const rows = await store.descarga.proximas(...args);
    await descargaSweep(deps).sweep();
    return rows;
  };
  await descargaSweep({ ...deps, store: { ...store, descarga: { ...store.descarga, proximas } } }).sweep();
  assert.deepEqual(numbers(), [60]);
  await settleAll([nota]);
});
