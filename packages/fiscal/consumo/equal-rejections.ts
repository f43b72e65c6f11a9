import type { Fault } from '../fault.ts';

/** What is asked for: how the fault calls it. */
const ASKED = {
  nota: { este: 'este número', livre: 'o número está livre' },
  evento: { este: 'este evento', livre: 'o número dele está livre' },
  inutilizacao: { este: 'esta faixa', livre: 'a faixa pode ser pedida de novo' },
} as const;

/** A round of the number that ended: what SEFAZ said last, and when. */
export interface EndedRound {
  retorno?: { cStat: string; xMotivo: string };
  endedAt: Date;
}

/**
 * SEFAZ blocks the company for up to an hour at more than 30 equal rejections of one document, 20 of one evento or inutilização (NT 2018.002);
 * the hub stops far before.
 */
const MAX_EQUAL = 5;
const WINDOW_MS = 60 * 60_000;

/**
 * The fault that stops one more transmission of a number that SEFAZ has just refused again and again for the same reason; undefined while
 * there is room. Nothing is sent, so the number stays free.
 */
export function equalRejectionsFault(rounds: readonly EndedRound[], now: Date, asked: keyof typeof ASKED = 'nota'): Fault | undefined {
  const last = rounds.at(-1)?.retorno;
  if (!last) return undefined;
  const equal = rounds.filter(({ retorno, endedAt }) => retorno?.cStat === last.cStat && now.getTime() - endedAt.getTime() < WINDOW_MS);
  const oldest = equal.at(-MAX_EQUAL);
  if (!oldest) return undefined;
  const again = new Date(oldest.endedAt.getTime() + WINDOW_MS).toISOString();
  return {
    code: 'consumo-rejeicoes-iguais',
    path: '',
    message:
      `A SEFAZ já recusou ${ASKED[asked].este} ${MAX_EQUAL} vezes na última hora pelo mesmo motivo (${last.cStat}: ${last.xMotivo.slice(0, 200)}). ` +
      `Nada foi enviado e ${ASKED[asked].livre}: corrija a causa e envie de novo a partir de ${again}. ` +
      'Insistir faria a SEFAZ bloquear a empresa por consumo indevido.',
    norm: 'NT 2018.002; rejeição 656',
  };
}
