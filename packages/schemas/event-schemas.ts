import type { SchemaFile, SchemaQuery } from './catalog.ts';
import { OWN_DET_EVENTOS, type OwnField } from './own-schemas.data.ts';

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

const NAMESPACE = 'http://www.portalfiscal.inf.br/nfe';
const own = new Map<string, SchemaFile>();

/** The unofficial schema of a detEvento for which no public package has an official one (own-schemas.data.ts). */
export function ownSchema({ familia, root, versao, tpEvento = '' }: SchemaQuery): SchemaFile | undefined {
  const fields = OWN_DET_EVENTOS[tpEvento]?.campos;
  if (!fields || familia !== 'nfe' || root !== 'detEvento' || versao !== '1.00') return undefined;
  let schema = own.get(tpEvento);
  if (!schema) {
    const file = `e${tpEvento}_v${versao}.xsd`;
    const bytes = Buffer.from(schemaText(fields, versao));
    const facts = { familia, conjunto: 'nfe_evento_proprio', file, roots: [root], namespace: NAMESPACE, versao };
    schema = { id: `own/${file}`, ...facts, pack: 'malote', packs: ['malote'], read: (name) => (name === file ? bytes : undefined) };
    own.set(tpEvento, schema);
  }
  return schema;
}

/** TString of the layouts: no space at either end, Latin-1. */
const TEXT = '[!-ÿ]{1}[ -ÿ]{0,}[!-ÿ]{1}|[!-ÿ]{1}';

function schemaText(fields: readonly OwnField[], versao: string): string {
  const elements = fields.map(([tag, rule]) => `<xs:element name="${tag}">${simpleType(rule)}</xs:element>`).join('');
  return (
    `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="${NAMESPACE}" elementFormDefault="qualified">` +
    `<xs:element name="detEvento"><xs:complexType><xs:sequence>${elements}</xs:sequence>` +
    `<xs:attribute name="versao" use="required">${simpleType({ literal: versao })}</xs:attribute></xs:complexType></xs:element></xs:schema>`
  );
}

function simpleType(rule: OwnField[1]): string {
  const facets =
    'literal' in rule
      ? `<xs:enumeration value="${rule.literal}"/>`
      : 'pattern' in rule
        ? `<xs:pattern value="${rule.pattern}"/>`
        : `<xs:minLength value="${rule.min}"/><xs:maxLength value="${rule.max}"/><xs:pattern value="${TEXT}"/>`;
  return `<xs:simpleType><xs:restriction base="xs:string"><xs:whiteSpace value="preserve"/>${facets}</xs:restriction></xs:simpleType>`;
}

/** Each detEvento of a message, with the namespace that it inherits, as a document of its own. */
export function detEventosOf(xml: string, namespace: string): string[] {
  const found = xml.match(/<detEvento[\s>][\s\S]*?<\/detEvento>/g) ?? [];
  return found.map((det) => (/^<detEvento[^>]*\sxmlns=/.test(det) ? det : det.replace('<detEvento', `<detEvento xmlns="${namespace}"`)));
}
