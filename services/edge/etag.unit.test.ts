import assert from 'node:assert/strict';
import { test } from 'node:test';
import { etagOf, isKnown } from './etag.ts';

test('an ETag is known by itself, in a list, marked as weak, and by the star', () => {
  const etag = etagOf('x');
  for (const header of [etag, `"a", ${etag}`, `W/${etag}`, '*']) assert.equal(isKnown(header, etag), true, header);
  for (const header of [undefined, '', '"a"', etag.slice(1)]) assert.equal(isKnown(header, etag), false, header);
  assert.notEqual(etagOf('y'), etag);
});
