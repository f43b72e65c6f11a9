import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeAttribute, escapeText, splice } from './splice.ts';

test('edits in any order are applied at the offsets of the original text', () => {
  assert.equal(
    splice('0123456789', [
      { at: 8, remove: 2, insert: 'fim' },
      { at: 0, insert: 'início ' },
      { at: 3, remove: 2, insert: '' },
    ]),
    'início 012567fim',
  );
  assert.equal(splice('abc', []), 'abc');
  assert.equal(splice('abc', [{ at: 3, insert: '!' }]), 'abc!');
});

test('insertions at one place keep their order and come before what is removed there', () => {
  assert.equal(
    splice('abc', [
      { at: 1, remove: 1, insert: 'X' },
      { at: 1, insert: '1' },
      { at: 1, insert: '2' },
    ]),
    'a12Xc',
  );
});

test('overlapping edits and edits outside the text throw', () => {
  const cases = [
    [
      { at: 0, remove: 3, insert: '' },
      { at: 2, insert: 'x' },
    ],
    [
      { at: 1, remove: 1, insert: 'x' },
      { at: 1, remove: 1, insert: 'y' },
    ],
    [{ at: 4, insert: 'x' }],
    [{ at: 2, remove: 2, insert: 'x' }],
    [{ at: -1, insert: 'x' }],
    [{ at: Number.NaN, insert: 'x' }],
    [{ at: 0, remove: -1, insert: 'x' }],
  ];
  for (const edits of cases) assert.throws(() => splice('abc', edits), RangeError, JSON.stringify(edits));
});

test('the list of edits is left as it was', () => {
  const edits = [
    { at: 2, insert: 'b' },
    { at: 1, insert: 'a' },
  ];
  splice('xyz', edits);
  assert.deepEqual(
    edits.map((e) => e.at),
    [2, 1],
  );
});

test('text and attribute values are escaped as C14N 1.0 writes them', () => {
  assert.equal(escapeText('a & <b> "c" \'d\' \t\n\r é\u{1F600}'), 'a &amp; &lt;b&gt; "c" \'d\' \t\n&#xD; é\u{1F600}');
  assert.equal(escapeAttribute('a & <b> "c" \'d\' \t\n\r é'), "a &amp; &lt;b> &quot;c&quot; 'd' &#x9;&#xA;&#xD; é");
});
