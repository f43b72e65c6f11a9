import type { Logger } from '@malote/runtime/logger';
import type { Quem } from '@malote/store/auditoria';
import type { Request, Response } from 'express';
import type { Params } from './routing.ts';
import type { Session } from './sessions.ts';
import type { Trace } from './trace.ts';
import type { BodyType } from './xml-body.ts';

/** Whose call it is. */
export interface SignedIn {
  session: Session;
  /** Of the session, where it came by one. */
  token?: string;
}

/** One call being answered: what a handler gets. */
export interface Exchange {
  req: Request;
  res: Response;
  params: Params;
  /** The query as the route's schema validated it; empty where the route has none. */
  query: Record<string, unknown>;
  trace: Trace;
  readonly log: Logger;
  /** Adds fields to this and every later log line of the call, the closing one included. */
  tag(fields: Record<string, unknown>): void;
  /** Set on routes with `access` session or tss. */
  signedIn?: SignedIn;
  /** Set on routes that take a body. */
  body?: { bytes: Buffer; type: BodyType };
}

/** The body of a call on a route that takes one. */
export function bodyOf({ body }: Exchange): { bytes: Buffer; type: BodyType } {
  if (!body) throw new Error('handler needs a body but its route does not ask for one');
  return body;
}

/** The account of a call on a session route. */
export function contaOf(exchange: Exchange): string {
  return sessionOf(exchange).conta;
}

/** Whose call it is, on a session route. */
export function sessionOf({ signedIn }: Exchange): Session {
  if (!signedIn) throw new Error('handler needs a session but its route does not ask for one');
  return signedIn.session;
}

/** Who makes a call, for the audit trail. */
export function quemOf(exchange: Exchange): Quem {
  const { credencial, entidade } = sessionOf(exchange);
  const who = entidade ? ({ tipo: 'entidade', id: entidade.id } as const) : ({ tipo: 'credencial', id: credencial } as const);
  return { ...who, ...(exchange.req.ip ? { ip: exchange.req.ip } : {}) };
}
