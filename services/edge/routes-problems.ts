import Joi from 'joi';
import { conditionally } from './conditional-route.ts';
import type { Route } from './routing.ts';
import { shownProblem, shownProblemSchema, shownProblemsSchema, showProblem, showProblems } from './show-problems.ts';

/** What the `type` of every problem leads to. */
export function problemRoutes(): Route[] {
  const example = shownProblem('sessao-invalida');
  const open = { method: 'GET', tag: 'Descrição', access: 'none', body: 'none' } as const;
  const also = { 'text/html': Joi.string() };
  return [
    {
      ...{ ...open, path: '/problemas', sample: '/problemas', id: 'listarProblemas', summary: 'Lista os problemas que a API responde' },
      ...conditionally({ description: 'Os problemas.', schema: shownProblemsSchema.example({ problemas: [example] }), also }),
      problems: [],
      handler: showProblems,
    },
    {
      ...{ ...open, path: '/problemas/:codigo', sample: '/problemas/sessao-invalida' },
      ...{ id: 'explicarProblema', summary: 'Explica um problema e diz o que fazer' },
      ...conditionally({ description: 'A explicação.', schema: shownProblemSchema.example(example), also }),
      problems: [],
      handler: showProblem,
    },
  ];
}
