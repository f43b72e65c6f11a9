import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashSecret, verifySecret } from './password.ts';

test('the secret verifies, another does not, and two hashes of one secret differ', async () => {
  const [first, second] = await Promise.all([hashSecret('segredo'), hashSecret('segredo')]);
  assert.match(first, /^scrypt\$16384\$8\$5\$[\w-]{22}\$[\w-]{43}$/);
  assert.notEqual(first, second);
  assert.equal(await verifySecret('segredo', first), true);
  assert.equal(await verifySecret('segredo ', first), false);
});

test('an accented secret verifies however its letters are composed', async () => {
  assert.equal(await verifySecret('acentuac\u0327a\u0303o', await hashSecret('acentua\u00e7\u00e3o')), true);
});

test('a stored text of another form, or one that would take too much memory, is a plain false', async () => {
  const tooMuch = `scrypt$4194304$64$16$${'A'.repeat(22)}$${'A'.repeat(43)}`;
  for (const stored of ['', 'segredo', 'scrypt$1$1$1$x$y', tooMuch]) assert.equal(await verifySecret('segredo', stored), false);
});
