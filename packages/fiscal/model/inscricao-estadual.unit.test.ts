import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIe } from './inscricao-estadual.ts';

test('what the layouts take, and what they do not', () => {
  for (const ie of ['ISENTO', '12', '00149517800543']) assert.equal(isIe(ie), true, ie);
  for (const ie of ['1', '123456789012345', 'P01100424', 'ISENTA', '']) assert.equal(isIe(ie), false, ie);
});
