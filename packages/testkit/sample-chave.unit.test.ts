import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleChave } from './sample-chave.ts';

test('the digit is that of keys with digits and with letters', () => {
  const parts = { cUF: '35', aamm: '2611', modelo: '55', serie: '1', numero: '4711', tpEmis: '1', cNF: '00000042' };
  assert.equal(sampleChave({ ...parts, documento: '07385111000102' }), '35261107385111000102550010000047111000000427');
  // The key of NT Conjunta DFe 2025.001: weights over letters, ASCII − 48.
  assert.match(sampleChave({ ...parts, documento: '12ABC34501DE35' }), /^35261112ABC34501DE3555001000004711100000042\d$/);
});
