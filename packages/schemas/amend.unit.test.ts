import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyAmendments } from './amend.ts';
import { AMENDMENTS, type Amendment } from './amendments.data.ts';

const type = (name: string, pattern: string) => `<xs:simpleType name="${name}"><xs:pattern value="${pattern}"/></xs:simpleType>`;
const text = type('TCnpj', '[0-9]{14}') + type('TOutro', '[0-9]{14}');
const widen: Amendment = {
  what: 'CNPJ alfanumérico',
  norm: 'NT 2026.004',
  conjuntos: ['nfe'],
  type: 'TCnpj',
  before: '<xs:pattern value="[0-9]{14}"/>',
  after: '<xs:pattern value="[0-9A-Z]{12}[0-9]{2}"/>',
  files: 1,
};

test('an amendment changes only the named type of the named conjuntos and is listed with its norm', () => {
  const { files, applied } = applyAmendments(
    [
      { conjunto: 'nfe', file: 'a.xsd', text },
      { conjunto: 'nfse', file: 'a.xsd', text },
    ],
    [widen],
  );
  assert.equal(files[0]?.text, type('TCnpj', '[0-9A-Z]{12}[0-9]{2}') + type('TOutro', '[0-9]{14}'));
  assert.equal(files[1]?.text, text);
  const { what, norm, before, after } = widen;
  assert.deepEqual(applied, [{ file: 'nfe/a.xsd', what, norm, before, after }]);
});

test('an amendment that meets another number of files than it was written for stops the installation', () => {
  assert.throws(() => applyAmendments([{ conjunto: 'nfe', file: 'a.xsd', text: '' }], [widen]), /met 0 files, expected 1/);
});

test('every amendment of the base pack names a norm and really changes something', () => {
  for (const a of AMENDMENTS) {
    assert.match(a.norm, /NT /);
    assert.notEqual(a.before, a.after);
    assert.ok(a.files > 0 && a.conjuntos.length > 0);
  }
});
