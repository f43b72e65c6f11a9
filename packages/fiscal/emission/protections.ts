import type { Fact, Lifecycle } from './lifecycle-state.ts';

/** The rules of `decide` that a test can take out, to see the harm they prevent. */
export interface DecisionProtections {
  openAttempt: boolean;
  digest: boolean;
}

export const PROTECTED: DecisionProtections = { openAttempt: true, digest: true };

/**
 * The document as `decide` would see it without the rules that are taken out: an open attempt looks like one long over, the digest of any
 * protocolo looks like ours.
 */
export function unprotected(document: Lifecycle, fact: Fact, { openAttempt, digest }: DecisionProtections): Lifecycle {
  if (!openAttempt && (fact.kind === 'due' || fact.kind === 'opened')) {
    const attempts = document.attempts.map((attempt) => (attempt.result === 'open' ? { ...attempt, result: 'unknown' as const } : attempt));
    return { ...document, attempts, nextAt: undefined };
  }
  if (!digest && fact.kind === 'answered' && fact.retorno.kind === 'document') {
    return { ...document, digest: fact.retorno.protocolo?.digVal ?? document.digest };
  }
  return document;
}
