import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationIsCurrent, configurationPage } from './configuration.ts';

test('docs/configuration.md is the page that the catalogue makes; `node tools/docs/configuration.ts` writes it', () => {
  assert.ok(configurationIsCurrent());
});

test('the page names every variable, marks the secrets and shows no value of one', () => {
  const page = configurationPage();
  assert.match(page, /\| `MALOTE_MASTER_KEY` \(secret\) \|/);
  assert.match(page, /\| `MALOTE_SEFAZ_TIMEOUT_MS` \| .* \| `45000` \|/);
});
