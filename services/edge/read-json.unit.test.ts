import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from './problems.ts';
import { readJson } from './read-json.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8');
const refused = (body: Uint8Array, detail: RegExp) =>
  assert.throws(
    () => readJson(body),
    (error) => error instanceof Problem && error.codigo === 'json-malformado' && detail.test(error.message),
  );

test('a JSON text is its value, with or without a byte order mark', () => {
  assert.deepEqual(readJson(bytes('{"tipo":"cancelamento","justificativa":"não"}')), { tipo: 'cancelamento', justificativa: 'não' });
  assert.deepEqual(readJson(bytes('\uFEFF[1]')), [1]);
});

test('what is no JSON, is not UTF-8 or is nested without end is a problem', () => {
  for (const text of ['', '{', 'NaN', "{'a':1}", '{"a":1}x']) refused(bytes(text), /UTF-8/);
  refused(Buffer.from([0x22, 0xe7, 0x22]), /UTF-8/);
  refused(bytes('['.repeat(200_000) + ']'.repeat(200_000)), /níveis/);
  refused(bytes(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`), /níveis/);
  assert.ok(readJson(bytes('['.repeat(20) + ']'.repeat(20))));
});
