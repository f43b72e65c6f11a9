import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { OPENAPI_FILE, openapiText } from './test/openapi-file.ts';

test('docs/openapi.json is what the routing table makes; `node services/edge/test/openapi-file.ts` writes it', () => {
  assert.ok(readFileSync(OPENAPI_FILE, 'utf8') === openapiText(), 'run `node services/edge/test/openapi-file.ts`');
});
