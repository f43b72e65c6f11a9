import type { Fault } from '../fault.ts';

/** Every code of a correction refused, in one place; a code is permanent. */
const CORRECAO_FAULTS = {
  'COR-001': 'MOC 7.0 Anexo III, 2.3.2: a chave de acesso não muda',
  'COR-002': 'MOC 7.0 Anexo III, 2.3.2; Ajuste SINIEF 07/05, cl. 11; Ajuste SINIEF 19/16, cl. 11: partes',
  'COR-003': 'MOC 7.0 Anexo III, 2.3.2; Ajuste SINIEF 07/05, cl. 11; Ajuste SINIEF 19/16, cl. 11: valores',
  'COR-004': 'MOC 7.0 Anexo III, 2.3.2; Ajuste SINIEF 07/05, cl. 11; Ajuste SINIEF 19/16, cl. 11: datas',
  'COR-005': 'MOC 7.0 Anexo III, 2.3.2: só muda o que a lista permite',
  'COR-006': 'conteudo-assinado',
} as const satisfies Readonly<Record<string, string>>;

export type CorrecaoFaultCode = keyof typeof CORRECAO_FAULTS;

/** A fault of the table. `path` is where in the document, `message` is Portuguese: what is wrong and what to do. */
export function correcaoFault(code: CorrecaoFaultCode, path: string, message: string): Fault {
  return { code, path, message, norm: CORRECAO_FAULTS[code] };
}
