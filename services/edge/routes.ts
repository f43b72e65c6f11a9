import { type AcceptDeps, createAcceptDocument } from './accept-document.ts';
import { createLocate, createShowAttempts, createShowDocument, createShowXml, type FindDeps } from './find-document.ts';
import { createListRecovering, type RecoveringDeps } from './list-recovering.ts';
import type { Route } from './routing.ts';
import type { SessionHandlers } from './session-routes.ts';

/** What each path parameter may be; whatever does not fit falls to the next route. */
export const PARAMETERS: Record<string, RegExp> = {
  /** CNPJ (numeric or alphanumeric) or CPF, without mask. */
  empresa: /[0-9A-Z]{12}[0-9]{2}|[0-9]{11}/,
  ambiente: /hom|prod/,
  codModelo: /55|65|57|67|58/,
  ano: /[0-9]{4}|[0-9]{2}/,
  serie: /[0-9]{1,3}/,
  numero: /[0-9]{1,9}/,
  chaveAcesso: /[0-9]{6}[A-Z0-9]{12}[0-9]{26}/,
};

const DOCS = '/api/empresas/:empresa/docs/:ambiente/:codModelo';
const NUMERO = `${DOCS}/:ano/:serie/:numero`;
const CHAVE = `${DOCS}/:chaveAcesso`;

const SAMPLE_DOCS = '/api/empresas/07385111000102/docs/hom/55';
const SAMPLE_NUMERO = `${SAMPLE_DOCS}/2026/1/4711`;
const SAMPLE_CHAVE = `${SAMPLE_DOCS}/35261107385111000102550010000047111000047110`;

/** The routing table: every path the edge answers, and who answers it. */
export function routeTable(handlers: { session: SessionHandlers; documents: AcceptDeps & FindDeps & RecoveringDeps }): Route[] {
  const { session, documents } = handlers;
  const locate = createLocate(documents);
  const show = createShowDocument(documents, locate);
  const showXml = createShowXml(documents, locate);
  const showAttempts = createShowAttempts(locate);

  const signIn = { access: 'none', body: 'none', limit: 'sessao' } as const;
  const ofSession = { access: 'session', body: 'none', limit: 'sessao' } as const;
  const read = { method: 'GET', access: 'session', body: 'none' } as const;

  return [
    { method: 'POST', path: '/session', sample: '/session', ...signIn, handler: session.open },
    { method: 'GET', path: '/session', sample: '/session', ...ofSession, handler: session.show },
    { method: 'PUT', path: '/session', sample: '/session', ...ofSession, handler: session.renew },
    { method: 'DELETE', path: '/session', sample: '/session', ...ofSession, handler: session.end },
    { method: 'POST', path: '/api/authenticate', sample: '/api/authenticate', ...signIn, handler: session.open },
    { method: 'GET', path: '/api/me', sample: '/api/me', ...ofSession, handler: session.show },
    { method: 'GET', path: '/api/refresh', sample: '/api/refresh', ...ofSession, handler: session.renew },

    { method: 'POST', path: DOCS, sample: SAMPLE_DOCS, access: 'session', body: 'xml', handler: createAcceptDocument(documents) },
    { path: '/api/conta/em-recuperacao', sample: '/api/conta/em-recuperacao', ...read, handler: createListRecovering(documents) },
    { path: NUMERO, sample: SAMPLE_NUMERO, ...read, handler: show },
    { path: `${NUMERO}.xml`, sample: `${SAMPLE_NUMERO}.xml`, ...read, handler: showXml },
    { path: CHAVE, sample: SAMPLE_CHAVE, ...read, handler: show },
    { path: `${CHAVE}.xml`, sample: `${SAMPLE_CHAVE}.xml`, ...read, handler: showXml },
    { path: `${CHAVE}/tentativas`, sample: `${SAMPLE_CHAVE}/tentativas`, ...read, handler: showAttempts },
  ];
}
