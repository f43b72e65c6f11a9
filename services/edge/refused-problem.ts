import type { Refused } from '@malote/administration/refused';
import { isProblemCode, Problem } from './problems.ts';

/**
 * What administration refused, as a problem: `cadastro-recusado` with every fault, or the problem of the refusal's own code where the table
 * has one (`empresa-desconhecida`, 404).
 */
export function refusedProblem({ codigo, message, faults }: Refused): Problem {
  if (isProblemCode(codigo)) return new Problem(codigo, message);
  const [first] = faults;
  const more = faults.length > 1 ? ` (e mais ${faults.length - 1}; veja "faults")` : '';
  return new Problem('cadastro-recusado', `${first?.message ?? message}${more}`, {
    faults: faults.map((fault) => ({ code: fault.codigo, path: fault.campo ?? '', message: fault.message })),
  });
}
