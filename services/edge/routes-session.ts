import type { Answer, Route } from './routing.ts';
import { sessionSchema, tokenSchema, tokenTextSchema } from './session-routes.schema.ts';
import type { SessionHandlers } from './session-routes.ts';

const TOKEN: Answer = {
  description:
    'O token da sessão. Sem `Accept: application/json` a resposta é o texto `x-auth-token: <token>`, como os clientes antigos o leem.',
  type: 'text/plain',
  schema: tokenTextSchema,
  also: { 'application/json': tokenSchema },
  headers: { 'x-auth-token': 'O token da sessão.' },
};

const SESSION: Answer = { description: 'Conta, empresas e validade da sessão.', schema: sessionSchema };

const OPENING =
  'Envie `Authorization: Basic base64(token:secret)` ou o JSON `{"token","secret"}`. A sessão dura 30 minutos desde o último uso.';
const RENEWING = 'O token continua o mesmo; a validade recomeça.';

/** The session services, under their old and their newer names. */
export function sessionRoutes(session: SessionHandlers): Route[] {
  const signIn = { tag: 'Sessão', access: 'credentials', body: 'none', limit: 'session', problems: [] } as const;
  const own = { tag: 'Sessão', access: 'session', body: 'none', limit: 'session', problems: [] } as const;

  return [
    {
      ...{ method: 'POST', path: '/session', sample: '/session', ...signIn },
      ...{ id: 'abrirSessao', summary: 'Abre uma sessão', description: OPENING },
      answers: { 200: TOKEN },
      handler: session.open,
    },
    {
      ...{ method: 'GET', path: '/session', sample: '/session', ...own },
      ...{ id: 'consultarSessao', summary: 'Mostra a sessão' },
      answers: { 200: SESSION },
      handler: session.show,
    },
    {
      ...{ method: 'PUT', path: '/session', sample: '/session', ...own },
      ...{ id: 'renovarSessao', summary: 'Renova a sessão', description: RENEWING },
      answers: { 200: TOKEN },
      handler: session.renew,
    },
    {
      ...{ method: 'DELETE', path: '/session', sample: '/session', ...own },
      ...{ id: 'encerrarSessao', summary: 'Encerra a sessão' },
      answers: { 204: { description: 'A sessão acabou.' } },
      handler: session.end,
    },
    {
      ...{ method: 'POST', path: '/api/authenticate', sample: '/api/authenticate', ...signIn },
      ...{ id: 'autenticar', summary: 'Abre uma sessão (nome novo)', description: OPENING },
      answers: { 200: TOKEN },
      handler: session.open,
    },
    {
      ...{ method: 'GET', path: '/api/me', sample: '/api/me', ...own },
      ...{ id: 'consultarMe', summary: 'Mostra a sessão (nome novo)' },
      answers: { 200: SESSION },
      handler: session.show,
    },
    {
      ...{ method: 'GET', path: '/api/refresh', sample: '/api/refresh', ...own },
      ...{ id: 'renovarToken', summary: 'Renova a sessão (nome novo)', description: RENEWING },
      answers: { 200: TOKEN },
      handler: session.renew,
    },
  ];
}
