import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processNames, readScale } from './scale.ts';

test('one emission process unless more are asked for, and the last word counts', () => {
  assert.deepEqual(readScale(), { emission: 1 });
  assert.deepEqual(readScale(['emission=3']), { emission: 3 });
  assert.deepEqual(readScale(['emission=3', 'emission=2']), { emission: 2 });
});

test('a service that cannot be scaled and a count that is none are refused with what is possible', () => {
  for (const value of ['edge=2', 'emission', 'emission=0', 'emission=17', 'emission=-1', 'emission=1.5', ''])
    assert.throws(() => readScale([value]), /only emission=1 to emission=16/, value);
});

test('each process has a name of its own', () => {
  assert.deepEqual(processNames('emission', 3), ['emission', 'emission-2', 'emission-3']);
});
