import type { DocumentState } from '../emission/lifecycle-state.ts';
import type { Fault } from '../fault.ts';
import type { PedidoInutilizacao } from './read-inutilizacao.ts';

/** A number of the range that the hub holds something of. */
export interface NumeroConhecido {
  numero: number;
  state: DocumentState;
  /** every tpEmis with which the number was ever signed, its present one included */
  tpEmis: readonly string[];
  /** bytes of it were ever on their way to SEFAZ */
  transmitido: boolean;
  chave?: string;
}

/** Refuses what must not be made void; the faults name the numbers. */
export function checkInutilizacaoRules(_facts: { pedido: PedidoInutilizacao; numeros: readonly NumeroConhecido[] }): Fault[] {
  return [];
}
