import { type Element, parse, walk } from './dom.ts';
import { NFE_NAMESPACE, type Service } from './services.ts';
import { Refusal } from './soap.ts';

/** Limit of the data area, 500 kB class (MOC 7.0; the CT-e manual prints 512 kB). */
const MAX_BYTES = 512 * 1024;
const XMLDSIG = 'http://www.w3.org/2000/09/xmldsig#';

/** A schema fault: where (path of the element, as far as the validator knows) and what. */
export interface SchemaFault {
  path: string;
  message: string;
}

/** Validates a whole XML whose root is `root` against the official schema in force, that of the event when one is named; [] = valid. */
export type SchemaCheck = (xml: string, root: string, tpEvento?: string) => SchemaFault[];

/**
 * The root element of the data area after the checks of MOC groups B and D: size 214, edit characters 588, well-formedness 243,
 * root 516, versao 517, prefixes 404, namespaces 587, version 239. The schema is checked apart (`checkSchema`).
 * @throws Refusal with the cStat
 */
export function readMessage(payload: string, service: Service): Element {
  if (Buffer.byteLength(payload) > MAX_BYTES) throw new Refusal('214');
  if (/^\s|\s$|>\s+</.test(payload)) throw new Refusal('588');
  let root: Element | null;
  try {
    root = parse(payload).documentElement;
  } catch {
    throw new Refusal('243');
  }
  if (root?.localName !== service.root) throw new Refusal('516');
  for (const element of walk(root)) {
    if (element.prefix) throw new Refusal('404', `[Elemento: ${element.nodeName}]`);
    const allowed = element.namespaceURI === NFE_NAMESPACE || element.namespaceURI === XMLDSIG;
    if (!allowed || declaresPrefix(element)) throw new Refusal('587', `[Elemento: ${element.nodeName}]`);
  }
  const versao = root.getAttribute('versao');
  if (!versao) throw new Refusal('517');
  if (versao !== service.versao) throw new Refusal('239');
  return root;
}

function declaresPrefix(element: Element): boolean {
  for (let i = 0; i < element.attributes.length; i++) {
    if (element.attributes.item(i)?.nodeName.startsWith('xmlns:')) return true;
  }
  return false;
}

/**
 * @throws Refusal 215, or 225 when what fails is a note inside a lot (`notes`: the text of each NFe).
 */
export function checkSchema(payload: string, service: Service, check: SchemaCheck, notes: readonly string[] = []): void {
  const [first] = check(payload, service.root);
  if (!first) return;
  const inNote = notes.flatMap((note) => check(note, 'NFe'))[0];
  if (inNote) throw new Refusal('225', describe(inNote));
  throw new Refusal('215', describe(first));
}

export const describe = ({ path, message }: SchemaFault) => `[Elemento: ${path}; ${message}]`;
