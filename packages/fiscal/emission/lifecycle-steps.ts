import type { Retorno } from '../retorno/read-retorno.ts';
import { consultAllowedAt } from './back-off.ts';
import type { Attempt, Aviso, Decision, Lifecycle, LifecycleChange, LifecycleEvent, RetornoRecord } from './lifecycle-state.ts';

/** What SEFAZ said, as it is stored. */
export function record(retorno: Extract<Retorno, { kind: 'document' }>): RetornoRecord {
  const { protocolo } = retorno;
  return {
    class: retorno.class,
    cStat: retorno.cStat,
    xMotivo: retorno.xMotivo,
    ...(protocolo ? { protocolo: protocolo.xml } : {}),
    ...(protocolo?.nProt ? { nProt: protocolo.nProt } : {}),
    ...(protocolo?.dhRecbto ? { dhRecbto: protocolo.dhRecbto } : {}),
  };
}

/** The end of the document's way. */
export function settle(change: LifecycleChange, event: LifecycleEvent): Decision {
  return { change: { ...change, nextAt: undefined, nextAction: undefined }, action: { do: 'nothing' }, event };
}

/** Its fate is asked for after the delay (ms), not before the limit per key and hour allows it, and never beside an open attempt. */
export function backToConsult(attempts: Attempt[], now: Date, delay: number): Decision {
  const at = new Date(Math.max(now.getTime() + delay, consultAllowedAt(attempts, now).getTime()));
  const other = attempts.find((attempt) => attempt.result === 'open');
  const nextAt = other && other.until > at ? other.until : at;
  return {
    change: { state: 'uncertain', attempts, nextAt, nextAction: 'document.reconcile' },
    action: nextAt > now ? { do: 'wait', until: nextAt } : { do: 'consult' },
  };
}

/** Where a note with nothing under way waits: an issued one stays so until SEFAZ has spoken. */
export function sendable({ pendenteDesde }: Pick<Lifecycle, 'pendenteDesde'>): 'issued' | 'signed' {
  return pendenteDesde ? 'issued' : 'signed';
}

/** Sent again after the delay (ms). */
export function backToSigned(document: Lifecycle, attempts: Attempt[], now: Date, delay: number): Decision {
  const nextAt = new Date(now.getTime() + delay);
  return {
    change: { state: sendable(document), attempts, nextAt, nextAction: 'document.emit' },
    action: delay > 0 ? { do: 'wait', until: nextAt } : { do: 'send' },
  };
}

/** What the clockwork asks for when it wakes the document. */
export function nextActionOf({ state }: Pick<Lifecycle, 'state'>): NonNullable<Lifecycle['nextAction']> {
  return state === 'uncertain' ? 'document.reconcile' : 'document.emit';
}

/** Woken at once. */
export function wake(now: Date, nextAction: NonNullable<Lifecycle['nextAction']>) {
  return { nextAt: now, nextAction };
}

/** An aviso is told once. */
export function told({ avisos }: Lifecycle, aviso: Aviso, decision: Decision): Decision {
  if (avisos.some(({ codigo }) => codigo === aviso.codigo)) return decision;
  return { ...decision, change: { ...decision.change, avisos: [...avisos, aviso] } };
}
