import type { Fault } from '../fault.ts';
import { ABSENCE_BELIEVED_AFTER_MS } from './back-off.ts';
import { type Attempt, type Decision, type Lifecycle, mayBeThere, NFCE_EXPIRADA, openAttempt } from './lifecycle-state.ts';

/** After so long nothing that was on its way can still arrive: what MOC 7.0 Anexo III 2.3.3 asks to wait before a number is given up. */
const LATE_ARRIVAL_MS = 60 * 60_000;
const BELIEVED_ABSENCES = 2;
/** A normal-emission NFC-e (or NF-e with tpImp 6) older than this is refused by SEFAZ (704, rule B09-20). */
const ENVIAR_ATE_MS = 5 * 60_000;

const COMMON = { code: NFCE_EXPIRADA, path: 'ide/dhEmi', norm: 'Rejeição 704, regra B09-20' };

const NEVER_SENT: Fault = {
  ...COMMON,
  message:
    'A nota não foi transmitida a tempo: a emissão normal deste tipo de documento só é aceita até cerca de 5 minutos após dhEmi. ' +
    'Nada foi processado pela SEFAZ e o número está livre: envie de novo com dhEmi atual.',
};

const NEVER_ARRIVED: Fault = {
  ...COMMON,
  message:
    'A transmissão ficou sem resposta e, mais de uma hora depois, a SEFAZ continua sem conhecer a chave: uma chegada tardia só pode ser ' +
    'recusada (704), e a nota não é mais reenviada. O número está livre: envie de novo com dhEmi atual.',
};

/** Last moment of a first transmission in tpEmis 1 (rule B09-20); undefined for a note that has none. */
export function enviarAteOf({ modelo, tpImp, dhEmi }: { modelo: string; tpImp?: string | undefined; dhEmi: string }): Date | undefined {
  return modelo === '65' || tpImp === '6' ? new Date(Date.parse(dhEmi) + ENVIAR_ATE_MS) : undefined;
}

/** True when a transmission could only be refused for its age. */
export function isPastDeadline({ enviarAte }: Pick<Lifecycle, 'enviarAte'>, now: Date): boolean {
  return enviarAte !== undefined && enviarAte < now;
}

/** What a note past its deadline ends with; its number is free (acceptsNewContent). */
export function expiredFaults(document: Pick<Lifecycle, 'attempts'>): Fault[] {
  return [mayBeThere(document) ? NEVER_ARRIVED : NEVER_SENT];
}

const SAID_TO_BE_THERE: ReadonlySet<string> = new Set(['204', '205', '218']);

/** SEFAZ itself said that it has the key: a consult that does not find it is then no proof. */
export function saidToBeThere(attempts: readonly Attempt[]): boolean {
  return attempts.some(({ kind, cStat }) => kind === 'authorize' && SAID_TO_BE_THERE.has(cStat ?? ''));
}

/**
 * True when a note past its deadline, whose fate was unknown, can be given up: its last transmission (over at `sentBy`) is at least an hour
 * old, at least two consults that began late enough to be believed found no such key, and SEFAZ never claimed to have it.
 */
export function cannotArriveAnyMore(attempts: readonly Attempt[], sentBy: number, now: Date): boolean {
  if (now.getTime() - sentBy < LATE_ARRIVAL_MS) return false;
  if (saidToBeThere(attempts)) return false;
  const believed = attempts.filter(
    ({ kind, result, cStat, sentAt }) =>
      kind === 'consult' && result === 'answered' && cStat === '217' && sentAt.getTime() - sentBy >= ABSENCE_BELIEVED_AFTER_MS,
  );
  return believed.length >= BELIEVED_ABSENCES;
}

/** A note that waits for another try is looked at when its deadline is over, however long the wait was meant to be: the caller learns at once. */
export function wakeAtDeadline(document: Lifecycle, decision: Decision): Decision {
  const { change } = decision;
  const after = { ...document, ...change };
  const { enviarAte, nextAt } = after;
  if ((after.state !== 'signed' && after.state !== 'received') || !change?.nextAt || !enviarAte || !nextAt || nextAt <= enviarAte)
    return decision;
  if (openAttempt(after) || mayBeThere(after)) return decision;
  const at = new Date(enviarAte.getTime() + 1);
  const action = decision.action.do === 'wait' ? ({ do: 'wait', until: at } as const) : decision.action;
  return { ...decision, change: { ...change, nextAt: at }, action };
}
