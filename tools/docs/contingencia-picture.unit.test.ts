import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { drawContingencia, PICTURE } from './contingencia-picture.ts';

test('docs/images/contingencia.svg is what the decision makes of an outage; `node tools/docs/contingencia-picture.ts` draws it', () => {
  const picture = drawContingencia();
  assert.equal(readFileSync(PICTURE, 'utf8'), picture);
  for (const words of ['SVC', 'OFFLINE', 'NORMAL: descarga']) assert.ok(picture.includes(`>${words}<`), words);
});
