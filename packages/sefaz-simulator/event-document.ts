import { type Chave, readChave } from './chave.ts';
import { at, type Element, elements, parse, textAt } from './dom.ts';
import { EVENT_KINDS, type EventKind } from './event-kinds.data.ts';

/** What the checks need of one evento, text as it stands in the XML. */
export interface EventFacts {
  /** The evento alone, with the namespace that it inherits. */
  xml: string;
  inf: Element;
  id: string;
  cOrgao: string;
  tpAmb: string;
  /** CNPJ (14) or CPF (11). */
  autor: string;
  chNFe: string;
  chave: Chave | undefined;
  /** Undefined when tpEvento is none of the table. */
  kind: EventKind | undefined;
  tpEvento: string;
  nSeqEvento: number;
  /** Instant. */
  dhEvento: number;
  verEvento: string;
  nProt: string;
  nProtEvento: string;
  tpEventoAut: string;
  chNFeRef: string;
}

/**
 * The eventos of a lot, each parsed alone: so its signature is checked in a document that has no other.
 * @param payload the text of envEvento, well-formed
 */
export function readEvents(payload: string): EventFacts[] {
  const namespace = /^<envEvento[^>]*?(\sxmlns="[^"]*")/.exec(payload)?.[1] ?? '';
  const found = payload.match(/<evento[\s>][\s\S]*?<\/evento>/g) ?? [];
  return found.flatMap((text) => {
    const xml = /^<evento[^>]*\sxmlns=/.test(text) ? text : text.replace('<evento', `<evento${namespace}`);
    const evento = parse(xml).documentElement;
    const inf = evento && elements(evento, 'infEvento')[0];
    return inf ? [readEvent(xml, inf)] : [];
  });
}

function readEvent(xml: string, inf: Element): EventFacts {
  const text = (path: string) => textAt(inf, path);
  const tpEvento = text('tpEvento');
  const det = at(inf, 'detEvento');
  const detText = (name: string) => (det ? textAt(det, name) : '');
  return {
    xml,
    inf,
    id: inf.getAttribute('Id') ?? '',
    cOrgao: text('cOrgao'),
    tpAmb: text('tpAmb'),
    autor: text('CNPJ') || text('CPF'),
    chNFe: text('chNFe'),
    chave: readChave(text('chNFe')),
    kind: EVENT_KINDS.get(tpEvento),
    tpEvento,
    nSeqEvento: Number(text('nSeqEvento')),
    dhEvento: Date.parse(text('dhEvento')),
    verEvento: text('verEvento'),
    nProt: detText('nProt'),
    nProtEvento: detText('nProtEvento') || detText('nProtEv'),
    tpEventoAut: detText('tpEventoAut'),
    chNFeRef: detText('chNFeRef'),
  };
}
