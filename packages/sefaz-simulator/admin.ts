import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '@malote/runtime/clock';
import type { CallFilter, CallLog } from './calls.ts';
import type { CscRegistry } from './csc.ts';
import type { Autorizacao, Database } from './database.ts';
import type { Deadlines } from './deadlines.ts';
import type { FaultRegistry } from './faults.ts';
import { readForeignDocument, registerForeign } from './foreign-document.ts';
import { InputError, parseJson } from './json-input.ts';
import { renderPage } from './page.ts';
import { faultOfForm, svcOfForm } from './page-form.ts';
import { loadScenarioFile, type ScenarioSummary } from './scenario.ts';
import type { SvcSwitches } from './svc.ts';

export interface AdminDependencies {
  clock: Clock;
  calls: CallLog;
  db: Database;
  csc: CscRegistry;
  deadlines: Deadlines;
  svc: SvcSwitches;
  faults: FaultRegistry;
  scenario: { current(): ScenarioSummary | undefined; load(input: unknown): Promise<ScenarioSummary>; end(): void };
  health(): { status: string; now: string; running: number; fast: boolean; url: string; hosts: Record<string, string> };
}

interface Answer {
  status: number;
  body?: unknown;
  html?: string;
  location?: string;
}

type Handler = (query: URLSearchParams, body: unknown, id: string | undefined) => Answer | Promise<Answer>;

const CALL_FIELDS = [
  'chave',
  'cUF',
  'tpEmis',
  'cnpj',
  'serie',
  'numero',
  'tpEvento',
  'nSeqEvento',
  'service',
  'autorizador',
  'ambiente',
  'modelo',
].concat(['cStat', 'fault', 'outcome', 'n']);
const NOTE_FIELDS = ['chave', 'emitente', 'serie', 'numero', 'autorizador', 'ambiente', 'modelo', 'cUF', 'tpEmis', 'nProt', 'foreign'];
const EVENT_FIELDS = ['chave', 'tpEvento', 'nSeqEvento', 'autor', 'autorizador', 'ambiente', 'cOrgao', 'cStat', 'nProt'];
const RANGE_FIELDS = ['emitente', 'serie', 'numeroInicial', 'numeroFinal', 'autorizador', 'ambiente', 'modelo', 'cUF', 'nProt'];
const MAX_BODY = 5 * 1024 * 1024;

const ok = (body: unknown): Answer => ({ status: 200, body });
const created = (body: unknown): Answer => ({ status: 201, body });
const toPage: Answer = { status: 303, location: '/' };

/** The control side: plain HTTP with JSON, and a page for people; to be bound to the loopback address only. */
export function createAdmin(dependencies: AdminDependencies): Server {
  const handlers = handlersOf(dependencies);
  return createServer((request, response) => {
    answer(request, handlers).then(
      (result) => send(response, result),
      (error: Error) => send(response, { status: error instanceof InputError ? 400 : 500, body: { error: error.message } }),
    );
  });
}

function handlersOf({ clock, calls, db, csc, deadlines, svc, faults, scenario, health }: AdminDependencies): Record<string, Handler> {
  const page = (query: URLSearchParams, error?: string) =>
    renderPage(
      {
        calls: calls.list({}),
        faults: faults.list(),
        report: db.report(() => true),
        notes: db.list(() => true),
        csc: csc.list(),
        events: db.listEvents(() => true),
        ranges: db.listVoided(),
        svc: svc.list(),
      },
      {
        health: health(),
        scenario: scenario.current(),
        all: query.has('all'),
        error,
      },
    );
  const remove = (id: string | undefined) => {
    if (id === undefined) scenario.end();
    return faults.remove(id);
  };
  return {
    'GET /': (query) => ({ status: 200, html: page(query) }),
    'POST /form': async (_query, body, action) => {
      const form = new URLSearchParams(String(body ?? ''));
      try {
        if (action === 'add') faults.add(faultOfForm(form), clock.now());
        else if (action === 'remove') remove(form.get('id') ?? undefined);
        else if (action === 'svc') svc.add(svcOfForm(form), clock.now());
        else if (action === 'svc-reset') svc.clear();
        else if (action === 'scenario') await scenario.load(loadScenarioFile(form.get('name') ?? ''));
        else return { status: 404, body: { error: `no form ${action}` } };
        return toPage;
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        return { status: 400, html: page(new URLSearchParams(), error.message) };
      }
    },
    'GET /health': () => ok(health()),
    'GET /faults': () => ok(faults.list()),
    'POST /faults': (_query, body) => created(faults.add(body, clock.now())),
    'DELETE /faults': (_query, _body, id) => {
      const removed = remove(id);
      return id !== undefined && removed === 0 ? { status: 404, body: { error: `no fault ${id}` } } : ok({ removed });
    },
    'GET /scenario': () => ok(scenario.current() ?? null),
    'POST /scenario': async (_query, body) => created(await scenario.load(typeof body === 'string' ? loadScenarioFile(body) : body)),
    'DELETE /scenario': () => ok({ removed: remove(undefined) }),
    'GET /csc': () => ok(csc.list()),
    'POST /csc': (_query, body) => created(csc.add(body)),
    'DELETE /csc': () => ok({ removed: csc.clear() }),
    'GET /deadlines': () => ok(deadlines.list()),
    'POST /deadlines': (_query, body) => created(deadlines.add(body)),
    'DELETE /deadlines': () => ok({ removed: deadlines.clear() }),
    'GET /svc': () => ok(svc.list()),
    'POST /svc': (_query, body) => created(svc.add(body, clock.now())),
    'DELETE /svc': () => ok({ removed: svc.clear() }),
    'GET /calls': (query) => ok(calls.list(filterOf(query, CALL_FIELDS))),
    'GET /documents': (query) => ok(db.list(noteFilter(query))),
    'GET /events': (query) => ok(db.listEvents(equalTo(query, EVENT_FIELDS))),
    'GET /inutilizacoes': (query) => ok(db.listVoided().filter(equalTo(query, RANGE_FIELDS))),
    'POST /documents': async (_query, body) => created(await registerForeign(readForeignDocument(body, clock.now()), db)),
    'GET /authorizations': (query) => ok(db.report(noteFilter(query))),
  };
}

async function answer(request: IncomingMessage, handlers: Record<string, Handler>): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const [, resource = '', id] = url.pathname.split('/');
  const key = `${request.method} /${resource}`;
  const handler = Object.hasOwn(handlers, key) ? handlers[key] : undefined;
  if (!handler) return { status: 404, body: { error: `${request.method} ${url.pathname}`, known: Object.keys(handlers) } };
  // A page of somebody else, open in a browser on this machine, must not command the simulator.
  const { origin, host } = request.headers;
  if (origin !== undefined && origin !== `http://${host}`) return { status: 403, body: { error: `not from ${origin}` } };
  const text = await readBody(request);
  const isForm = /^application\/x-www-form-urlencoded/.test(request.headers['content-type'] ?? '');
  return handler(url.searchParams, text === '' ? undefined : resource === 'form' && isForm ? text : parseJson(text, 'the body'), id);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new InputError(`the body is larger than ${MAX_BODY} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function filterOf(query: URLSearchParams, fields: readonly string[]): CallFilter {
  for (const name of query.keys()) {
    if (!fields.includes(name)) throw new InputError(`"${name}" is no filter; filters are ${fields.join(', ')}`);
  }
  return Object.fromEntries(query);
}

function noteFilter(query: URLSearchParams): (note: Autorizacao) => boolean {
  // `cnpj` is what the call log names the emitter.
  const cnpj = query.get('cnpj');
  query.delete('cnpj');
  if (cnpj !== null) query.set('emitente', cnpj);
  return equalTo(query, NOTE_FIELDS);
}

/** Entries whose given fields, as text, are equal. */
function equalTo<T extends object>(query: URLSearchParams, fields: readonly string[]): (entry: T) => boolean {
  const wanted = Object.entries(filterOf(query, fields));
  return (entry) => wanted.every(([field, value]) => String(entry[field as keyof T] ?? false) === value);
}

function send(response: ServerResponse, { status, body, html, location }: Answer): void {
  const text = html ?? (body === undefined ? '' : JSON.stringify(body));
  response.writeHead(status, {
    'content-type': `${html === undefined ? 'application/json' : 'text/html'}; charset=utf-8`,
    'content-length': Buffer.byteLength(text),
    ...(html === undefined ? {} : { 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'" }),
    ...(location === undefined ? {} : { location }),
  });
  response.end(text);
}
