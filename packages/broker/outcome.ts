import { AssertionError } from 'node:assert';
import { asError, errorCode, errorMessage } from '@malote/runtime/errors';
import { maskText } from '@malote/runtime/redact';

/** What is to happen to a message. */
export type Outcome =
  | { kind: 'done' }
  /** Again later: `after` in ms picks the ladder's first step of at least that, the longest when none is; without it the step grows by attempt. */
  | { kind: 'retry'; reason: string; after?: number }
  /** Never again by itself: to the `dead` queue, for a person. */
  | { kind: 'dead'; reason: string; stack?: string };

export const done: Outcome = { kind: 'done' };

export function retry(reason: string, after?: number): Outcome {
  return { kind: 'retry', reason, ...(after === undefined ? {} : { after }) };
}

export function dead(reason: string, stack?: string): Outcome {
  return { kind: 'dead', reason, ...(stack === undefined ? {} : { stack }) };
}

/** A throw is a retry (a server away, a time-out), unless it can only be a mistake of the program: that goes to `dead` with its stack. */
export function outcomeOfThrow(thrown: unknown): Outcome {
  const error = asError(thrown);
  if (isProgrammingMistake(error))
    return dead(maskText(errorMessage(error)), error.stack === undefined ? undefined : maskText(error.stack));
  return retry(maskText(errorMessage(error)));
}

/** A TypeError with a code or a cause is the network's (`fetch failed`), not the program's. */
function isProgrammingMistake(error: Error): boolean {
  if (error instanceof AssertionError || error instanceof ReferenceError) return true;
  return (error instanceof TypeError || error instanceof RangeError) && error.cause === undefined && errorCode(error) === undefined;
}

export interface RetryBounds {
  maxAttempts: number;
  maxAgeMs: number;
}

export interface Tried {
  /** This delivery's number, from 1. */
  attempt: number;
  /** Since the first delivery. */
  ageMs: number;
}

/** A retry past its bounds is dead; everything else stays what it is. */
export function bounded(outcome: Outcome, tried: Tried, bounds: RetryBounds): Outcome {
  if (outcome.kind !== 'retry') return outcome;
  if (tried.attempt >= bounds.maxAttempts) return dead(`given up after ${tried.attempt} attempts: ${outcome.reason}`);
  if (tried.ageMs >= bounds.maxAgeMs) return dead(`given up after ${Math.round(tried.ageMs / 1000)} s: ${outcome.reason}`);
  return outcome;
}

/** The step of the ladder (shortest first, never empty) for a retry; see Outcome. */
export function pickStep<S extends { ms: number }>(steps: readonly S[], attempt: number, after?: number): S {
  const last = steps.at(-1);
  if (!last) throw new Error('the topology has no retry step');
  if (after === undefined) return steps[attempt - 1] ?? last;
  return steps.find((step) => step.ms >= after) ?? last;
}
