import type { Fault } from '@malote/fiscal/fault';
import { ParseOption, XmlDocument, XmlParseError, XmlValidateError } from 'libxml2-wasm';
import type { Catalog, SchemaFile, SchemaQuery } from './catalog.ts';
import { type CompiledSchema, compileSchema } from './compile.ts';
import { detEventosOf } from './event-schemas.ts';
import { toFaults } from './faults.ts';

export type { SchemaQuery } from './catalog.ts';

/** No schema for the query: a missing or wrongly dated pack, or an unknown root or version. */
export class SchemaNotFoundError extends Error {
  override name = 'SchemaNotFoundError';
}

export interface Validator {
  /**
   * Checks a document against the schema in force; [] = valid. At most 100 faults are given.
   * An ill-formed text and one with a DTD are faults too (XML-MALFORMED, XML-DTD). The first use of a schema compiles it (20 to 120 ms).
   * `infModal` and `detEvento` of CT-e and MDF-e are skipped by their XSDs: they need a second validation of their own. For an event of the
   * NF-e give `tpEvento`: the message is checked against the schema of that event (or the generic envelope when no pack has one), and each
   * detEvento in it against `e<tpEvento>_v<versao>.xsd`, where there is one.
   * @throws SchemaNotFoundError, SchemaCompileError
   */
  validate(xml: string, query: SchemaQuery): Fault[];
  /** Compiles ahead, so that the first document does not wait. */
  compile(file: SchemaFile): void;
  /** Frees every compiled schema; the validator then starts anew when used. */
  dispose(): void;
}

const OPTION = ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_XXE;

/** One per process: schemas are compiled once and kept outside the JavaScript heap until `dispose()`. */
export function createValidator(catalog: Catalog): Validator {
  const compiled = new Map<string, CompiledSchema>();

  const compile = (file: SchemaFile): CompiledSchema => {
    let schema = compiled.get(file.id);
    if (!schema) {
      schema = compileSchema(file);
      compiled.set(file.id, schema);
    }
    return schema;
  };

  return {
    validate: (xml, query) => {
      const file = catalog.find(query);
      if (!file)
        throw new SchemaNotFoundError(`no schema for ${JSON.stringify(query)} in the packs ${catalog.packs.map((p) => p.name).join(', ')}`);
      const faults = check(xml, query.root, file, compile(file));
      if (faults.length > 0 || query.tpEvento === undefined || query.root === 'detEvento') return faults;
      const det = catalog.find({ ...query, root: 'detEvento' });
      return det ? detEventosOf(xml, det.namespace).flatMap((text) => check(text, 'detEvento', det, compile(det))) : [];
    },
    compile: (file) => {
      compile(file);
    },
    dispose: () => {
      for (const schema of compiled.values()) schema.dispose();
      compiled.clear();
    },
  };
}

function check(xml: string, root: string, file: SchemaFile, schema: CompiledSchema): Fault[] {
  const norm = `${file.file} (${file.packs.join(', ')})`;
  let doc: XmlDocument;
  try {
    // The encoding is given because the text is no longer in the one that its declaration names. As bytes: the library's own way from a
    // string to UTF-8 is a loop over its characters.
    doc = XmlDocument.fromBuffer(Buffer.from(xml), { option: OPTION, encoding: 'utf-8' });
  } catch (error) {
    if (!(error instanceof XmlParseError)) throw error;
    const [first] = error.details;
    const where =
      first && xml !== '' ? `linha ${first.line}, coluna ${first.col}: ${first.message.trim()}` : 'o texto está vazio ou não é XML';
    return [{ code: 'XML-MALFORMED', path: '', message: `O XML não está bem formado (${where}). Corrija-o e envie de novo.` }];
  }
  try {
    if (doc.dtd) return [{ code: 'XML-DTD', path: '', message: 'O XML tem uma DTD (<!DOCTYPE …>), o que não é permitido. Retire-a.' }];
    if (doc.root.name !== root || doc.root.namespaceUri !== file.namespace) return [wrongRoot(doc, root, file.namespace, norm)];
    schema.validate(doc);
    return [];
  } catch (error) {
    if (!(error instanceof XmlValidateError)) throw error;
    return toFaults(doc, error.details, file.namespace, norm);
  } finally {
    doc.dispose();
  }
}

function wrongRoot(doc: XmlDocument, root: string, namespace: string, norm: string): Fault {
  const { name, namespaceUri } = doc.root;
  const message =
    name === root
      ? `Campo ${name}: está no namespace "${namespaceUri}" e deve estar em "${namespace}". Corrija o xmlns da raiz.`
      : `Campo ${name}: a raiz do documento deve ser ${root}, no namespace "${namespace}".`;
  return { code: name === root ? 'XSD-NAMESPACE' : 'XSD-ROOT', path: name, message, norm };
}
