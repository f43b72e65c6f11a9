import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashSecret, matchSecret } from './password.ts';

test('the secret verifies, another does not, and two hashes of one secret differ', async () => {
  const [first, second] = await Promise.all([hashSecret('segredo'), hashSecret('segredo')]);
  assert.match(first, /^scrypt\$16384\$8\$5\$[\w-]{22}\$[\w-]{43}$/);
  assert.notEqual(first, second);
  assert.equal(await matchSecret('segredo', [first]), 0);
  assert.equal(await matchSecret('segredo ', [first]), -1);
});

test('an accented secret verifies however its letters are composed', async () => {
  assert.equal(await matchSecret('acentuac\u0327a\u0303o', [await hashSecret('acentua\u00e7\u00e3o')]), 0);
});

test('a stored text of another form, or one that would take too much memory, is a plain false', async () => {
  const tooMuch = `scrypt$4194304$64$16$${'A'.repeat(22)}$${'A'.repeat(43)}`;
  for (const stored of ['', 'segredo', 'scrypt$1$1$1$x$y', tooMuch]) assert.equal(await matchSecret('segredo', [stored]), -1);
});

test('of several hashes the one that the secret made is told; beside another, a hash takes its salt', async () => {
  const old = await hashSecret('velho');
  const own = await hashSecret('novo', { besides: old });
  assert.equal(own.split('$')[4], old.split('$')[4]);
  assert.notEqual(own, old);
  assert.equal(await matchSecret('novo', [own, old]), 0);
  assert.equal(await matchSecret('velho', [own, old]), 1);
  assert.equal(await matchSecret('outro', [own, old]), -1);
  assert.equal(await matchSecret('velho', ['segredo', old]), 1);
  assert.equal(await matchSecret('velho', []), -1);
});

test('a hash of other work factors does not lend its salt', async () => {
  const weak = `scrypt$1024$8$1$${'A'.repeat(22)}$${'A'.repeat(43)}`;
  const own = await hashSecret('novo', { besides: weak });
  assert.notEqual(own.split('$')[4], 'A'.repeat(22));
  assert.equal(await matchSecret('novo', [own, weak]), 0);
});
