import { eventoKind } from './kinds.ts';

/**
 * The state that registered events give a document of NF-e or NFC-e: the order in which they arrived does not matter. A cancelamento
 * cannot be undone, so one is enough.
 */
export function stateAfter(eventos: readonly { tpEvento: string; nSeqEvento: number }[]): 'cancelled' | undefined {
  const cancels = eventos.some(({ tpEvento }) => eventoKind('55', tpEvento)?.cancela || eventoKind('65', tpEvento)?.cancela);
  return cancels ? 'cancelled' : undefined;
}
