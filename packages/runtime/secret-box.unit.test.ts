import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createSecretBox, type SealedSecret, SecretBoxError } from './secret-box.ts';

const key = (kid: string) => `${kid}:${randomBytes(32).toString('base64')}`;
const PLAIN = Buffer.from('a senha do certificado');
const AAD = 'conta.empresa.certificado';

test('what was sealed opens again, and no two seals of the same text share a field', () => {
  const box = createSecretBox(key('a'));
  const first = box.seal(PLAIN, AAD);
  const second = box.seal(PLAIN, AAD);
  assert.deepEqual(box.open(first, AAD), PLAIN);
  assert.deepEqual({ v: first.v, kid: first.kid }, { v: 1, kid: 'a' });
  for (const field of ['dek', 'iv', 'ct', 'tag'] as const) assert.notEqual(first[field], second[field]);
  assert.ok(!JSON.stringify(first).includes(PLAIN.toString('base64').slice(0, 12)));
  assert.deepEqual(box.open(box.seal(Buffer.alloc(0), AAD), AAD), Buffer.alloc(0));
});

test('another owner, another master key and any changed field do not open', () => {
  const masterKey = key('a');
  const box = createSecretBox(masterKey);
  const sealed = box.seal(PLAIN, AAD);
  assert.throws(() => box.open(sealed, 'outra.empresa.certificado'), SecretBoxError);
  assert.throws(() => createSecretBox(key('a')).open(sealed, AAD), SecretBoxError);
  assert.throws(() => createSecretBox(key('b')).open(sealed, AAD), /kid a não está configurada/);
  const other = box.seal(Buffer.from('outro'), AAD);
  for (const field of ['dek', 'iv', 'ct', 'tag'] as const) {
    assert.throws(() => box.open({ ...sealed, [field]: other[field] }, AAD), SecretBoxError, field);
  }
  assert.throws(() => box.open({ ...sealed, tag: sealed.tag.slice(0, 8) }, AAD), SecretBoxError);
  assert.throws(() => box.open({ ...sealed, v: 2 } as unknown as SealedSecret, AAD), SecretBoxError);
});

test('after a rotation the new key seals and the old secrets still open', () => {
  const [older, newer] = [key('2025'), key('2026')];
  const sealed = createSecretBox(older).seal(PLAIN, AAD);
  const box = createSecretBox(`${newer},${older}`);
  assert.deepEqual(box.open(sealed, AAD), PLAIN);
  assert.equal(box.seal(PLAIN, AAD).kid, '2026');
});

test('a re-wrapped secret is the same under the new master key alone, and only its owner can be given one', () => {
  const [older, newer] = [key('2025'), key('2026')];
  const sealed = createSecretBox(older).seal(PLAIN, AAD);
  const box = createSecretBox(`${newer},${older}`);
  const rewrapped = box.rewrap(sealed, AAD);
  const { kid, dek, ...content } = rewrapped;
  const { kid: _kid, dek: oldDek, ...oldContent } = sealed;
  assert.deepEqual([kid, content], ['2026', oldContent]);
  assert.notEqual(dek, oldDek);
  assert.deepEqual(createSecretBox(newer).open(rewrapped, AAD), PLAIN);
  assert.throws(() => createSecretBox(older).open(rewrapped, AAD), /kid 2026 não está configurada/);
  assert.equal(box.rewrap(rewrapped, AAD), rewrapped);
  assert.throws(() => box.rewrap(sealed, 'outra.empresa.certificado'), SecretBoxError);
  assert.throws(() => createSecretBox(newer).rewrap(sealed, AAD), /kid 2025 não está configurada/);
  assert.throws(() => box.rewrap({ ...sealed, v: 2 } as unknown as SealedSecret, AAD), SecretBoxError);
  assert.deepEqual(box.kids, ['2026', '2025']);
});

test('a master key of another form is refused without being shown', () => {
  const short = `a:${randomBytes(16).toString('base64')}`;
  const double = key('a');
  for (const wrong of ['', 'hunter2', short, `${double},${double}`, `a b:${randomBytes(32).toString('base64')}`]) {
    assert.throws(
      () => createSecretBox(wrong),
      (error: Error) => error instanceof SecretBoxError && !error.message.includes('hunter2'),
    );
  }
});
