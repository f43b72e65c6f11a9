import type { Layout } from '../emission/identity.ts';
import type { Fault } from '../fault.ts';
import { MODELOS } from '../model/modelo.ts';
import { child, type XmlDocument, type XmlElement } from '../xml/parse.ts';
import { eventoFault } from './fault-codes.ts';

/** The evento of a request, with what is signed in it. */
export interface LocatedEvento {
  evento: XmlElement;
  inf: XmlElement;
  /** detEvento; undefined when the request has none */
  det: XmlElement | undefined;
}

/** The official namespace of events of NF-e and NFC-e. */
export const EVENTO_NAMESPACE = MODELOS['55'].namespace;
const NAMESPACE_OOBJ = MODELOS['55'].namespaceOobj;

/** Finds the one evento of an `evento` or `envEvento`, checking root, namespace and count; faults when it is not there. */
export function locateEvento({ root }: XmlDocument, layout: Layout): LocatedEvento | Fault[] {
  if (root.local !== 'evento' && root.local !== 'envEvento') {
    const message = `A raiz <${root.local.slice(0, 80)}> não é de um evento de NF-e ou NFC-e. Envie evento ou envEvento.`;
    return [eventoFault('EVT-001', root.local.slice(0, 80), message)];
  }
  const eventos = root.local === 'envEvento' ? root.children.filter((c) => c.local === 'evento') : [root];
  const [evento] = eventos;
  if (!evento || eventos.length > 1) {
    return [eventoFault('EVT-004', root.local, `O lote traz ${eventos.length} eventos. Envie exatamente um evento por chamada.`)];
  }
  const wrong = [root, evento].flatMap((e) => checkNamespace(e, layout)).slice(0, 1);
  if (wrong.length > 0) return wrong;
  const inf = child(evento, 'infEvento');
  if (!inf) return [eventoFault('EVT-005', 'evento/infEvento', 'Falta o elemento infEvento dentro de evento.')];
  const det = child(inf, 'detEvento');
  for (const element of [inf, det]) {
    if (element && element.uri !== evento.uri) {
      const message = `<${element.local}> está no namespace "${element.uri.slice(0, 80)}", diferente do de <evento>.`;
      return [eventoFault('EVT-002', element.local, message)];
    }
  }
  return { evento, inf, det };
}

function checkNamespace(element: XmlElement, layout: Layout): Fault[] {
  if (element.uri === EVENTO_NAMESPACE) return [];
  if (element.uri === NAMESPACE_OOBJ) {
    if (layout === 'oobj') return [];
    const message = `O namespace é o do layout oobj. Envie com ?layout=oobj ou use ${EVENTO_NAMESPACE}.`;
    return [eventoFault('EVT-003', element.local, message)];
  }
  const found = element.uri === '' ? 'está sem namespace' : `está no namespace "${element.uri.slice(0, 80)}"`;
  return [eventoFault('EVT-002', element.local, `<${element.local}> ${found}. Declare xmlns="${EVENTO_NAMESPACE}" na raiz.`)];
}
