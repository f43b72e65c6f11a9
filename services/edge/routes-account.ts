import { conditionally } from './conditional-route.ts';
import { RECOVERING_EXAMPLE } from './examples/answers.data.ts';
import { createListRecovering, type RecoveringDeps } from './list-recovering.ts';
import { pageQuery, pageSchema } from './pages.ts';
import { recoveringSchema } from './present-document.schema.ts';
import { READS } from './route-escopos.ts';
import type { Route } from './routing.ts';

/** What concerns the whole account. */
export function accountRoutes(deps: RecoveringDeps): Route[] {
  return [
    {
      ...{ method: 'GET', path: '/api/conta/em-recuperacao', sample: '/api/conta/em-recuperacao' },
      ...{
        tag: 'Conta',
        access: 'session',
        escopos: READS,
        body: 'none',
        id: 'listarEmRecuperacao',
        summary: 'Lista os documentos em recuperação',
      },
      description: 'Documentos nos quais o Malote ainda trabalha depois que algo deu errado: o que será feito, e quando.',
      query: pageQuery,
      ...conditionally({
        description: 'Uma página.',
        schema: pageSchema(recoveringSchema).meta({ component: 'EmRecuperacao' }).example(RECOVERING_EXAMPLE),
      }),
      problems: [],
      handler: createListRecovering(deps),
    },
  ];
}
