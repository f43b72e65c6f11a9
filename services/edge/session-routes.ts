import type { Auditoria } from '@malote/store/auditoria';
import type { Response } from 'express';
import { BASIC_CHALLENGE, type CheckCredentials, invalidCredentials } from './check-credentials.ts';
import { type Exchange, sessionOf } from './exchange.ts';
import { Problem } from './problems.ts';
import { originOf, refuseByRate } from './rate-limit.ts';
import { type Credentials, credentialsSchema } from './session-routes.schema.ts';
import { basicCredentials, type Session, type Sessions } from './sessions.ts';
import { jsonBodyReader } from './xml-body.ts';

/** What the session services show of the stored accounts. */
export interface Accounts {
  findConta(conta: string): Promise<{ nome: string } | undefined>;
  listEmpresas(conta: string): Promise<{ _id: string; razaoSocial: string; uf: string }[]>;
}

export interface SessionHandlers {
  open(exchange: Exchange): Promise<void>;
  show(exchange: Exchange): Promise<void>;
  renew(exchange: Exchange): Promise<void>;
  end(exchange: Exchange): Promise<void>;
}

const readJson = jsonBodyReader(10_000);

export interface SessionDeps {
  accounts: Accounts;
  sessions: Sessions;
  check: CheckCredentials;
  audit: Auditoria['append'];
}

/** The three session services, under both names. */
export function createSessionHandlers({ accounts, sessions, check, audit }: SessionDeps): SessionHandlers {
  return {
    async open(exchange) {
      const { ip } = exchange.req;
      const checked = await check(await credentialsOf(exchange), { origin: originOf(ip), ip });
      if ('refused' in checked) return refuseByRate(exchange.res, checked.refused);
      const { conta, credencial, former } = checked.owner;
      const quem = { tipo: 'credencial', id: credencial, ...(ip ? { ip } : {}) } as const;
      const opened = await sessions.open(checked.owner);
      await audit({ conta, quem, acao: 'sessao.abrir', resultado: 'ok', ...(former ? { detalhe: 'com o secret anterior' } : {}) });
      exchange.log.info({ conta, credencial, former }, 'session opened');
      answerToken(exchange, opened.token, opened.session);
    },
    async show(exchange) {
      const session = sessionOf(exchange);
      const [conta, empresas] = await Promise.all([accounts.findConta(session.conta), accounts.listEmpresas(session.conta)]);
      exchange.res.json({
        conta: session.conta,
        nome: conta?.nome ?? null,
        escopos: session.escopos,
        empresas: empresas.map(({ _id, razaoSocial, uf }) => ({ empresa: _id, razaoSocial, uf })),
        criadaEm: session.createdAt.toISOString(),
        expiraEm: session.expiresAt.toISOString(),
      });
    },
    // The guard of the route has already renewed it: use is renewal. Only the answer differs.
    async renew(exchange) {
      const { session, token } = signedIn(exchange);
      answerToken(exchange, token, session);
    },
    async end(exchange) {
      await sessions.end(signedIn(exchange).token);
      exchange.res.status(204).end();
    },
  };
}

/** From the Basic header, or from a JSON body where the call says that it sends one; a body beside a Basic header means nothing. */
async function credentialsOf({ req, res }: Exchange): Promise<Credentials> {
  const basic = basicCredentials(req.headers.authorization);
  if (basic) return basic;
  if (req.headers.authorization !== undefined) {
    throw invalidCredentials();
  }
  if (!req.is('json')) {
    throw new Problem('credenciais-ausentes', 'Informe token e secret em Authorization: Basic base64(token:secret).', {
      headers: BASIC_CHALLENGE,
    });
  }
  await readJson(req, res);
  const { value, error } = credentialsSchema.validate(req.body);
  if (error) {
    throw new Problem('credenciais-ausentes', 'Informe token e secret em Authorization: Basic ou no JSON {"token","secret"}.', {
      headers: BASIC_CHALLENGE,
    });
  }
  return { token: value.token, secret: value.secret };
}

/**
 * The token in the form the caller asks for. The text is a published contract: old clients skip 14 characters and take 36.
 * `exp` is in seconds since 1970, as in a JWT.
 */
function answerToken({ req, res }: Exchange, token: string, session: Session): void {
  res.set('x-auth-token', token);
  if (wantsJson(req.get('accept'), req.accepts(['text/plain', 'application/json']))) {
    res.json({ 'x-auth-token': token, jwt: token, exp: Math.floor(session.expiresAt.getTime() / 1000) });
    return;
  }
  plainText(res, `x-auth-token: ${token}`);
}

/** JSON only where `application/json` is named: a wildcard gets the text of old. */
function wantsJson(accept: string | undefined, best: string | false): boolean {
  return best === 'application/json' && /\bapplication\/(?:[\w.-]+\+)?json\b/i.test(accept ?? '');
}

function plainText(res: Response, text: string): void {
  res.type('text/plain').send(text);
}

function signedIn({ signedIn }: Exchange): { session: Session; token: string } {
  if (signedIn?.token === undefined) throw new Error('handler needs a session but its route does not ask for one');
  return { session: signedIn.session, token: signedIn.token };
}
