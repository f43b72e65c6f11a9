import type { XmlElement } from '../xml/parse.ts';
import { GRUPOS_DO_CST } from './data/correcao.data.ts';

/** Of a name nobody checked yet; the longest of the layout is shorter. */
const SHOWN = 60;

/** A field of a note: an element without children, or an attribute. */
export interface NoteField {
  /** as in correcao.data.ts: below infNFe, no indexes, the group of the CST as `*` */
  campo: string;
  /** where it stands, for people: `infNFe/det[2]/prod/NCM` */
  path: string;
  /** without surrounding white space */
  text: string;
}

/**
 * Every field of infNFe by a key that is equal in two versions of a note for the same field: names with the position among those of the same
 * name. An element of another namespace than infNFe keeps it in its name, so that it is never taken for one of the layout.
 */
export function noteFields(inf: XmlElement): Map<string, NoteField> {
  const fields = new Map<string, NoteField>();
  collect(inf, { key: '', campo: '', path: inf.local }, inf.uri, fields);
  return fields;
}

interface Place {
  key: string;
  campo: string;
  path: string;
}

function collect(element: XmlElement, place: Place, uri: string, fields: Map<string, NoteField>): void {
  for (const [name, value] of element.attributes) {
    if (name === 'xmlns' || name.startsWith('xmlns:')) continue;
    add(fields, below(place, `@${name}`), value);
  }
  const text = element.text.trim();
  if (place.campo !== '' && (element.children.length === 0 || text !== '')) fields.set(place.key, { ...place, text });
  const group = GRUPOS_DO_CST.get(place.campo);
  const counts = new Map<string, number>();
  for (const child of element.children) {
    const own = child.uri === uri;
    const name = own ? child.local : `{${child.uri}}${child.local}`;
    const chosen = own && group?.test(name) === true;
    const common = chosen ? '*' : name;
    const n = (counts.get(common) ?? 0) + 1;
    counts.set(common, n);
    const next = below(place, common);
    next.key += `[${n}]`;
    next.path = `${place.path}/${name.slice(0, SHOWN)}${n > 1 || name === 'det' ? `[${n}]` : ''}`;
    if (chosen) {
      const grupo = below(place, '#grupo');
      fields.set(`${grupo.key}[${n}]`, { campo: grupo.campo, path: place.path, text: name });
    }
    collect(child, next, uri, fields);
  }
}

function add(fields: Map<string, NoteField>, place: Place, text: string): void {
  fields.set(place.key, { campo: place.campo, path: place.path, text: text.trim() });
}

function below({ key, campo, path }: Place, name: string): Place {
  return { key: `${key}/${name}`, campo: campo === '' ? name : `${campo}/${name}`, path: `${path}/${name}` };
}
