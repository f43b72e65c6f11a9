import { STATUS_CODES } from 'node:http';
import { Refused } from '@malote/administration/refused';
import type { Clock } from '@malote/runtime/clock';
import { asError } from '@malote/runtime/errors';
import type { Logger } from '@malote/runtime/logger';
import type { Metrics } from '@malote/runtime/metrics';
import express, { type ErrorRequestHandler, type Express, type Request, type Response, type Router } from 'express';
import type { Authenticate } from './authenticate.ts';
import { compressAnswer } from './compress.ts';
import { type CrossOrigin, crossOriginOf } from './cors.ts';
import type { Exchange } from './exchange.ts';
import { unavailableProblem } from './failures.ts';
import type { OperatorGuard } from './operator/guard.ts';
import { Problem, problemBody } from './problems.ts';
import { readQuery } from './query.ts';
import { originOf, refuseByRate, writeRateHeaders } from './rate-limit.ts';
import { refusedProblem } from './refused-problem.ts';
import { requireEscopo } from './route-escopos.ts';
import type { Match } from './routing.ts';
import { type Trace, traceOf } from './trace.ts';
import { rawBodyReader } from './xml-body.ts';

export interface AppDeps {
  match: (method: string, path: string) => Match;
  authenticate: Authenticate;
  /** Of the routes with `access: 'operator'`; there are none without a key. `match` knows them too, for callers who are near. */
  operator?: { guard: OperatorGuard; isNear(req: Request): boolean; match: AppDeps['match'] } | undefined;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  bodyLimitBytes: number;
  /** Express `trust proxy`: who may say what the origin address is. */
  trustProxy: boolean | number | string;
  /** Origins whose pages may call. */
  corsOrigins: readonly string[];
  /** Health and metrics, when they share this port. */
  health?: Router;
}

/** The HTTP application: hygiene, trace, routing table, and one error answer for everything thrown. */
export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', deps.trustProxy);
  app.set('query parser', 'simple');
  if (deps.health) app.use(deps.health);
  const crossOrigin = crossOriginOf(deps.corsOrigins);
  app.use(begin(deps, crossOrigin));
  app.use(answer(deps, crossOrigin));
  app.use(answerError(deps));
  return app;
}

interface Locals {
  trace: Trace;
  /** Of every later log line of the call. */
  fields: Record<string, unknown>;
  /** With these fields; made when something is logged, which most calls do once, at their end. */
  log?: Logger | undefined;
  route?: string;
}

const localsOf = (res: Response) => res.locals as Locals;

function logOf(locals: Locals, log: Logger): Logger {
  locals.log ??= log.child(locals.fields);
  return locals.log;
}

/** Headers of every answer, the trace, and one log line and one sample per call. */
function begin({ clock, log, metrics }: AppDeps, crossOrigin: CrossOrigin) {
  const seconds = metrics.histogram('http_request_seconds', 'Time to answer a call', ['method', 'route', 'status']);
  return (req: Request, res: Response, next: () => void) => {
    const started = clock.monotonic();
    const trace = traceOf(req.get('traceparent'), clock.random);
    const locals = localsOf(res);
    locals.trace = trace;
    locals.fields = { trace: trace.traceId };
    res.set({
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
      traceparent: trace.traceparent,
    });
    crossOrigin.mark(req, res);
    res.on('close', () => {
      const ms = Math.round(clock.monotonic() - started);
      const status = res.writableEnded ? res.statusCode : 499;
      const route = locals.route ?? 'none';
      seconds.observe({ method: req.method, route, status: String(status) }, ms / 1000);
      const line = { ...locals.fields, method: req.method, path: req.path, route, status, ms, ip: req.ip };
      if (status >= 500) log.error(line, 'http');
      else log.info(line, 'http');
    });
    next();
  };
}

/** Finds the route, passes its guards (limit of the address, session, limit of the account, query, body) in that order, and runs its handler. */
function answer({ match, authenticate, operator, bodyLimitBytes, log }: AppDeps, crossOrigin: CrossOrigin) {
  const readBody = rawBodyReader(bodyLimitBytes);
  return async (req: Request, res: Response) => {
    const found = (operator?.isNear(req) ? operator.match : match)(req.method, req.path);
    if (found.kind === 'none') throw new Problem('rota-desconhecida', `Não existe recurso em ${req.path.slice(0, 200)}.`);
    if (found.kind === 'method') {
      const allow = found.allow.join(', ');
      if (req.method === 'OPTIONS') {
        crossOrigin.preflight(req, res, allow);
        return void res.set('Allow', allow).status(204).end();
      }
      throw new Problem('metodo-nao-permitido', `O recurso não aceita ${req.method}; aceita ${allow}.`, { headers: { Allow: allow } });
    }
    const { route, params } = found;
    const locals = localsOf(res);
    locals.route = route.path;
    const exchange: Exchange = {
      req,
      res,
      params,
      query: {},
      trace: locals.trace,
      get log() {
        return logOf(locals, log);
      },
      tag(fields) {
        locals.fields = { ...locals.fields, ...fields };
        locals.log = undefined;
      },
    };
    if (route.limit !== 'session') compressAnswer(req, res);
    const origin = originOf(req.ip);
    if (route.access === 'operator') {
      // Not through admit: what it guards is most needed while Redis is away.
      const refused = await guardOf(operator)(origin, req.headers);
      if (refused) return refuseByRate(res, refused);
      exchange.query = readQuery(route.query, req.query);
      return route.handler(exchange);
    }
    const { window, signedIn, refusal } = await authenticate({ route, params, headers: req.headers, origin, ip: req.ip });
    if (signedIn) exchange.tag({ conta: signedIn.session.conta, ...(params.empresa ? { empresa: params.empresa } : {}) });
    if (window.exceeded) return refuseByRate(res, window);
    writeRateHeaders(res, window);
    if (refusal) throw refusal;
    if (signedIn) {
      exchange.signedIn = signedIn;
      requireEscopo(signedIn.session, route.escopos);
    }
    exchange.query = readQuery(route.query, req.query);
    if (route.body !== 'none') exchange.body = await readBody(req, res, route.body);
    await route.handler(exchange);
  };
}

function guardOf(operator: AppDeps['operator']): OperatorGuard {
  if (!operator) throw new Error('a route asks for the operator but there is no guard');
  return operator.guard;
}

/** The only place that answers an error: a problem document, never a stack. */
function answerError({ log }: AppDeps): ErrorRequestHandler {
  return (error: unknown, _req, res, _next) => {
    const locals = localsOf(res);
    const problem = toProblem(error);
    const lines = locals.fields ? logOf(locals, log) : log;
    if (problem.status >= 500) lines.error({ err: asError(problem.facts.cause ?? error), codigo: problem.codigo }, 'call failed');
    else lines.info({ codigo: problem.codigo, detail: problem.message, faults: problem.facts.faults }, 'call refused');
    // Half an answer is out: cutting the connection is the only way left to say that it is not whole.
    if (res.headersSent) return void res.destroy();
    // A handler may have said already what its answer would have been.
    res.removeHeader('ETag');
    res.set('Cache-Control', 'no-store');
    if (problem.facts.headers) res.set(problem.facts.headers);
    res
      .status(problem.status)
      .type('application/problem+json')
      .send(JSON.stringify(problemBody(problem, locals.trace?.traceId ?? '')));
  };
}

/** What was thrown as a problem: ours, a refusal of administration, an unreachable database, a request that Express itself refused, or a bug. */
function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Refused) return refusedProblem(error);
  const unavailable = unavailableProblem(error);
  if (unavailable) return unavailable;
  const { status } = error as { status?: unknown };
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new Problem('requisicao-invalida', `A requisição não pôde ser lida (${STATUS_CODES[status] ?? status}).`, { cause: error });
  }
  return new Problem('erro-interno', 'Ocorreu um erro interno. Informe o valor de "instance" ao suporte.', { cause: error });
}
