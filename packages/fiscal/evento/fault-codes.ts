import type { Fault } from '../fault.ts';

/**
 * Every code that the event rules can give, in one place. A code is permanent: it may be retired (then its line stays, commented so),
 * it is never used for another meaning.
 *
 * EVT-001 … 019: the XML or JSON does not say which event this is · EVT-020 … 039: what prepare completes ·
 * EVT-040 … : rules applied before sending.
 */
export const EVENTO_FAULTS = {
  'EVT-001': 'MOC 7.0, rejeição 516',
  'EVT-002': 'MOC 7.0, rejeição 587',
  'EVT-003': 'layout=oobj',
  'EVT-004': 'um evento por envio',
  'EVT-005': 'MOC 7.0, rejeição 215',
  'EVT-006': 'MOC 7.0, rejeição 404',
  'EVT-007': 'NT 2011.006, chNFe',
  'EVT-008': 'NT 2011.006, tpEvento',
  'EVT-009': 'NT 2011.006, nSeqEvento',
  'EVT-010': 'NT 2011.006, dhEvento',
  'EVT-011': 'NT 2011.006, tpAmb',
  'EVT-012': 'NT 2011.006, autor do evento',
  'EVT-013': 'JSON do evento',
  'EVT-014': 'JSON do evento',
  'EVT-020': 'conteudo-assinado',
  'EVT-021': 'MOC 7.0, rejeição 572',
  'EVT-022': 'NT 2011.006, versão do evento',
  'EVT-023': 'NT 2011.006, descEvento',
  'EVT-024': 'MOC 7.0, rejeição 574',
  'EVT-025': 'NT 2011.006, chNFe',
  'EVT-026': 'NT 2011.006, tpAmb',
  'EVT-027': 'NT 2011.006, nProt',
  'EVT-028': 'NT 2014.001, IE no EPEC',
  'EVT-029': 'NT 2014.001, destinatário no EPEC',
  'EVT-040': 'MOC 7.0, rejeição 580',
  'EVT-041': 'MOC 7.0, rejeição 218',
  'EVT-042': 'MOC 7.0, rejeição 574',
  'EVT-043': 'MOC 7.0, rejeição 575',
  'EVT-044': 'MOC 7.0, xJust',
  'EVT-045': 'NT 2011.003, xCorrecao',
  'EVT-046': 'MOC 7.0, rejeição 594',
  'EVT-048': 'MOC 7.0, rejeição 221',
  'EVT-049': 'MOC 7.0, rejeição 222',
  'EVT-050': 'MOC 7.0, rejeição 501',
  'EVT-051': 'MOC 7.0, rejeição 578',
  'EVT-052': 'MOC 7.0, rejeição 304',
  'EVT-053': 'MOC 7.0, rejeições 577 e 579',
  'EVT-054': 'MOC 7.0, rejeição 826',
  'EVT-055': 'NT 2014.001, EPEC antes da nota',
  'EVT-060': 'NT 2018.004, rejeição 920',
  'EVT-061': 'NT 2018.004, rejeição 912',
  'EVT-062': 'NT 2018.004, rejeição 913',
  'EVT-063': 'NT 2018.004, rejeição 914',
  'EVT-064': 'NT 2018.004, rejeição 915',
  'EVT-065': 'NT 2018.004, rejeição 916',
  'EVT-066': 'NT 2018.004, rejeição 917',
  'EVT-067': 'NT 2018.004, rejeição 918',
  'EVT-068': 'NT 2018.004, rejeição 919',
  'EVT-069': 'NT 2018.004, rejeição 911',
} as const satisfies Readonly<Record<string, string>>;

export type EventoFaultCode = keyof typeof EVENTO_FAULTS;

/** A fault of the table. `path` is where in the request, `message` is Portuguese: what is wrong and what to do. */
export function eventoFault(code: EventoFaultCode, path: string, message: string): Fault {
  return { code, path, message, norm: EVENTO_FAULTS[code] };
}
