import type { X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '@malote/runtime/clock';
import { type Answer, authorize, type CallContext } from './authorize.ts';
import { type Autorizador, findAutorizador } from './autorizadores.ts';
import type { Call, CallLog } from './calls.ts';
import { holderOf, isInForce } from './certificate.ts';
import type { Ends } from './connections.ts';
import { consult } from './consult.ts';
import type { CscRegistry } from './csc.ts';
import type { Database } from './database.ts';
import type { Deadlines } from './deadlines.ts';
import { receiveEvents } from './events.ts';
import type { FaultRegistry, Match, Taken } from './faults.ts';
import { type CallIdentity, identify } from './identify.ts';
import { inutilize } from './inutilizacao.ts';
import type { SchemaCheck } from './message.ts';
import { motivo } from './motivos.ts';
import { readBody } from './request-body.ts';
import { retornoOf } from './retornos.ts';
import { findService, type Service, type ServiceKind } from './services.ts';
import { Refusal, readEnvelope, SoapFault, writeEnvelope, writeFault } from './soap.ts';
import { status } from './status.ts';
import type { SvcSwitches } from './svc.ts';
import type { TlsHostName } from './tls-hosts.ts';

export interface Handling {
  clock: Clock;
  db: Database;
  csc: CscRegistry;
  deadlines: Deadlines;
  svc: SvcSwitches;
  calls: CallLog;
  faults: FaultRegistry;
  /** The check for an environment and a day; undefined in fast mode. */
  schemaCheck: ((ambiente: string, now: Date) => SchemaCheck) | undefined;
  trusted: readonly X509Certificate[];
  /** Cuts the connection. */
  reset(ends: Ends): void;
  /** Aborted when the simulator stops: scripted delays end. */
  signal: AbortSignal;
}

interface Route {
  ambiente: string;
  autorizador: Autorizador;
  service: Service;
}

interface Reply {
  status: number;
  contentType: string;
  body: string;
  cStat?: string;
  xMotivo?: string;
}

const SOAP = 'application/soap+xml; charset=utf-8';

/**
 * One HTTP request from its headers to its entry in the call log. Never rejects.
 * @param host when it is an odd one, the call is logged with it as its fault
 * @param given the body, when it was read before
 */
export async function handleCall(
  request: IncomingMessage,
  response: ServerResponse,
  handling: Handling,
  host: TlsHostName = 'normal',
  given?: Promise<Buffer | undefined>,
): Promise<void> {
  const started = handling.clock.monotonic();
  const { localPort, remotePort } = request.socket;
  // Taken now: a socket that has been closed forgets it, and a late arrival is processed all the same.
  const certificate = (request.socket as TLSSocket).getPeerX509Certificate();
  const route = readRoute(request.url ?? '');
  const place: Match = route
    ? { ambiente: route.ambiente, autorizador: route.autorizador.name, modelo: route.autorizador.modelo, service: route.service.name }
    : {};
  const odd = host === 'normal' ? {} : { fault: `host ${host}` };
  const record = { n: handling.calls.nextNumber(), at: handling.clock.now().toISOString(), ...place, ...odd };
  let identity: CallIdentity = {};
  let logged = false;
  const log = (outcome: Call['outcome'], extra: Partial<Call> = {}) => {
    if (logged) return;
    logged = true;
    handling.calls.add({ ...record, ...identity, ...extra, outcome, durationMs: handling.clock.monotonic() - started });
  };
  const cut = (extra: Partial<Call>) => {
    log('cut', extra);
    handling.reset({ localPort, remotePort });
  };
  const send = (reply: Reply, extra: Partial<Call> = {}) => {
    const { cStat, xMotivo, status: httpStatus } = reply;
    const facts = { ...(cStat === undefined ? {} : { cStat }), ...(xMotivo === undefined ? {} : { xMotivo }), httpStatus, ...extra };
    if (response.destroyed) return log('gone', facts);
    response.writeHead(httpStatus, { 'content-type': reply.contentType, 'content-length': Buffer.byteLength(reply.body) });
    // Logged first: whoever has read the answer finds the call in the log.
    log('answered', facts);
    response.end(reply.body);
  };

  try {
    if (!route) return send(plain(404, `${request.url ?? ''}: no such service; paths are /{ambiente}/{autorizador}/{modelo}/{service}`));
    if (request.method !== 'POST') return send(plain(405, 'POST only'));
    const bytes = Number(request.headers['content-length'] ?? 0);
    const early = handling.faults.take('headers', place, handling.clock.now(), bytes);
    if (early?.kind.reply) {
      // Read to its end behind the answer: closing at once would reset the connection, and the answer could be lost.
      request.resume();
      return send(early.kind.reply, { fault: early.fault.fault });
    }
    if (early) return cut({ fault: early.fault.fault });

    const body = await (given ?? readBody(request));
    if (body === undefined) return send(plain(413, 'Request Entity Too Large'));
    const text = body.toString('utf8');
    identity = identify(text);
    const taken = handling.faults.take('body', { ...place, ...identity }, handling.clock.now());
    const { fault, kind, delayMs = 0 }: Partial<Taken> = taken ?? {};
    const extra = fault ? { fault: fault.fault } : {};
    const wait = () => pause(delayMs, undefined, { signal: handling.signal });

    if (kind?.act === 'delay' && kind.before) await wait();
    const processed =
      !kind || kind.processes
        ? await processCall({ headers: request.headers, certificate, body, text, identity, route }, handling)
        : undefined;
    const decided = processed?.cStat === undefined ? extra : { ...extra, cStat: processed.cStat, xMotivo: processed.xMotivo ?? '' };
    if (kind?.act === 'reset') return cut(decided);
    if (kind?.act === 'hang') return log('hanging', decided);
    if (kind?.act === 'http' && kind.reply) return send(kind.reply, extra);
    if (kind?.act === 'delay' && !kind.before) await wait();
    if (kind?.act === 'retorno' && fault) {
      const { cStat = '', xMotivo, level = 'lote' } = fault;
      const place = { kind: route.service.kind, ambiente: route.ambiente, autorizador: route.autorizador };
      const answer = retornoOf({ ...place, now: handling.clock.now(), body: text, chave: identity.chave, cStat, xMotivo, level });
      return send(soap(route.service, answer), extra);
    }
    if (processed) send(processed, extra);
  } catch (error) {
    if (request.socket.destroyed || handling.signal.aborted) log('gone', { error: (error as Error).message });
    else send(plain(500, 'Internal Server Error'), { error: String((error as Error).stack ?? error) });
  }
}

const SERVICE: Record<ServiceKind, (payload: string, context: CallContext) => Answer | Promise<Answer>> = {
  authorize,
  consult,
  status,
  event: receiveEvents,
  inutilize,
};

/** `/{ambiente}/{autorizador}/{modelo}/{service}`, e.g. `/2/SVRS/55/NFeAutorizacao4`. */
function readRoute(url: string): Route | undefined {
  const [, ambiente = '', name = '', modelo = '', serviceName = '', ...rest] = (url.split('?')[0] ?? '').split('/');
  const autorizador = findAutorizador(modelo, name);
  const service = findService(serviceName);
  if (!/^[12]$/.test(ambiente) || !autorizador || !service || rest.length > 0) return undefined;
  // AN has no notes of its own, and an SVC voids no numbers.
  if (autorizador.kind === 'an' && service.kind !== 'event') return undefined;
  if (autorizador.kind === 'svc' && service.kind === 'inutilize') return undefined;
  if (service.only && (service.only.autorizador !== name || service.only.modelo !== modelo)) return undefined;
  return { ambiente, autorizador, service };
}

interface Received {
  headers: IncomingMessage['headers'];
  certificate: X509Certificate | undefined;
  body: Buffer;
  text: string;
  identity: CallIdentity;
  route: Route;
}

async function processCall({ headers, certificate, body, text, identity, route }: Received, handling: Handling): Promise<Reply> {
  const { ambiente, autorizador, service } = route;
  const now = handling.clock.now();
  try {
    const payload = readEnvelope(body, headers['content-type'], service);
    const transmitter = transmitterOf(certificate, now);
    const check = handling.schemaCheck?.(ambiente, now);
    const { db, csc, deadlines, svc, trusted } = handling;
    const context: CallContext = { autorizador, ambiente, service, now, db, csc, deadlines, svc, trusted, transmitter, checkSchema: check };
    const answer = await SERVICE[service.kind](payload, context);
    return soap(service, answer);
  } catch (error) {
    if (error instanceof SoapFault) return { status: error.status, contentType: SOAP, body: writeFault(error) };
    if (!(error instanceof Refusal)) throw error;
    const { cStat, detail } = error;
    const base = { kind: service.kind, ambiente, autorizador, now, body: text, chave: identity.chave, level: 'lote' as const };
    return soap(service, retornoOf({ ...base, cStat, xMotivo: motivo(cStat, detail) }));
  }
}

/** Whose certificate opened the connection. Chain and dates were checked by TLS; a shifted clock may see other dates. */
function transmitterOf(certificate: X509Certificate | undefined, now: Date): string {
  const holder = certificate && holderOf(certificate.raw);
  if (!certificate || !holder) throw new Refusal('282');
  if (!isInForce(certificate, now)) throw new Refusal('281');
  return holder;
}

function soap(service: Service, { retorno, cStat, xMotivo }: Answer): Reply {
  return { status: 200, contentType: SOAP, body: writeEnvelope(service, retorno), cStat, xMotivo };
}

const plain = (httpStatus: number, body: string): Reply => ({ status: httpStatus, contentType: 'text/plain; charset=utf-8', body });
