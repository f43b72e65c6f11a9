import { hash } from 'node:crypto';
import type { Redis } from '@malote/redis/connect';
import type { Clock } from '@malote/runtime/clock';
import { ESCOPOS, type Escopo } from '@malote/store/credenciais';
import { Problem } from './problems.ts';

/** Who calls: a signed-in account, or one that says who it is with the call itself. Instants are UTC; `expiresAt` moves on with each use. */
export interface Session {
  conta: string;
  /** Token of the credential that opened it; a log field, never a secret. Empty for an entity. */
  credencial: string;
  /** What the credential may do. */
  escopos: readonly Escopo[];
  /** Set when an entity calls, by CNPJ and TOKEN. */
  entidade?: { id: string; documento: string; uf: string; ie: string };
  createdAt: Date;
  expiresAt: Date;
}

/** Generations of account and credential when a session was opened (geracao.ts of the store). */
export interface Geracoes {
  conta: number;
  credencial: number;
}

/** What a session is opened for. */
export type Owner = Pick<Session, 'conta' | 'credencial' | 'escopos'> & { geracoes: Geracoes };

/** How sessions are opened and ended; admission.ts finds the one of a call. */
export interface Sessions {
  /** Opens a session; the token (36-character UUID) exists nowhere but in the answer. */
  open(owner: Owner): Promise<{ token: string; session: Session }>;
  /** Ends it; ending one that does not exist is no error. */
  end(token: string): Promise<void>;
}

const TOKEN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Sessions live in Redis only, under the hash of the token: who reads the database cannot use what is in it. Losing Redis means signing in
 * again, nothing else. Every method throws the problem `sessoes-indisponiveis` while Redis is away.
 */
export function createSessions(deps: { redis: Redis; prefix: string; ttlS: number; clock: Clock }): Sessions {
  const { redis, prefix, ttlS, clock } = deps;
  const expiry = () => new Date(clock.now().getTime() + ttlS * 1000);

  return {
    async open({ conta, credencial, escopos, geracoes }) {
      const token = clock.uuid();
      const createdAt = clock.now();
      const stored: Stored = { conta, credencial, escopos, geracoes, createdAt: createdAt.toISOString() };
      await available(() => redis.set(keyOf(prefix, token), JSON.stringify(stored), 'EX', ttlS));
      return { token, session: { conta, credencial, escopos, createdAt, expiresAt: expiry() } };
    },
    async end(token) {
      await available(() => redis.del(keyOf(prefix, token)));
    },
  };
}

const keyOf = (prefix: string, token: string) => `${prefix}sessao:${hash('sha256', token.toLowerCase())}`;

/** The Redis key of a session; undefined when the text cannot be a token. */
export function sessionKey(prefix: string, token: string): string | undefined {
  return TOKEN.test(token) ? keyOf(prefix, token) : undefined;
}

/** As Redis holds it. A release before scopes stored neither them nor generations: its sessions may do everything. */
interface Stored {
  conta: string;
  credencial: string;
  createdAt: string;
  escopos?: readonly Escopo[];
  geracoes?: Geracoes;
}

/** A session as `open` stored it. */
export function readSession(stored: string, expiresAt: Date): { session: Session; geracoes: Geracoes } {
  const { conta, credencial, createdAt, escopos = ESCOPOS, geracoes = { conta: 0, credencial: 0 } } = JSON.parse(stored) as Stored;
  return { session: { conta, credencial, escopos, createdAt: new Date(createdAt), expiresAt }, geracoes };
}

/** Runs a Redis command; its failure is the 503 of the contract, whatever the reason. */
export async function available<T>(command: () => Promise<T>): Promise<T> {
  try {
    return await command();
  } catch (cause) {
    throw new Problem('sessoes-indisponiveis', 'O serviço de sessões não está disponível no momento. Tente novamente em instantes.', {
      headers: { 'Retry-After': '5' },
      cause,
    });
  }
}

/** The session token of a call: header `x-auth-token`, or `Authorization: Bearer`. */
export function sessionToken(headers: {
  'x-auth-token'?: string | string[] | undefined;
  authorization?: string | undefined;
}): string | undefined {
  const own = headers['x-auth-token'];
  const first = (Array.isArray(own) ? own[0] : own)?.trim();
  if (first) return first;
  return /^Bearer +(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1];
}

/** The same in the header that calls of the TSS have, plain or after `Bearer`. */
export function tssSessionToken(headers: Record<string, string | string[] | undefined>): string | undefined {
  const given = headers.tokenauthtss;
  return (Array.isArray(given) ? given[0] : given)?.trim().replace(/^Bearer +/i, '') || undefined;
}

/** Token and secret of a Basic header (RFC 7617: UTF-8, the first colon separates); undefined when it is not one. */
export function basicCredentials(authorization: string | undefined): { token: string; secret: string } | undefined {
  const text = basicText(authorization);
  if (text === undefined) return undefined;
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : { token: text.slice(0, colon), secret: text.slice(colon + 1) };
}

/** What a Basic header says, decoded: user, colon, password. */
export function basicText(authorization: string | undefined): string | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/_=-]+)\s*$/i.exec(authorization ?? '')?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
}
