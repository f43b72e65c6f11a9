import type { Fault } from '../fault.ts';

/** Every code of an inutilização, in one place; a code is permanent. INU-001 … 029: the request · INU-030 … : rules applied before sending. */
export const INUTILIZACAO_FAULTS = {
  'INU-001': 'MOC 7.0, rejeição 516',
  'INU-002': 'MOC 7.0, rejeição 587',
  'INU-003': 'layout=oobj',
  'INU-005': 'MOC 7.0, rejeição 215',
  'INU-006': 'MOC 7.0, rejeição 404',
  'INU-010': 'MOC 7.0, infInut/cUF',
  'INU-011': 'MOC 7.0, infInut/ano',
  'INU-012': 'MOC 7.0, infInut/CNPJ',
  'INU-013': 'MOC 7.0, infInut/mod',
  'INU-014': 'MOC 7.0, infInut/serie',
  'INU-015': 'MOC 7.0, infInut/nNFIni e nNFFin',
  'INU-016': 'MOC 7.0, rejeição 224',
  'INU-017': 'MOC 7.0, rejeição 201',
  'INU-018': 'MOC 7.0, infInut/xJust',
  'INU-019': 'MOC 7.0, infInut/tpAmb',
  'INU-020': 'conteudo-assinado',
  'INU-021': 'MOC 7.0, infInut/@Id',
  'INU-022': 'MOC 7.0, rejeição 239',
  'INU-023': 'JSON da inutilização',
  'INU-030': 'MOC 7.0, rejeição 241',
  'INU-031': 'MOC 7.0, rejeição 241',
  'INU-032': 'Ajuste SINIEF 19/16, cl. 11, § 2º, II',
  'INU-033': 'MOC 7.0, rejeição 241',
  'INU-034': 'MOC 7.0, rejeição 206',
  'INU-035': 'MOC 7.0, rejeição 256',
  'INU-036': 'MOC 7.0, rejeição 241',
} as const satisfies Readonly<Record<string, string>>;

export type InutilizacaoFaultCode = keyof typeof INUTILIZACAO_FAULTS;

/** A fault of the table. `path` is where in the request, `message` is Portuguese: what is wrong and what to do. */
export function inutilizacaoFault(code: InutilizacaoFaultCode, path: string, message: string): Fault {
  return { code, path, message, norm: INUTILIZACAO_FAULTS[code] };
}
