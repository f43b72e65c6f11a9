import type { IncomingHttpHeaders } from 'node:http';
import type { Auditoria } from '@malote/store/auditoria';
import { unknownEmpresa } from './accept-document.ts';
import type { Admit } from './admission.ts';
import { auditLocks, type CheckCredentials, type From } from './check-credentials.ts';
import type { SignedIn } from './exchange.ts';
import type { Lockout } from './lockout.ts';
import { Problem } from './problems.ts';
import type { RateWindow } from './rate-limit.ts';
import type { Params, Route } from './routing.ts';
import { basicCredentials, type Session, sessionToken, tssSessionToken } from './sessions.ts';
import type { Standing } from './standing.ts';

/** A call on a route, before anything of it is believed. */
export interface Call extends From {
  route: Pick<Route, 'access' | 'entidade' | 'limit'>;
  params: Params;
  headers: IncomingHttpHeaders;
}

export interface Authenticated {
  /** Of the windows the call was counted in, or the lock that refuses it: the one that has less left. */
  window: RateWindow;
  signedIn?: SignedIn;
  /** Why it is nobody's, on a route that needs somebody. */
  refusal?: Problem;
}

export type Authenticate = (call: Call) => Promise<Authenticated>;

/** An entity of the TSS, as its TOKEN finds it. */
export interface EntidadeOfToken {
  _id: string;
  conta: string;
  documento: string;
  uf: string;
  ie: string;
}

export interface AuthenticateDeps {
  admit: Admit;
  check: CheckCredentials;
  lockout: Lockout;
  standing: Pick<Standing, 'active'>;
  findEntidade(token: string): Promise<EntidadeOfToken | undefined>;
  audit: Auditoria['append'];
  now: () => Date;
}

/**
 * Who calls, by what the route accepts: a session (one round trip to Redis), token and secret in Basic, or an entity's CNPJ and TOKEN. The last two
 * are checked anew with every call and guarded by the lockout.
 */
export function createAuthenticate(deps: AuthenticateDeps): Authenticate {
  const { admit } = deps;
  return async (call) => {
    const { route, headers, origin } = call;
    const limit = route.limit ?? 'general';
    if (route.access !== 'session' && route.access !== 'tss') return { window: (await admit({ origin, limit })).window };
    const token = sessionToken(headers) ?? (route.access === 'tss' ? tssSessionToken(headers) : undefined);
    if (token !== undefined) {
      const { window, session } = await admit({ origin, limit, token });
      return session ? { window, signedIn: { session, token } } : { window, refusal: deadSession() };
    }
    const { window } = await admit({ origin, limit });
    if (window.exceeded) return { window };
    const basic = route.access === 'tss' ? basicCredentials(headers.authorization) : undefined;
    const found = basic ? await byCredentials(deps, call, basic) : route.entidade ? await byEntidade(deps, call) : undefined;
    if (!found) return { window, refusal: noSession(route) };
    if ('refused' in found) return { window: found.refused };
    if (found instanceof Problem) return { window, refusal: found };
    return { window: await admit.count(found.conta, window), signedIn: { session: found } };
  };
}

type Found = Session | Problem | { refused: RateWindow };

async function byCredentials({ check, now }: AuthenticateDeps, from: From, given: { token: string; secret: string }): Promise<Found> {
  try {
    const checked = await check(given, from);
    if ('refused' in checked) return checked;
    const { conta, credencial, escopos } = checked.owner;
    return { conta, credencial, escopos, createdAt: now(), expiresAt: now() };
  } catch (error) {
    if (error instanceof Problem && error.codigo === 'credenciais-invalidas') return error;
    throw error;
  }
}

/** By the headers of the TSS offline side. Only the TOKEN is locked: a CNPJ is public, and whoever knows one must not stop its company. */
async function byEntidade(deps: AuthenticateDeps, { headers, params, origin, ip }: Call): Promise<Found | undefined> {
  // Hexadecimal, as it was issued: some clients write it in capitals.
  const token = single(headers.token)?.toLowerCase();
  const cnpj = single(headers.cnpj);
  if (!token || !cnpj) return undefined;
  const { lockout, audit, now } = deps;
  const attempt = { subject: `entidade:${token}`, origin };
  const refused = await lockout.check(attempt);
  if (refused) return { refused };
  const entidade = await deps.findEntidade(token);
  if (!entidade || entidade.documento !== cnpj.replace(/[./-]/g, '').toUpperCase() || !(await deps.standing.active(entidade.conta))) {
    const failed = { conta: entidade?.conta, id: entidade?._id, tipo: 'entidade', from: { origin, ip } } as const;
    await auditLocks(audit, await lockout.failed(attempt), failed);
    return new Problem('token-de-entidade-invalido', 'Os cabeçalhos CNPJ e TOKEN não conferem.', { headers: CHALLENGE });
  }
  await lockout.succeeded(attempt);
  // As if the account had no other company.
  if (params.empresa !== undefined && params.empresa !== entidade.documento) return unknownEmpresa(params);
  const { _id: id, conta, documento, uf, ie } = entidade;
  return { conta, credencial: '', escopos: ENTIDADE, entidade: { id, documento, uf, ie }, createdAt: now(), expiresAt: now() };
}

const ENTIDADE = ['emissao', 'leitura'] as const;
const CHALLENGE = { 'WWW-Authenticate': 'Bearer realm="malote"' };

const single = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value)?.trim();

const deadSession = () =>
  new Problem('sessao-invalida', 'A sessão não existe ou expirou; abra outra com POST /session.', { headers: CHALLENGE });

function noSession({ access, entidade }: Call['route']): Problem {
  const also = access === 'tss' ? ', ou token e secret em Authorization: Basic' : entidade ? ', ou os cabeçalhos CNPJ e TOKEN' : '';
  return new Problem('sessao-ausente', `Informe o token da sessão no cabeçalho x-auth-token${also}.`, { headers: CHALLENGE });
}
