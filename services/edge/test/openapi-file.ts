// `node services/edge/test/openapi-file.ts` writes docs/openapi.json after a change of the routing table.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '@malote/runtime/version';
import { describeApi } from '../openapi.ts';
import { emptyTable } from './empty-table.ts';

export const OPENAPI_FILE = join(import.meta.dirname, '../../../docs/openapi.json');

/** docs/openapi.json: what /openapi.json answers, without the examples, which are of the day and the company. */
export function openapiText(): string {
  const description = describeApi({ routes: emptyTable(), version: VERSION, parameters: {}, xml: '' });
  return `${JSON.stringify(description, (key, value) => (key === 'example' || key === 'examples' ? undefined : value), 1)}\n`;
}

if (import.meta.main) writeFileSync(OPENAPI_FILE, openapiText());
