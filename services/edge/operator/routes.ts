import Joi from 'joi';
import { type AdminDeps, adminRoutes } from '../admin/routes.ts';
import type { Exchange } from '../exchange.ts';
import type { Route } from '../routing.ts';
import { PAGE_CSP, renderPage } from './page.ts';
import { presentSituation } from './present-situation.ts';
import { situationSchema } from './situation.schema.ts';
import { readSituation, type SituationDeps } from './situation.ts';

export interface OperatorDeps extends SituationDeps {
  /** Of RabbitMQ's management, for the page to link to. */
  managementUrl: string | undefined;
  admin: AdminDeps;
}

const REFRESH_S = 10;

/** The page for the operator, the same facts for scripts, and the commands. */
export function operatorRoutes(deps: OperatorDeps): Route[] {
  const { managementUrl } = deps;
  const row = { method: 'GET', tag: 'Operação', access: 'operator', body: 'none', problems: [] } as const;
  return [
    {
      ...{ ...row, path: '/', sample: '/', id: 'mostrarPaginaDoOperador', summary: 'Mostra a página do operador' },
      query: Joi.object({ atualizar: Joi.string().valid('nao').description('`nao`: a página não se renova sozinha.') }),
      answers: { 200: { description: 'A situação do Malote em HTML, sem scripts.', type: 'text/html' } },
      async handler({ res, query }: Exchange) {
        const situation = await readSituation(deps);
        res.set('Content-Security-Policy', PAGE_CSP);
        res.type('html').send(renderPage(situation, { refreshS: query.atualizar === 'nao' ? 0 : REFRESH_S, managementUrl }));
      },
    },
    {
      ...{
        ...row,
        path: '/api/admin/situacao',
        sample: '/api/admin/situacao',
        id: 'consultarSituacao',
        summary: 'Mostra a situação do Malote',
      },
      description: 'Os fatos da página do operador. O que não pôde ser lido é nulo, e `servidores` diz por quê.',
      answers: { 200: { description: 'A situação.', schema: situationSchema } },
      async handler({ res }: Exchange) {
        res.json(presentSituation(await readSituation(deps)));
      },
    },
    ...adminRoutes(deps.admin),
  ];
}
