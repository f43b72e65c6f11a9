import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planList } from './listing-plan.ts';

const OF = { conta: 'c', empresa: 'e', tpAmb: '2', modelo: '55' } as const;

test('each filter has an index that gives the order of arrival', () => {
  for (const [query, index, volatile] of [
    [{}, 'lista', false],
    [{ serie: 1 }, 'lista_serie', false],
    [{ serie: 1, states: ['rejected'] }, 'lista_status', true],
    [{ serie: 1, de: '2026-11-01', ate: '2026-11-30' }, 'lista_dia', true],
    [{ states: ['rejected'] }, 'lista_status', true],
    [{ de: '2026-11-01', ate: '2026-11-30' }, 'lista_dia', true],
    [{ de: '2026-11-01', ate: '2026-11-30', states: ['rejected'] }, 'lista_dia', true],
    [{ de: '2026-11-01' }, 'lista', true],
    [{ ate: '2026-11-01', states: ['rejected'] }, 'lista_status', true],
    [{ de: '2020-01-01', ate: '2026-11-30' }, 'lista', true],
  ] as const) {
    const plan = planList({ ...OF, ...query });
    assert.deepEqual([plan.index, plan.volatile], [index, volatile], JSON.stringify(query));
  }
});

test('a span becomes its days, both ends included, over the end of February too', () => {
  const { filter } = planList({ ...OF, de: '2028-02-28', ate: '2028-03-01' });
  assert.deepEqual(filter.diaEmissao, { $in: ['2028-02-28', '2028-02-29', '2028-03-01'] });
  assert.deepEqual(planList({ ...OF, ate: '2028-03-01' }).filter.diaEmissao, { $lte: '2028-03-01' });
  assert.equal((planList({ ...OF, de: '2026-01-01', ate: '2026-07-19' }).filter.diaEmissao as { $in: string[] }).$in.length, 200);
  assert.deepEqual(planList({ ...OF, de: '2026-01-01', ate: '2026-07-20' }).filter.diaEmissao, { $gte: '2026-01-01', $lte: '2026-07-20' });
});

test('lists that differ have keys that differ', () => {
  const queries = [{}, { serie: 1 }, { de: '2026-01-01' }, { ate: '2026-01-01' }, { states: ['signed'] as const }, { conta: 'd' }];
  assert.equal(new Set(queries.map((query) => planList({ ...OF, ...query }).key)).size, queries.length);
});
