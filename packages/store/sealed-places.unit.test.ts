import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { SEALED_PLACES } from './sealed-places.ts';

test('every file of the store that seals something is of a collection among the sealed places', () => {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const sealing = files.filter((name) => /\.seal\(/.test(readFileSync(join(import.meta.dirname, name), 'utf8')));
  assert.ok(sealing.length >= 2);
  const collections = SEALED_PLACES.map(({ collection }) => collection);
  assert.deepEqual(
    sealing.map((name) => basename(name, '.ts')).filter((name) => !collections.includes(name)),
    [],
  );
});
