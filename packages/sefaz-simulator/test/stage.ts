import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@malote/runtime/clock';
import { openCatalog } from '@malote/schemas/catalog';
import { installSchemas } from '@malote/schemas/install';
import { createValidator, type Validator } from '@malote/schemas/validator';
import { createCa, type IssuedCertificate, issueClientPem, issueServerCertificate } from '@malote/testkit/certificates';
import { eventually } from '@malote/testkit/eventually';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import type { Call } from '../calls.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../server.ts';
import { findService } from '../services.ts';

export const CNPJ = sampleCnpj(1);
export const schemasDir = process.env.MALOTE_TEST_SCHEMAS ?? fileURLToPath(new URL('../../../.malote/schemas', import.meta.url));

/** A reply, with the retorno cut out of the envelope and its fields at hand. */
export interface Reply {
  status: number;
  body: string;
  /** Whether TLS took an earlier session up again. */
  resumed: boolean;
  /** Version of TLS. */
  protocol: string | null;
  retorno: string;
  /** Every `<name>` of the retorno in order, e.g. `['104', '100']` for cStat. */
  all(name: string): string[];
}

export interface CallOptions {
  autorizador?: string;
  ambiente?: string;
  modelo?: string;
  credential?: { certPem: string; keyPem: string } | null;
  headers?: Record<string, string>;
  /** The whole HTTP body in place of the envelope around the payload. */
  raw?: string | Buffer;
  agent?: Agent;
  signal?: AbortSignal;
  /** In place of the simulator's own URL. */
  origin?: string | undefined;
}

export interface Stage {
  simulator: Simulator;
  dir: string;
  ca: ReturnType<typeof createCa>;
  company: IssuedCertificate;
  validator: Validator;
  options: SimulatorOptions;
  call(service: string, payload: string, options?: CallOptions): Promise<Reply>;
  admin<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
  calls(query: string): Promise<Call[]>;
  /** Resolves when the simulator goes by the shifted clock. */
  shiftClock(offsetMs: number, toleranceMs?: number): Promise<void>;
  /** Stops it, runs `between`, and starts it again on the same state (and other ports). */
  restart(between?: () => void): Promise<void>;
  close(): Promise<void>;
}

/** A simulator of its own on free ports with a fresh state, a CA, and a company's certificate. */
export async function startStage(extra: Partial<SimulatorOptions> = {}): Promise<Stage> {
  await installSchemas({ dir: schemasDir });
  const dir = mkdtempSync(join(tmpdir(), 'sefaz-simulator-'));
  const ca = createCa();
  const server = issueServerCertificate(ca, { hosts: ['127.0.0.1', 'localhost'] });
  const company = issueClientPem(ca, { cnpj: CNPJ, razaoSocial: 'Comercial Exemplo Ltda' });
  const clockFile = join(dir, 'clock.json');
  const options: SimulatorOptions = {
    port: 0,
    adminPort: 0,
    stateDir: join(dir, 'state'),
    schemasDir,
    serverCertPem: server.certPem,
    serverKeyPem: server.keyPem,
    clientCaPem: ca.certPem,
    serverCa: ca,
    clockFile,
    ...extra,
  };
  let simulator = await startSimulator(options);
  const agent = () => new Agent({ keepAlive: false });

  const stage: Stage = {
    get simulator() {
      return simulator;
    },
    dir,
    ca,
    company,
    validator: createValidator(openCatalog(schemasDir)),
    options,
    async call(service, payload, o = {}) {
      const { autorizador = 'SP', ambiente = '2', modelo = '55', credential = company, headers = {}, raw } = o;
      const known = findService(service);
      const action = `${known?.wsdl}/${known?.operation}`;
      const body = raw ?? envelope(known?.wsdl ?? '', payload);
      return post(`${o.origin ?? simulator.url}/${ambiente}/${autorizador}/${modelo}/${service}`, body, {
        ca: ca.certPem,
        ...(credential ? { cert: credential.certPem, key: credential.keyPem } : {}),
        headers: { 'content-type': `application/soap+xml; charset=utf-8; action="${action}"`, ...headers },
        agent: o.agent ?? agent(),
        ...(o.signal ? { signal: o.signal } : {}),
      });
    },
    async admin<T>(method: string, path: string, body?: unknown) {
      const answer = await fetch(simulator.adminUrl + path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      return (await answer.json()) as T;
    },
    calls: (query) => stage.admin<Call[]>('GET', `/calls?${query}`),
    async shiftClock(offsetMs, toleranceMs = 60_000) {
      writeFileSync(clockFile, JSON.stringify({ offsetMs }));
      const shown = async () => Date.parse((await stage.admin<{ now: string }>('GET', '/health')).now);
      await eventually(async () => Math.abs((await shown()) - systemClock.now().getTime() - offsetMs) < toleranceMs);
    },
    async restart(between) {
      await simulator.close();
      between?.();
      simulator = await startSimulator(options);
    },
    async close() {
      await simulator.close();
      stage.validator.dispose();
      rmSync(dir, { recursive: true });
    },
  };
  return stage;
}

/** The retorno of a reply against its official schema, for events that of the kind. */
export function assertValid(stage: Stage, reply: Reply, tpEvento?: string): void {
  const [, root = '', versao = ''] = /^<(\w+)[^>]*versao="([\d.]+)"/.exec(reply.retorno) ?? [];
  const event = tpEvento === undefined ? {} : { tpEvento };
  const query = { familia: 'nfe', root, versao, ambiente: '2' as const, date: systemClock.now(), ...event };
  assert.deepEqual(stage.validator.validate(reply.retorno, query), []);
}

export function envelope(wsdl: string, payload: string): string {
  return (
    '<?xml version="1.0" encoding="utf-8"?><soap12:Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ' +
    'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:soap12="http://www.w3.org/2003/05/soap-envelope"><soap12:Body>' +
    `<nfeDadosMsg xmlns="${wsdl}">${payload}</nfeDadosMsg></soap12:Body></soap12:Envelope>`
  );
}

/** Posts once; resolves with the whole reply. */
export function post(url: string, body: string | Buffer, options: object): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', ...options }, (incoming) => {
      const chunks: Buffer[] = [];
      const resumed = (incoming.socket as TLSSocket).isSessionReused();
      const protocol = (incoming.socket as TLSSocket).getProtocol();
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const retorno = /<nfeResultMsg[^>]*>([\s\S]*)<\/nfeResultMsg>/.exec(text)?.[1] ?? '';
        const all = (name: string) => [...retorno.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map((found) => found[1] ?? '');
        resolve({ status: incoming.statusCode ?? 0, resumed, protocol, body: text, retorno, all });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
