import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Inutilizacao } from '@malote/store/inutilizacao';
import { voidedRanges } from './voided-ranges.ts';

const serie = { emitente: '11222333000181', tpAmb: '2', modelo: '55', cUF: '35', serie: 1 } as const;
const row = (numeroInicial: number, numeroFinal: number, state = 'registered') => ({ numeroInicial, numeroFinal, state }) as Inutilizacao;

test('a série is read once a minute, and again at once when it is forgotten; only what is registered counts', async () => {
  let now = 0;
  let reads = 0;
  let rows = [row(10, 20), row(30, 40, 'received')];
  const overlapping = async () => {
    reads++;
    return rows;
  };
  const voided = voidedRanges({ overlapping }, { monotonic: () => now });
  const covered = async (numero: number) => (await voided.covering({ ...serie, numero }))?.numeroInicial;
  assert.deepEqual(await Promise.all([covered(9), covered(10), covered(20), covered(35)]), [undefined, 10, 10, undefined]);
  assert.equal(reads, 1);
  rows = [row(30, 40)];
  assert.equal(await covered(35), undefined);
  voided.forget(serie);
  assert.equal(await covered(35), 30);
  now = 60_000;
  await covered(35);
  assert.equal(reads, 3);
});

test('a database that did not answer is asked again by the next note', async () => {
  let answers = false;
  const voided = voidedRanges(
    { overlapping: async () => (answers ? [row(1, 1)] : Promise.reject(new Error('away'))) },
    { monotonic: () => 0 },
  );
  await assert.rejects(voided.covering({ ...serie, numero: 1 }), /away/);
  answers = true;
  assert.ok(await voided.covering({ ...serie, numero: 1 }));
});
