// `node packages/client/test/contract-file.ts` writes contract.data.ts after a change of docs/openapi.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';

export const CONTRACT_FILE = join(import.meta.dirname, '../contract.data.ts');
const OPENAPI_FILE = join(import.meta.dirname, '../../../docs/openapi.json');

interface Description {
  paths: Record<string, Record<string, { responses: Record<string, { headers?: unknown }> }>>;
  components: { headers?: unknown };
}

/** The types of the contract, as docs/openapi.json describes it. */
export async function contractText(): Promise<string> {
  const nodes = await openapiTS(JSON.stringify(forErps(JSON.parse(readFileSync(OPENAPI_FILE, 'utf8')))), { alphabetize: true });
  return COMMENT_HEADER + astToString(nodes);
}

/** Only the API, and of its answers the good ones: a refusal is always a Problem, and headers are the client's business. */
function forErps(description: Description): Description {
  for (const [path, methods] of Object.entries(description.paths)) {
    if (!/^\/(?:api\/|rest\/|session$)/.test(path)) delete description.paths[path];
    for (const { responses } of Object.values(methods)) {
      for (const [status, response] of Object.entries(responses)) {
        if (Number(status) >= 300) delete responses[status];
        else delete response.headers;
      }
    }
  }
  delete description.components.headers;
  return description;
}

if (import.meta.main) writeFileSync(CONTRACT_FILE, await contractText());
