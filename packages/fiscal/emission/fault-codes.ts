import type { Fault } from '../fault.ts';

/**
 * Every code that the emission rules can give, in one place. A code is permanent: it may be retired (then its line stays, commented so),
 * it is never used for another meaning. `norm` names the rejection that SEFAZ would have answered, or the text the rule comes from.
 *
 * EMI-001 … 029: identity, the XML does not say which document it is · EMI-030 … 049: what prepare completes ·
 * EMI-050 … : rules applied before sending.
 */
export const EMISSION_FAULTS = {
  'EMI-001': 'MOC 7.0, rejeição 516',
  'EMI-002': 'MOC 7.0, rejeição 587',
  'EMI-003': 'layout=oobj',
  'EMI-004': 'NT 2025.001, um documento por envio',
  'EMI-005': 'MOC 7.0, rejeição 215',
  'EMI-006': 'MOC 7.0, rejeição 404',
  'EMI-010': 'MOC 7.0, ide/cUF',
  'EMI-011': 'MOC 7.0, ide/mod',
  'EMI-012': 'MOC 7.0, ide/serie',
  'EMI-013': 'MOC 7.0, número do documento em ide',
  'EMI-014': 'MOC 7.0, ide/dhEmi',
  'EMI-015': 'MOC 7.0, ide/tpAmb',
  'EMI-016': 'MOC 7.0, identificação do emitente',
  'EMI-017': 'MOC 7.0, ide/tpEmis',
  'EMI-030': 'conteudo-assinado',
  'EMI-031': 'conteudo-assinado',
  'EMI-032': 'MOC 7.0, rejeição 502',
  'EMI-033': 'MOC 7.0, rejeição 253',
  'EMI-034': 'NT 2019.001, rejeição 897',
  'EMI-035': 'MOC 7.0, rejeição 239',
  'EMI-036': 'NT 2018.005, hashCSRT',
  'EMI-037': 'modelo sem emissão',
  'EMI-038': 'MOC 7.0, rejeições 213, 297 e 298',
  'EMI-039': 'MOC 7.0, rejeições 404, 502, 587 e 588',
  'EMI-040': 'MOC 7.0, rejeição 394',
  'EMI-050': 'MOC 7.0, rejeição 213',
  'EMI-051': 'MOC 7.0, rejeição 227',
  'EMI-052': 'MOC 7.0, rejeições 281 e 291',
  'EMI-053': 'MOC 7.0, rejeições 281 e 291',
  'EMI-054': 'MOC 7.0, rejeição 228',
  'EMI-055': 'MOC 7.0, rejeição 703',
  'EMI-056': 'MOC 7.0, rejeição 207',
  'EMI-057': 'MOC 7.0, rejeição 401',
  'EMI-058': 'MOC 7.0, rejeição 208',
  'EMI-059': 'MOC 7.0, rejeição 237',
  'EMI-060': 'MOC 7.0, rejeição 247',
  'EMI-061': 'MOC 7.0, rejeição 503',
  'EMI-062': 'NT 2018.001, rejeição 495',
  'EMI-063': 'MOC 7.0, ide/tpEmis',
  'EMI-064': 'NT 2026.002, rejeição 711',
  'EMI-065': 'MOC 7.0 Anexo IV, rejeição 714',
  'EMI-066': 'MOC 7.0, rejeição 783',
  'EMI-067': 'NT 2013.007, rejeições 582 e 584',
  'EMI-068': 'MOC 7.0, rejeição 556',
  'EMI-069': 'MOC 7.0, rejeição 557',
  'EMI-070': 'MOC 7.0, rejeição 558',
  'EMI-071': 'MOC 7.0 Anexo III, dhCont',
  'EMI-072': 'NT 2026.007, rejeição 156',
  'EMI-073': 'NT 2026.007, rejeição 157',
  'EMI-074': 'MOC 7.0, rejeição 598',
  'EMI-075': 'MOC 7.0, rejeição 373',
  // EMI-076, retired: the EPEC of an NFC-e was not done yet.
  'EMI-077': 'MOC 7.0, rejeição 706',
  'EMI-078': 'MOC 7.0, rejeição 707',
  'EMI-079': 'MOC 7.0, rejeição 715',
  'EMI-080': 'MOC 7.0, rejeição 716',
  'EMI-081': 'Convênio ICMS 96/09, formulário de segurança',
} as const satisfies Readonly<Record<string, string>>;

export type EmissionFaultCode = keyof typeof EMISSION_FAULTS;

/** A fault of the table. `path` is where in the document, `message` is Portuguese: what is wrong and what to do. */
export function emissionFault(code: EmissionFaultCode, path: string, message: string): Fault {
  return { code, path, message, norm: EMISSION_FAULTS[code] };
}
