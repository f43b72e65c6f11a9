import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { clockWith } from '@malote/runtime/clock';
import { openCatalog } from '@malote/schemas/catalog';
import { createValidator } from '@malote/schemas/validator';
import { createAdmin } from './admin.ts';
import { openCallLog } from './calls.ts';
import { readCertificates } from './certificate.ts';
import { createConnections } from './connections.ts';
import { openDatabase } from './database.ts';
import { createFaultRegistry } from './faults.ts';
import { type Handling, handleCall } from './handle-call.ts';
import type { SchemaCheck } from './message.ts';

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
  const faults = createFaultRegistry();
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();

  const https = createServer({
    key: options.serverKeyPem,
    cert: options.serverCertPem,
    ca: options.clientCaPem,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    // Longer than clients keep idle connections: closing one at the moment it is used again would look like a lost answer.
    keepAliveTimeout: 120_000,
  });
  const noTls = (extra: { fault: string } | { error: string }) =>
    calls.add({ n: calls.nextNumber(), at: clock.now().toISOString(), outcome: 'no-tls', durationMs: 0, ...extra });
  const refused = () => {
    const taken = faults.take('connection', {}, clock.now());
    if (taken) noTls({ fault: taken.fault.fault });
    return taken !== undefined;
  };
  const connections = createConnections((socket) => https.emit('connection', socket), refused);
  const handling: Handling = { clock, db, calls, faults, schemaCheck, trusted, reset: connections.reset, signal: stopping.signal };

  https.on('tlsClientError', (error: NodeJS.ErrnoException) => noTls({ error: error.code ?? error.message }));
  https.on('request', (request, response) => {
    const port = request.socket.remotePort;
    connections.setBusy(port, true);
    response.once('close', () => connections.setBusy(port, false));
    const call = handleCall(request, response, handling).finally(() => running.delete(call));
    running.add(call);
  });
  const health = () => ({ status: 'ok', now: clock.now().toISOString(), running: running.size, fast: options.fast === true });
  const admin = createAdmin({ calls, db, faults, onConnectionFault: connections.closeIdle, health });

  const url = `https://${await listen(connections.server, options.port, options.host ?? '127.0.0.1')}`;
  const adminUrl = `http://${await listen(admin, options.adminPort, '127.0.0.1')}`;

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    connections.server.close();
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
  const query = (root: string, ambiente: string, date: Date) => ({
    familia: 'nfe',
    root,
    versao: '4.00',
    ambiente: ambiente as '1' | '2',
    date,
  });
  for (const root of ['NFe', 'enviNFe', 'consSitNFe', 'consStatServ']) {
    const file = catalog.find(query(root, '2', now));
    if (!file) throw new Error(`no schema for ${root} 4.00 in ${dir}`);
    validator.compile(file);
  }
  return (ambiente, date) => (xml, root) => validator.validate(xml, query(root, ambiente, date));
}

async function listen(server: NetServer, port: number, host: string): Promise<string> {
  server.listen(port, host);
  await once(server, 'listening');
  return `${host}:${(server.address() as AddressInfo).port}`;
}
