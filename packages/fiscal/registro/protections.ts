import type { DecisionProtections } from '../emission/protections.ts';
import type { RegistroFact, RegistroLifecycle } from './registro-state.ts';

/**
 * The registro as `decideRegistro` would see it without the rules that a test takes out: an open attempt looks like one long over, the
 * digest of any evento that SEFAZ shows looks like ours.
 */
export function unprotectedRegistro(
  registro: RegistroLifecycle,
  fact: RegistroFact,
  { openAttempt, digest }: DecisionProtections,
): RegistroLifecycle {
  if (!openAttempt && (fact.kind === 'due' || fact.kind === 'opened')) {
    const attempts = registro.attempts.map((attempt) => (attempt.result === 'open' ? { ...attempt, result: 'unknown' as const } : attempt));
    const nextAt = registro.state === 'registered' ? registro.nextAt : undefined;
    return { ...registro, attempts, nextAt };
  }
  if (!digest && fact.kind === 'answered' && fact.retorno.kind === 'found') {
    return { ...registro, ...(fact.retorno.digest ? { digest: fact.retorno.digest } : {}) };
  }
  return registro;
}
