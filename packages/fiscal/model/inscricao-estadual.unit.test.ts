import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ieCanonica, isIe } from './inscricao-estadual.ts';

test('one inscrição in whatever form is the same; none is ISENTO', () => {
  for (const ie of ['110.042.490.114', '110042490114', ' 110 042.490-114 ']) assert.equal(ieCanonica(ie), '110042490114');
  for (const none of [undefined, null, '', ' ', 'isento', 'ISENTO', '-']) assert.equal(ieCanonica(none), 'ISENTO');
  assert.equal(ieCanonica('0014951780054'), '0014951780054');
});

test('what the layouts take, and what they do not', () => {
  for (const ie of ['ISENTO', '12', '00149517800543']) assert.equal(isIe(ie), true, ie);
  for (const ie of ['1', '123456789012345', 'P01100424', 'ISENTA', '']) assert.equal(isIe(ie), false, ie);
});
