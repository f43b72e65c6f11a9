import type { Fact, Lifecycle } from './lifecycle-state.ts';

/** The rules of `decide` that a test can take out, to see the harm they prevent. */
export interface DecisionProtections {
  openAttempt: boolean;
  digest: boolean;
  /** Bytes that may be at an authoriser are never replaced. In force unless it is false. */
  transmitted?: boolean;
  /** A note with a substitute is never sent again. In force unless it is false. */
  substituted?: boolean;
}

export const PROTECTED: DecisionProtections = { openAttempt: true, digest: true };

/**
 * The document as `decide` would see it without the rules that are taken out: an open attempt looks like one long over, the digest of any
 * protocolo looks like ours, a transmission of unknown fate looks like one that never left, a substitute is not seen.
 */
export function unprotected(document: Lifecycle, fact: Fact, protections: DecisionProtections): Lifecycle {
  const { openAttempt, digest, transmitted = true, substituted = true } = protections;
  if (!transmitted && document.state === 'uncertain' && !document.attempts.some(({ result }) => result === 'open')) {
    const attempts = document.attempts.map((attempt) =>
      attempt.result === 'unknown' ? { ...attempt, result: 'not-sent' as const } : attempt,
    );
    return { ...document, state: 'signed', attempts };
  }
  if (!substituted && document.substituidaPor) {
    const { substituidaPor: _, ...alone } = document;
    return alone;
  }
  if (!openAttempt && (fact.kind === 'due' || fact.kind === 'opened')) {
    const attempts = document.attempts.map((attempt) => (attempt.result === 'open' ? { ...attempt, result: 'unknown' as const } : attempt));
    return { ...document, attempts, nextAt: undefined };
  }
  if (!digest && fact.kind === 'answered' && fact.retorno.kind === 'document') {
    return { ...document, digest: fact.retorno.protocolo?.digVal ?? document.digest };
  }
  return document;
}
