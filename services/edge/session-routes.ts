import { hashSecret, verifySecret } from '@malote/runtime/password';
import type { Response } from 'express';
import type { Exchange } from './exchange.ts';
import { Problem } from './problems.ts';
import { type Credentials, credentialsSchema } from './session-routes.schema.ts';
import { basicCredentials, type Session, type Sessions } from './sessions.ts';
import { jsonBodyReader } from './xml-body.ts';

/** What the session services need of the stored accounts. */
export interface Accounts {
  findCredencial(token: string): Promise<{ token: string; conta: string; secretHash: string; active: boolean } | undefined>;
  findConta(conta: string): Promise<{ nome: string; active: boolean } | undefined>;
  listEmpresas(conta: string): Promise<{ _id: string; razaoSocial: string; uf: string }[]>;
}

export interface SessionHandlers {
  open(exchange: Exchange): Promise<void>;
  show(exchange: Exchange): Promise<void>;
  renew(exchange: Exchange): Promise<void>;
  end(exchange: Exchange): Promise<void>;
}

const readJson = jsonBodyReader(10_000);

/**
 * The three session services, under both names. A refused sign-in has one answer and takes the same time whether the token is unknown, the
 * secret wrong, or credential or account switched off: an unknown token is verified against a hash of its own.
 */
export function createSessionHandlers(deps: { accounts: Accounts; sessions: Sessions }): SessionHandlers {
  const { accounts, sessions } = deps;
  const dummyHash = hashSecret('no credential has this secret');

  async function signIn({ token, secret }: Credentials): Promise<{ token: string; session: Session }> {
    const credencial = await accounts.findCredencial(token);
    const matches = await verifySecret(secret, credencial?.secretHash ?? (await dummyHash));
    const conta = credencial?.active && matches ? await accounts.findConta(credencial.conta) : undefined;
    if (!credencial || !conta?.active) {
      throw new Problem('credenciais-invalidas', 'Token ou secret inválido.', { headers: BASIC_CHALLENGE });
    }
    return sessions.open(credencial.conta, credencial.token);
  }

  return {
    async open(exchange) {
      const opened = await signIn(await credentialsOf(exchange));
      exchange.log.info({ conta: opened.session.conta, credencial: opened.session.credencial }, 'session opened');
      answerToken(exchange, opened.token, opened.session);
    },
    async show(exchange) {
      const { session } = signedIn(exchange);
      const [conta, empresas] = await Promise.all([accounts.findConta(session.conta), accounts.listEmpresas(session.conta)]);
      exchange.res.json({
        conta: session.conta,
        nome: conta?.nome ?? null,
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

const BASIC_CHALLENGE = { 'WWW-Authenticate': 'Basic realm="malote", charset="UTF-8"' };

/** From the Basic header, or from a JSON body where the call says that it sends one; a body beside a Basic header means nothing. */
async function credentialsOf({ req, res }: Exchange): Promise<Credentials> {
  const basic = basicCredentials(req.headers.authorization);
  if (basic) return basic;
  if (req.headers.authorization !== undefined) {
    throw new Problem('credenciais-invalidas', 'Token ou secret inválido.', { headers: BASIC_CHALLENGE });
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

function signedIn(exchange: Exchange): NonNullable<Exchange['signedIn']> {
  if (!exchange.signedIn) throw new Error('handler needs a session but its route does not ask for one');
  return exchange.signedIn;
}
