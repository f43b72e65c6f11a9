import type { Clock } from '@malote/runtime/clock';
import Joi from 'joi';
import type { Route } from './routing.ts';
import { createShowDescription, descriptionQuery, descriptionSchema } from './show-description.ts';
import { createShowDocs, createShowDocsFile } from './show-docs.ts';

/** The description of the routes, itself among them. */
export function descriptionRoutes(deps: { routes: readonly Route[]; clock: Clock }): Route[] {
  const ifNoneMatch = Joi.object({ 'If-None-Match': Joi.string().description('O ETag que já se tem.') });
  const etag = { ETag: 'Muda quando o conteúdo muda.' };
  const known = { description: 'O que já se tem é o atual.', headers: etag };
  return [
    {
      ...{ method: 'GET', path: '/openapi.json', sample: '/openapi.json', tag: 'Descrição', access: 'none', body: 'none' },
      ...{ id: 'baixarDescricao', summary: 'Baixa a descrição OpenAPI 3.1 desta API' },
      query: descriptionQuery,
      requestHeaders: ifNoneMatch,
      answers: {
        200: { description: 'A descrição.', schema: descriptionSchema, headers: etag },
        304: known,
      },
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
      requestHeaders: ifNoneMatch,
      answers: {
        200: { description: 'O arquivo.', type: 'text/css', also: { 'text/javascript': Joi.string() }, headers: etag },
        304: known,
      },
      problems: [],
      handler: createShowDocsFile(),
    },
  ];
}
