import { type CStatContext, classifyCStat } from '@malote/fiscal/retorno/c-stat';
import type { Note, Protocolo } from './read-note.ts';

/** What stands behind the paper; decides its marks (MOC 7.0 Anexo II and III; for cancelled and denied notes there is no norm). */
export type SituationKind = 'autorizada' | 'cancelada' | 'denegada' | 'contingencia' | 'rascunho' | 'previa';

export interface Situation {
  kind: SituationKind;
  /** tpAmb 2. */
  homologacao: boolean;
  /** Neither authorised nor issued in a contingency that allows printing before the answer. */
  semValor: boolean;
}

/** What the XML of the note does not say. */
interface Told {
  previa?: boolean | undefined;
  cancelada?: boolean | undefined;
}

/** Says of a note that it was denied before: a duplicate for who emits, a denied note for who prints it. */
const ALREADY_DENIED = '205';

export function situationOf(note: Pick<Note, 'prot' | 'tpEmis' | 'tpAmb' | 'modelo' | 'cancelamento' | 'epec'>, told: Told): Situation {
  const kind = kindOf(note, told);
  const homologacao = note.tpAmb === '2';
  return { kind, homologacao, semValor: homologacao || kind === 'rascunho' || kind === 'previa' || kind === 'denegada' };
}

function kindOf(
  { prot, tpEmis, cancelamento, epec }: Pick<Note, 'prot' | 'tpEmis' | 'cancelamento' | 'epec'>,
  { previa, cancelada }: Told,
): SituationKind {
  if (previa) return 'previa';
  const said = prot && classifyCStat('nfe', prot.cStat, contextOf(prot));
  if (said === 'denied' || prot?.cStat === ALREADY_DENIED) return 'denegada';
  if (cancelada || cancelamento !== undefined || said === 'cancelled') return 'cancelada';
  if (said === 'authorized') return 'autorizada';
  // EPEC: only what the Ambiente Nacional registered may be printed; its event is not in the XML of the note.
  if (tpEmis === '4' && epec === undefined) return 'rascunho';
  return ['2', '4', '5', '9'].includes(tpEmis) ? 'contingencia' : 'rascunho';
}

function contextOf({ nProt, xMotivo }: Protocolo): CStatContext {
  return { ...(nProt === undefined ? {} : { nProt }), ...(xMotivo === undefined ? {} : { xMotivo }) };
}

/** Large grey letters across the page. */
export function watermark({ kind, homologacao }: Situation): string | undefined {
  if (kind === 'cancelada') return 'CANCELADA';
  if (kind === 'denegada') return 'USO DENEGADO';
  if (kind === 'previa') return 'PRÉVIA - SEM VALOR FISCAL';
  return homologacao || kind === 'rascunho' ? 'SEM VALOR FISCAL' : undefined;
}
