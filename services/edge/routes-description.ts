import type { Clock } from '@malote/runtime/clock';
import Joi from 'joi';
import { conditionally } from './conditional-route.ts';
import type { Route } from './routing.ts';
import { createShowDescription, descriptionQuery, descriptionSchema } from './show-description.ts';
import { createShowDocs, createShowDocsFile } from './show-docs.ts';

/** The description of the routes, itself among them. */
export function descriptionRoutes(deps: { routes: readonly Route[]; clock: Clock }): Route[] {
  return [
    {
      ...{ method: 'GET', path: '/openapi.json', sample: '/openapi.json', tag: 'Descrição', access: 'none', body: 'none' },
      ...{ id: 'baixarDescricao', summary: 'Baixa a descrição OpenAPI 3.1 desta API' },
      query: descriptionQuery,
      ...conditionally({ description: 'A descrição.', schema: descriptionSchema }),
      problems: [],
      handler: createShowDescription(deps),
    },
    {
      ...{ method: 'GET', path: '/docs', sample: '/docs', tag: 'Descrição', access: 'none', body: 'none' },
      ...{ id: 'abrirDocs', summary: 'Página para ler esta descrição e experimentar as chamadas' },
      answers: { 200: { description: 'A página.', type: 'text/html' } },
      problems: [],
      handler: createShowDocs(),
    },
    {
      ...{ method: 'GET', path: '/docs/:arquivo', sample: '/docs/docs.js', tag: 'Descrição', access: 'none', body: 'none' },
      ...{ id: 'baixarParteDeDocs', summary: 'Uma parte da página' },
      ...conditionally({ description: 'O arquivo.', type: 'text/css', also: { 'text/javascript': Joi.string() } }),
      problems: [],
      handler: createShowDocsFile(),
    },
  ];
}
