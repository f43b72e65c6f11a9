import type { Refused } from '@malote/administration/refused';
import { isProblemCode, Problem } from './problems.ts';

/**
 * What administration refused, as a problem: `cadastro-recusado` with every fault, or the problem of the refusal's own code where the table
 * has one (`empresa-desconhecida`, 404), with the faults where they have codes of their own (`politica-invalida`).
 */
export function refusedProblem({ codigo, message, faults }: Refused): Problem {
  const own = isProblemCode(codigo);
  if (own && faults.every((fault) => fault.codigo === codigo)) return new Problem(codigo, message);
  const [first] = faults;
  const more = faults.length > 1 ? ` (e mais ${faults.length - 1}; veja "faults")` : '';
  return new Problem(own ? codigo : 'cadastro-recusado', `${first?.message ?? message}${more}`, {
    faults: faults.map((fault) => ({
      ...{ code: fault.codigo, path: fault.campo ?? '', message: fault.message },
      ...(fault.norma === undefined ? {} : { norm: fault.norma }),
    })),
  });
}
