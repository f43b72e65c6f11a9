import assert from 'node:assert/strict';
import { test } from 'node:test';
import { etagOf, knownTag } from './etag.ts';

test('an ETag is known by itself, in a list, marked as weak, and by the star', () => {
  const etag = etagOf('x');
  for (const header of [etag, `"a", ${etag}`, `W/${etag}`, '*']) assert.notEqual(knownTag(header, etag), undefined, header);
  for (const header of [undefined, '', '"a"', etag.slice(1)]) assert.equal(knownTag(header, etag), undefined, header);
  assert.notEqual(etagOf('y'), etag);
});

test('a 304 repeats the tag as the caller has it: compressed or not, strong where it is strong', () => {
  for (const [header, etag, known] of [
    ['"a"', '"a"', '"a"'],
    ['"x", "a-gzip"', '"a"', '"a-gzip"'],
    ['W/"a-gzip"', '"a"', '"a-gzip"'],
    ['W/"a"', 'W/"a"', 'W/"a"'],
    ['"a"', 'W/"a"', 'W/"a"'],
    ['*', 'W/"a"', 'W/"a"'],
    ['"b"', '"a"', undefined],
  ] as const) {
    assert.equal(knownTag(header, etag), known, header);
  }
});
