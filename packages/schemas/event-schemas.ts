import { readFileSync } from 'node:fs';
import type { SchemaFile, SchemaQuery } from './catalog.ts';

/** Codes of tpEvento that a file, or one it includes, takes; read once per schema. */
const known = new WeakMap<SchemaFile, ReadonlySet<string>>();

/**
 * The files that speak of one tpEvento: of root detEvento those named after it (`e110111_v1.00.xsd`), of any other root those whose
 * layout enumerates it. The generic envelope, which takes every tpEvento, is not among them.
 */
export function ofEvent(files: readonly SchemaFile[], root: string, tpEvento: string): SchemaFile[] {
  if (root === 'detEvento') return files.filter(({ file }) => new RegExp(`^e?${tpEvento}(?!\\d)`, 'i').test(file));
  return files.filter((file) => eventsOf(file).has(tpEvento));
}

function eventsOf(schema: SchemaFile): ReadonlySet<string> {
  let codes = known.get(schema);
  if (!codes) {
    codes = readEvents(schema);
    known.set(schema, codes);
  }
  return codes;
}

function readEvents(schema: SchemaFile): Set<string> {
  const codes = new Set<string>();
  const seen = new Set<string>();
  const waiting = [schema.file];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const bytes = seen.has(file) ? undefined : schema.read(file);
    seen.add(file);
    if (!bytes) continue;
    const text = Buffer.from(bytes).toString('utf8');
    for (const [, included = ''] of text.matchAll(/<xs:include\s[^>]*schemaLocation="([^"]+)"/g)) waiting.push(included);
    for (const [type] of text.matchAll(/<xs:element\s[^>]*name="tpEvento"[\s\S]*?<\/xs:element>/g)) {
      for (const [, code = ''] of type.matchAll(/<xs:enumeration\s[^>]*value="(\d{6})"/g)) codes.add(code);
    }
  }
  return codes;
}

const OWN = new Map([['110112', 'e110112_v1.00.xsd']]);
const own = new Map<string, SchemaFile>();

/** The unofficial schema of a detEvento for which no public package has an official one; `own/*.xsd`. */
export function ownSchema({ familia, root, versao, tpEvento = '' }: SchemaQuery): SchemaFile | undefined {
  const file = OWN.get(tpEvento);
  if (file === undefined || familia !== 'nfe' || root !== 'detEvento' || versao !== '1.00') return undefined;
  let schema = own.get(file);
  if (!schema) {
    const bytes = readFileSync(new URL(`./own/${file}`, import.meta.url));
    const facts = { familia, conjunto: 'nfe_evento_proprio', file, roots: [root], namespace: 'http://www.portalfiscal.inf.br/nfe', versao };
    schema = { id: `own/${file}`, ...facts, pack: 'malote', packs: ['malote'], read: (name) => (name === file ? bytes : undefined) };
    own.set(file, schema);
  }
  return schema;
}

/** Each detEvento of a message, with the namespace that it inherits, as a document of its own. */
export function detEventosOf(xml: string, namespace: string): string[] {
  const found = xml.match(/<detEvento[\s>][\s\S]*?<\/detEvento>/g) ?? [];
  return found.map((det) => (/^<detEvento[^>]*\sxmlns=/.test(det) ? det : det.replace('<detEvento', `<detEvento xmlns="${namespace}"`)));
}
