import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDigit, isCnpj, isCpf, isWeakCnf, readChave } from './chave.ts';

test('the check digits of an alphanumeric CNPJ take ASCII minus 48 of each character', () => {
  // Example of the joint technical note: 12.ABC.345/01DE-35.
  assert.equal(isCnpj('12ABC34501DE35'), true);
  assert.equal(isCnpj('12ABC34501DE34'), false);
  assert.equal(isCnpj('11444777000161'), true);
  assert.equal(isCnpj('00000000000000'), false);
});

test('the check digit of keys seen in public answers of SEFAZ is found again', () => {
  for (const key of ['31200108684547000165550020000011231000111233', '35250709095917000191650010000009021823850511']) {
    assert.equal(checkDigit(key.slice(0, 43)), key[43]);
  }
});

test('a CPF is known by its two digits', () => {
  assert.equal(isCpf('52998224725'), true);
  assert.equal(isCpf('52998224724'), false);
  assert.equal(isCpf('11111111111'), false);
});

test('a key is cut by position', () => {
  const chave = readChave('35261112ABC34501DE35550010000000421123456780');
  assert.deepEqual(
    [chave?.cUF, chave?.aamm, chave?.documento, chave?.modelo, chave?.serie, chave?.numero, chave?.tpEmis, chave?.cNF, chave?.cDV],
    ['35', '2611', '12ABC34501DE35', '55', 1, 42, '1', '12345678', '0'],
  );
  assert.equal(readChave('3526'), undefined);
});

test('repeated, running and own-number cNF are weak', () => {
  for (const [cNF, numero] of [
    ['00000000', 1],
    ['77777777', 1],
    ['12345678', 1],
    ['23456789', 1],
    ['90123456', 1],
    ['00000042', 42],
  ] as const) {
    assert.equal(isWeakCnf(cNF, numero), true, cNF);
  }
  assert.equal(isWeakCnf('48019273', 42), false);
});
