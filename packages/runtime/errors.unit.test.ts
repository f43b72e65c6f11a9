import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asError, errorCode, errorMessage } from './errors.ts';

test('anything thrown becomes an Error, an Error stays the same object', () => {
  const error = new TypeError('x');
  assert.equal(asError(error), error);
  assert.equal(asError('text').message, 'text');
  assert.equal(asError({ a: 1 }).message, '{ a: 1 }');
  assert.ok(asError(undefined) instanceof Error);
});

test('a message names its causes once, the first of many when there is no other text', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED ::1:5672'), { code: 'ECONNREFUSED' });
  assert.equal(errorMessage(new TypeError('fetch failed', { cause: refused })), 'fetch failed: connect ECONNREFUSED ::1:5672');
  assert.equal(errorMessage(new AggregateError([refused])), 'connect ECONNREFUSED ::1:5672');
  const loop = new Error('a');
  loop.cause = loop;
  assert.equal(errorMessage(loop), 'a');
  assert.equal(errorMessage('text'), 'text');
});

test('a code is a text or undefined', () => {
  assert.deepEqual(
    [errorCode({ code: 'E' }), errorCode({ code: 1 }), errorCode(null), errorCode('x')],
    ['E', undefined, undefined, undefined],
  );
});
