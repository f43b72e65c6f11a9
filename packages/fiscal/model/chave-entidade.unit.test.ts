import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalIe, chaveEntidade } from './chave-entidade.ts';

test('an IE is one text however it is masked, keeps its leading zeros, and none at all is ISENTO', () => {
  assert.equal(canonicalIe('111.010.945.111'), '111010945111');
  assert.equal(canonicalIe('001495178.00-54'), '0014951780054');
  assert.equal(canonicalIe(' p-01100424.3/002 '), 'P011004243002');
  for (const none of [undefined, '', ' ', '-', 'isento', 'Isento']) assert.equal(canonicalIe(none), 'ISENTO');
});

test('the key of an establishment has its document, UF and IE', () => {
  assert.equal(chaveEntidade({ documento: '12abc34501de35', uf: 'SP', ie: '111.010' }), '12ABC34501DE35.SP.111010');
  assert.equal(chaveEntidade({ documento: '12345678909', uf: 'PE' }), '12345678909.PE.ISENTO');
});
