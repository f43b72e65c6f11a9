import assert from 'node:assert/strict';
import { test } from 'node:test';
import { show, table } from './show.ts';

const AT = new Date(Date.UTC(2026, 10, 22, 9));

test('a result is a line for each field that has a value', () => {
  assert.equal(show({ conta: 'c', ie: undefined, em: AT, n: 0 }), 'conta: c\nem: 2026-11-22T09:00:00.000Z\nn: 0');
});

test('rows are columns under their names, as wide as they need to be', () => {
  const rows = [
    { nome: 'Loja', ativa: true, escopos: ['leitura', 'emissao'], em: AT },
    { nome: 'A', ativa: false, escopos: [], em: null },
  ];
  assert.deepEqual(table(rows, ['nome', 'ativa', 'escopos', 'em'], 'nada').split('\n'), [
    'nome  ativa  escopos           em',
    'Loja  sim    leitura, emissao  2026-11-22T09:00:00.000Z',
    'A     não                      -',
  ]);
  assert.equal(table([], ['nome'], 'nada'), 'nada');
});
