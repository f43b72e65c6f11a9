import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { InputError, parseJson } from './json-input.ts';
import { type CompanyFiles, provideCertificates } from './own-certificates.ts';
import { loadScenarioFile, shippedScenarios } from './scenario.ts';
import type { SimulatorOptions } from './server.ts';

export const usage = (): string => `SEFAZ simulator
  --port N            SEFAZ side, HTTPS (0: any free port; default 0)
  --host A            address of the SEFAZ side (default 127.0.0.1)
  --admin-port N      admin API and page, HTTP on 127.0.0.1 (default 0)
  --state DIR         what was authorised, the call log, own certificates; kept over restarts
  --fresh             forgets what was authorised and the call log first
  --schemas DIR       installed XSD packs; needed unless --fast
  --fast              neither schema nor signature is checked
  --scenario FILE     scenario to begin with, or the name of one that is shipped: ${shippedScenarios().join(', ')}
  --csc-file FILE     JSON list of {"cnpj"?, "uf"?, "ambiente"?, "id", "csc"}
  --deadlines-file FILE  JSON list of {"uf"?, "modelo"?, "tpEvento"?, "minutes", "late"?: "refuse"|"accept", "lateMinutes"?}: until when a
                      state takes an event, by default a cancellation (110111); "accept" answers 155 after that
  --odd-hosts         hosts with a wrong chain, an expired certificate, renegotiation on ports of their own
  --clock-file FILE   JSON {"offsetMs": n}: shifts the clock
  --ready-file FILE   gets the ready line too
Certificates, made in --state/certificates:
  --company CNPJ      a company (or CPF) to make a client certificate for; may be given several times
  --server-name NAME  a further name of the server certificate; may be given several times
or given, all three:
  --server-cert FILE  PEM
  --server-key FILE   PEM
  --client-ca FILE    PEM, authorities of the client certificates
  --server-ca FILE, --server-ca-key FILE   the authority of --server-cert, for the expired certificate
`;

export interface ReadOptions {
  simulator: SimulatorOptions;
  readyFile: string | undefined;
  /** Of own certificates: what callers need. */
  ca: string | undefined;
  companies: CompanyFiles[];
}

/** Reads the command line; `undefined` when only help is asked for. @throws InputError and Error with the reason */
export function readOptions(args: string[], print: (line: string) => void): ReadOptions | undefined {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      'admin-port': { type: 'string', default: '0' },
      state: { type: 'string' },
      fresh: { type: 'boolean', default: false },
      schemas: { type: 'string' },
      scenario: { type: 'string' },
      'csc-file': { type: 'string' },
      'deadlines-file': { type: 'string' },
      'odd-hosts': { type: 'boolean', default: false },
      company: { type: 'string', multiple: true, default: [] },
      'server-name': { type: 'string', multiple: true, default: [] },
      'server-cert': { type: 'string' },
      'server-key': { type: 'string' },
      'client-ca': { type: 'string' },
      'server-ca': { type: 'string' },
      'server-ca-key': { type: 'string' },
      'clock-file': { type: 'string' },
      'ready-file': { type: 'string' },
      fast: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const required = (name: 'state' | 'schemas' | 'server-cert' | 'server-key' | 'client-ca'): string => {
    const value = values[name];
    if (value === undefined) throw new InputError(`--${name} is required\n\n${usage()}`);
    return value;
  };
  const pem = (name: 'server-cert' | 'server-key' | 'client-ca') => readFileSync(required(name), 'utf8');
  const pair = (cert: string | undefined, key: string | undefined) =>
    cert !== undefined && key !== undefined ? { certPem: readFileSync(cert, 'utf8'), keyPem: readFileSync(key, 'utf8') } : undefined;

  const stateDir = required('state');
  const schemasDir = values.fast ? undefined : required('schemas');
  const given = values['server-cert'] !== undefined || values['server-key'] !== undefined || values['client-ca'] !== undefined;
  if (given && values.company.length > 0) throw new InputError("--company needs the simulator's own certificates: leave out --server-cert");
  if (values.fresh) for (const name of ['state.jsonl', 'calls.jsonl']) rmSync(join(stateDir, name), { force: true });
  const hosts = [...new Set(['127.0.0.1', 'localhost', values.host, ...values['server-name']])].filter(
    (name) => name !== '0.0.0.0' && name !== '::',
  );
  const own = given ? undefined : provideCertificates(resolve(stateDir, 'certificates'), { hosts, documentos: values.company });
  return {
    readyFile: values['ready-file'],
    ca: own?.caFile,
    companies: own?.companies ?? [],
    simulator: {
      port: portOf(values.port),
      adminPort: portOf(values['admin-port']),
      host: values.host,
      stateDir,
      schemasDir,
      serverCertPem: own ? own.serverCertPem : pem('server-cert'),
      serverKeyPem: own ? own.serverKeyPem : pem('server-key'),
      clientCaPem: own ? own.ca.certPem : pem('client-ca'),
      serverCa: own ? own.ca : pair(values['server-ca'], values['server-ca-key']),
      oddHosts: values['odd-hosts'],
      csc: values['csc-file'] === undefined ? [] : readList(values['csc-file']),
      deadlines: values['deadlines-file'] === undefined ? [] : readList(values['deadlines-file']),
      ...(values.scenario === undefined ? {} : { scenario: loadScenarioFile(values.scenario) }),
      clockFile: values['clock-file'],
      fast: values.fast,
      print,
    },
  };
}

function readList(file: string): unknown[] {
  const list = parseJson(readFileSync(file, 'utf8'), file);
  if (!Array.isArray(list)) throw new InputError(`${file} must be a JSON list`);
  return list;
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InputError(`"${text}" is no port`);
  return port;
}
