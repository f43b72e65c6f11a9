import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { CallFilter, CallLog } from './calls.ts';
import type { Autorizacao, Database } from './database.ts';
import { FaultError, type FaultRegistry } from './faults.ts';

export interface AdminDependencies {
  calls: CallLog;
  db: Database;
  faults: FaultRegistry;
  /** Called when a fault came that concerns new connections. */
  onConnectionFault(): void;
  health(): object;
}

interface Answer {
  status: number;
  body: unknown;
}

type Handler = (query: URLSearchParams, body: unknown, id: string | undefined) => Answer;

const CALL_FIELDS = ['chave', 'cnpj', 'serie', 'numero', 'service', 'autorizador', 'ambiente', 'modelo', 'cStat', 'fault', 'outcome', 'n'];
const NOTE_FIELDS = ['chave', 'emitente', 'serie', 'numero', 'autorizador', 'ambiente', 'modelo', 'cUF', 'nProt'];
const ok = (body: unknown): Answer => ({ status: 200, body });

/** The control side: plain HTTP with JSON, to be bound to the loopback address only. */
export function createAdmin({ calls, db, faults, onConnectionFault, health }: AdminDependencies): Server {
  const handlers: Record<string, Handler> = {
    'GET /health': () => ok(health()),
    'GET /faults': () => ok(faults.list()),
    'POST /faults': (_query, body) => {
      const fault = faults.add(body);
      if (fault.fault === 'refuse-tls') onConnectionFault();
      return { status: 201, body: fault };
    },
    'DELETE /faults': (_query, _body, id) => {
      const removed = faults.remove(id);
      return id !== undefined && removed === 0 ? { status: 404, body: { error: `no fault ${id}` } } : ok({ removed });
    },
    'GET /calls': (query) => ok(calls.list(filterOf(query, CALL_FIELDS))),
    'GET /documents': (query) => ok(db.list(noteFilter(query))),
    'GET /authorizations': (query) => ok(db.report(noteFilter(query))),
  };

  return createServer((request, response) => {
    answer(request, handlers).then(
      (result) => send(response, result),
      (error: Error) => send(response, { status: error instanceof FaultError ? 400 : 500, body: { error: error.message } }),
    );
  });
}

async function answer(request: IncomingMessage, handlers: Record<string, Handler>): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const [, resource = '', id] = url.pathname.split('/');
  const handler = handlers[`${request.method} /${resource}`];
  if (!handler) return { status: 404, body: { error: `${request.method} ${url.pathname}`, known: Object.keys(handlers) } };
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return handler(url.searchParams, text === '' ? undefined : readJson(text), id);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FaultError(`the body is not JSON: ${(error as Error).message}`);
  }
}

function filterOf(query: URLSearchParams, fields: readonly string[]): CallFilter {
  for (const name of query.keys()) {
    if (!fields.includes(name)) throw new FaultError(`"${name}" is no filter; filters are ${fields.join(', ')}`);
  }
  return Object.fromEntries(query);
}

function noteFilter(query: URLSearchParams): (note: Autorizacao) => boolean {
  // `cnpj` is what the call log names the emitter.
  const cnpj = query.get('cnpj');
  query.delete('cnpj');
  if (cnpj !== null) query.set('emitente', cnpj);
  const wanted = Object.entries(filterOf(query, NOTE_FIELDS));
  return (note) => wanted.every(([field, value]) => String(note[field as keyof Autorizacao]) === value);
}

function send(response: ServerResponse, { status, body }: Answer): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
