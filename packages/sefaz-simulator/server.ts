import { once } from 'node:events';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { clockWith } from '@malote/runtime/clock';
import { openCatalog } from '@malote/schemas/catalog';
import { createValidator } from '@malote/schemas/validator';
import { readCa } from '@malote/testkit/certificates';
import { createAdmin } from './admin.ts';
import { openCallLog } from './calls.ts';
import { readCertificates } from './certificate.ts';
import { createConnections } from './connections.ts';
import { createCscRegistry } from './csc.ts';
import { openDatabase } from './database.ts';
import { createDeadlines } from './deadlines.ts';
import { createFaultRegistry } from './faults.ts';
import { type Handling, handleCall } from './handle-call.ts';
import type { SchemaCheck } from './message.ts';
import { applyScenario, readScenario, type ScenarioSummary } from './scenario.ts';
import { createSvcSwitches } from './svc.ts';
import { createTlsHosts, ODD_HOSTS, type TlsHostName } from './tls-hosts.ts';

export interface SimulatorOptions {
  /** 0 takes a free port. */
  port: number;
  adminPort: number;
  /** Address of the SEFAZ side, default 127.0.0.1; the admin API is always on 127.0.0.1. */
  host?: string;
  /** Directory of state.jsonl and calls.jsonl; made when absent. */
  stateDir: string;
  /** Directory of the installed XSD packs; undefined only in fast mode. */
  schemasDir: string | undefined;
  serverCertPem: string;
  serverKeyPem: string;
  /** Authorities whose client certificates may connect and sign. */
  clientCaPem: string;
  /** The authority of `serverCertPem` and its key: without them there is no host with an expired certificate. */
  serverCa?: { certPem: string; keyPem: string } | undefined;
  /** The odd hosts (wrong chain, expired certificate, renegotiation) on ports of their own too, not only as faults. */
  oddHosts?: boolean;
  /** CSCs of companies, as `POST /csc` takes them. */
  csc?: readonly unknown[];
  /** Deadlines of states, as `POST /deadlines` takes them. */
  deadlines?: readonly unknown[];
  /** A scenario to begin with, as `POST /scenario` takes it. */
  scenario?: unknown;
  /** File with `{"offsetMs": n}` that shifts the clock. */
  clockFile?: string | undefined;
  /** Neither schema nor signature is checked: for measuring a client's throughput, not its correctness. */
  fast?: boolean;
  /** Takes one readable line per call. */
  print?: (line: string) => void;
}

export interface Simulator {
  url: string;
  adminUrl: string;
  /** URLs of the odd hosts that have ports of their own. */
  hosts: Partial<Record<TlsHostName, string>>;
  /** Lets running calls end for a second, cuts what is left, and closes the files. */
  close(): Promise<void>;
}

const DRAIN_MS = 1_000;

/**
 * Starts a SEFAZ: HTTPS with a mandatory client certificate, and the admin API.
 * @throws Error when the schemas are missing, a certificate is unreadable, or a port is taken
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const print = options.print ?? (() => {});
  const clock = clockWith({ testClockFile: options.clockFile, production: false });
  const schemaCheck = options.fast ? undefined : schemaChecks(options.schemasDir, clock.now());
  const trusted = readCertificates(options.clientCaPem);
  const db = openDatabase(options.stateDir);
  const calls = openCallLog(options.stateDir, print);
  const csc = createCscRegistry();
  for (const entry of options.csc ?? []) csc.add(entry);
  const deadlines = createDeadlines();
  for (const entry of options.deadlines ?? []) deadlines.add(entry);
  const svc = createSvcSwitches();
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();

  const noTls = (extra: { fault: string } | { error: string }) =>
    calls.add({ n: calls.nextNumber(), at: clock.now().toISOString(), outcome: 'no-tls', durationMs: 0, ...extra });
  const tlsHosts = createTlsHosts({
    certPem: options.serverCertPem,
    keyPem: options.serverKeyPem,
    clientCaPem: options.clientCaPem,
    issuer: options.serverCa && readCa(options.serverCa),
    // What an odd host makes of a connection is told when the connection comes.
    onTlsError: (error, host) => host === 'normal' && noTls({ error: error.code ?? error.message }),
    onRequest(request, response, host, body) {
      const { localPort, remotePort } = request.socket;
      const ends = { localPort, remotePort };
      connections.setBusy(ends, true);
      response.once('close', () => connections.setBusy(ends, false));
      const call = handleCall(request, response, handling, host, body).finally(() => running.delete(call));
      running.add(call);
    },
  });
  tlsHosts.provide('normal');
  const faults = createFaultRegistry(({ stage, host }) => {
    if (host) tlsHosts.provide(host);
    if (stage === 'connection') connections.closeIdle();
  });
  const connections = createConnections((socket, host) => {
    const taken = faults.take('connection', {}, clock.now());
    const odd = taken?.kind.host ?? host;
    if (taken?.kind.act === 'reset' || (odd !== 'normal' && odd !== 'renegotiation')) noTls({ fault: taken?.fault.fault ?? `host ${odd}` });
    if (taken?.kind.act === 'reset') return false;
    tlsHosts.accept(odd, socket);
    return true;
  });
  const handling: Handling = {
    clock,
    db,
    csc,
    deadlines,
    svc,
    calls,
    faults,
    schemaCheck,
    trusted,
    reset: connections.reset,
    signal: stopping.signal,
  };

  let current: ScenarioSummary | undefined;
  const scenario = {
    current: () => current,
    async load(input: unknown) {
      const now = clock.now();
      current = await applyScenario(readScenario(input, now), { db, csc, deadlines, svc, faults, now });
      return current;
    },
    end() {
      current = undefined;
    },
  };
  if (options.scenario !== undefined) await scenario.load(options.scenario);
  const hosts: Partial<Record<TlsHostName, string>> = {};
  const health = () => ({ status: 'ok', now: clock.now().toISOString(), running: running.size, fast: options.fast === true, url, hosts });
  const admin = createAdmin({ clock, calls, db, csc, deadlines, svc, faults, scenario, health });

  const host = options.host ?? '127.0.0.1';
  const url = `https://${await listen(connections.server('normal'), options.port, host)}`;
  for (const odd of options.oddHosts ? ODD_HOSTS : []) {
    tlsHosts.provide(odd);
    hosts[odd] = `https://${await listen(connections.server(odd), 0, host)}`;
  }
  const adminUrl = `http://${await listen(admin, options.adminPort, '127.0.0.1')}`;

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    connections.close();
    admin.close();
    connections.closeIdle();
    stopping.abort();
    const timeout = new Promise((resolve) => setTimeout(resolve, DRAIN_MS).unref());
    await Promise.race([Promise.all(running), timeout]);
    connections.closeAll();
    admin.closeAllConnections();
    await Promise.all(running);
    await db.close();
    await calls.close();
  }
  return {
    url,
    adminUrl,
    hosts,
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** One compiled validator for all calls. Also proves that the packs hold what the services need. */
function schemaChecks(dir: string | undefined, now: Date): (ambiente: string, now: Date) => SchemaCheck {
  if (dir === undefined) throw new Error('the directory of the XSD packs is required (--schemas)');
  const catalog = openCatalog(dir);
  const validator = createValidator(catalog);
  const query = (root: string, ambiente: string, date: Date, tpEvento?: string) => ({
    familia: 'nfe',
    root,
    versao: root === 'envEvento' ? '1.00' : '4.00',
    ambiente: ambiente as '1' | '2',
    date,
    ...(tpEvento === undefined ? {} : { tpEvento }),
  });
  for (const root of ['NFe', 'enviNFe', 'consSitNFe', 'consStatServ', 'envEvento', 'inutNFe']) {
    const file = catalog.find(query(root, '2', now));
    if (!file) throw new Error(`no schema for ${root} in ${dir}`);
    validator.compile(file);
  }
  return (ambiente, date) => (xml, root, tpEvento) => validator.validate(xml, query(root, ambiente, date, tpEvento));
}

async function listen(server: NetServer, port: number, host: string): Promise<string> {
  server.listen(port, host);
  await once(server, 'listening');
  return `${host}:${(server.address() as AddressInfo).port}`;
}
