import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../problems.ts';
import { reservedSeries } from './reserved-series.ts';

test('the reservation of a company is read at most every 2 s, and for the NFC-e alone', async () => {
  const asked: string[] = [];
  let now = 0;
  let serie: number | undefined = 889;
  const politicas = {
    async find(escopo: { conta: string; tipo: string }) {
      asked.push(`${escopo.conta} ${escopo.tipo}`);
      return { politica: serie === undefined ? {} : { modelos: { '65': { serieContingencia: serie } } }, updatedAt: new Date() };
    },
  };
  const check = reservedSeries({ politicas, clock: { monotonic: () => now } });
  const note = { conta: 'c', empresa: 'e', modelo: '65', serie: 889 };
  const refused = (error: unknown) => error instanceof Problem && error.codigo === 'serie-reservada';
  await assert.rejects(check(note), refused);
  await check({ ...note, serie: 1 });
  await check({ ...note, modelo: '55' });
  assert.deepEqual(asked, ['c cnpj']);
  serie = undefined;
  await assert.rejects(check(note), refused);
  now = 2_001;
  await check(note);
  assert.equal(asked.length, 2);
  await check({ ...note, conta: 'd' });
  assert.equal(asked.length, 3);
});
