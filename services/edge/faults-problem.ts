import type { Fault } from '@malote/fiscal/fault';
import { Problem, type ProblemCode } from './problems.ts';

export interface FaultsProblem {
  /** Code of the problem, where `codigos` has none for the first fault. */
  codigo: ProblemCode;
  /** Problem codes of the faults that are no matter of one field. */
  codigos?: Record<string, ProblemCode>;
  /** Said when no fault has a text. */
  detail: string;
}

/** The problem of a body that was understood and is wrong: the first fault is told, every one is listed. */
export function faultsProblem(faults: Fault[], { codigo, codigos = {}, detail }: FaultsProblem): Problem {
  const [first, ...others] = faults;
  const more = others.length > 0 ? ` (e mais ${others.length}; veja "faults")` : '';
  return new Problem(codigos[first?.code ?? ''] ?? codigo, `${first?.message ?? detail}${more}`, { faults });
}
