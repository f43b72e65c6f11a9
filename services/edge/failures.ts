import { isUnavailable } from '@malote/store/unavailable';
import { Problem } from './problems.ts';

/** The 503 of an unreachable database, undefined for any other error. */
export function unavailableProblem(error: unknown): Problem | undefined {
  if (!isUnavailable(error)) return undefined;
  return new Problem(
    'armazenamento-indisponivel',
    'O armazenamento não está disponível no momento. Repita a requisição: repetir não duplica o documento.',
    {
      headers: { 'Retry-After': '5' },
      cause: error,
    },
  );
}
