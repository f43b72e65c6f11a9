import type { AttemptOf } from './lifecycle-state.ts';

type AnyAttempt = AttemptOf<string>;
interface WithAttempts<A extends AnyAttempt> {
  attempts: readonly A[];
}

/** Undefined when the round the attempt belongs to has ended: what comes of it is history. */
export function attemptOf<A extends AnyAttempt>({ attempts }: WithAttempts<A>, n: number): A | undefined {
  return attempts.find((attempt) => attempt.n === n);
}

/** Numbers go on over the rounds, so that a late answer to an earlier content is never taken for one to this. */
export function lastAttempt({ attempts, rodadas }: WithAttempts<AnyAttempt> & { rodadas: readonly WithAttempts<AnyAttempt>[] }): number {
  return Math.max(0, ...[...rodadas.flatMap((rodada) => rodada.attempts), ...attempts].map(({ n }) => n));
}

/** True when another attempt than `n` is under way. */
export function openElsewhere({ attempts }: WithAttempts<AnyAttempt>, n: number): boolean {
  return attempts.some((attempt) => attempt.n !== n && attempt.result === 'open');
}

/** The attempts with the one numbered `n` ended. */
export function closeAttempt<A extends AnyAttempt>(
  { attempts }: WithAttempts<A>,
  n: number,
  now: Date,
  end: Partial<AnyAttempt> & Pick<AnyAttempt, 'result'>,
): A[] {
  return attempts.map((attempt) => (attempt.n === n ? { ...attempt, ...end, kind: attempt.kind, endedAt: now } : attempt));
}

/**
 * The last moment at which a transmission can have been sent; long ago when there was none. An attempt taken over from a lost worker is closed
 * later than anything it can have sent.
 */
export function sentBy(last: AnyAttempt | undefined): number {
  return last ? Math.min((last.endedAt ?? last.until).getTime(), last.until.getTime()) : Number.NEGATIVE_INFINITY;
}
