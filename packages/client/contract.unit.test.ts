import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CONTRACT_FILE, contractText } from './test/contract-file.ts';

test('contract.data.ts is what docs/openapi.json makes; `node packages/client/test/contract-file.ts` writes it', async () => {
  assert.ok(readFileSync(CONTRACT_FILE, 'utf8') === (await contractText()), 'run `node packages/client/test/contract-file.ts`');
});
