import type { AttemptOf } from './lifecycle-state.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Waits before the 1st, 2nd, … consult of a document whose fate is unknown: 7 in the first hour, under the 10 per key (NT 2018.002). */
const CONSULTS = [0, 15 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE];
/** Waits after the 1st, 2nd, … try in a row that provably did not reach the authoriser. */
const NOT_SENT = [0, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 5 * MINUTE];
/** Waits after the 1st, 2nd, … "service paused" answer (108, 109) in a row. */
const PAUSED = [30 * SECOND, 2 * MINUTE, 5 * MINUTE];

/** Waits after the 1st, 2nd, … "SVC not active" (113, 114): it comes on by a decision of SEFAZ, in another outage perhaps. */
const SVC_OFF = [MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE];
/** Waits after the 1st, 2nd, … 468 about a registered EPEC: 20 of them last more than two days. */
const NOT_SYNCHRONISED = [MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, 60 * MINUTE, 120 * MINUTE, 240 * MINUTE];

/** A block for abusive use lasts up to an hour and a try inside it may start it again (NT 2018.002): a minute more than the hour. */
export const THROTTLED_MS = 61 * MINUTE;
/** A refusal that only a person can mend (client certificate, size): tried again slowly, so that it heals by itself once mended. */
export const PERMANENT_MS = 15 * MINUTE;
/** A "not found" sooner than this after a transmission proves nothing: the authoriser may still be processing it. */
export const ABSENCE_BELIEVED_AFTER_MS = 15 * SECOND;

const step = (steps: readonly number[], index: number): number => steps[Math.min(index, steps.length - 1)] ?? 0;

/** @param done consults already made since the fate became unknown. @returns milliseconds to wait before the next. */
export function consultDelay(done: number): number {
  return step(CONSULTS, done);
}

const HOUR = 60 * MINUTE;
/** Consults of one key in an hour; SEFAZ blocks the company at more than 10 (NT 2018.002). */
const CONSULTS_PER_HOUR = 8;

/** @returns the first moment at which one more consult of the document stays within the limit per key and hour; `now` when that is now. */
export function consultAllowedAt(attempts: readonly AttemptOf<string>[], now: Date): Date {
  const recent = attempts
    .filter(({ kind, sentAt }) => kind === 'consult' && now.getTime() - sentAt.getTime() < HOUR)
    .map(({ sentAt }) => sentAt.getTime())
    .sort((a, b) => a - b);
  const blocking = recent.at(-CONSULTS_PER_HOUR);
  return blocking === undefined ? now : new Date(blocking + HOUR);
}

/** @returns milliseconds to wait after `attempts`, whose tail are tries that did not reach the authoriser. */
export function notSentDelay(attempts: readonly AttemptOf<string>[]): number {
  return step(NOT_SENT, tail(attempts, (attempt) => attempt.result === 'not-sent') - 1);
}

/** @returns milliseconds to wait after `attempts`, whose tail are answers saying that the service is paused. */
export function pausedDelay(attempts: readonly AttemptOf<string>[]): number {
  return step(PAUSED, tail(attempts, (attempt) => attempt.result === 'answered') - 1);
}

/** @returns milliseconds to wait after `attempts`, whose tail are answers saying that the SVC is not active. */
export function svcOffDelay(attempts: readonly AttemptOf<string>[]): number {
  return step(SVC_OFF, tail(attempts, ({ cStat }) => cStat === '113' || cStat === '114') - 1);
}

/** @param answers how often 468 was answered. @returns milliseconds to wait before the next transmission. */
export function notSynchronisedDelay(answers: number): number {
  return step(NOT_SYNCHRONISED, answers - 1);
}

function tail(attempts: readonly AttemptOf<string>[], matches: (attempt: AttemptOf<string>) => boolean): number {
  const last = attempts.findLastIndex((attempt) => !matches(attempt));
  return Math.max(1, attempts.length - 1 - last);
}
