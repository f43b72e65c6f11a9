import type { Clock } from '@malote/runtime/clock';
import Joi from 'joi';
import type { Route } from './routing.ts';
import { createShowDescription, descriptionQuery, descriptionSchema } from './show-description.ts';

/** The description of the routes, itself among them. */
export function descriptionRoutes(deps: { routes: readonly Route[]; clock: Clock }): Route[] {
  const etag = { ETag: 'Muda quando o conteúdo muda.' };
  return [
    {
      ...{ method: 'GET', path: '/openapi.json', sample: '/openapi.json', tag: 'Descrição', access: 'none', body: 'none' },
      ...{ id: 'baixarDescricao', summary: 'Baixa a descrição OpenAPI 3.1 desta API' },
      query: descriptionQuery,
      requestHeaders: Joi.object({ 'If-None-Match': Joi.string().description('O ETag que já se tem.') }),
      answers: {
        200: { description: 'A descrição.', schema: descriptionSchema, headers: etag },
        304: { description: 'A que se tem é a atual.', headers: etag },
      },
      problems: [],
      handler: createShowDescription(deps),
    },
  ];
}
