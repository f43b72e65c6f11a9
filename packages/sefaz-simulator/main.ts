import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startSimulator } from './server.ts';

const USAGE = `SEFAZ simulator
  --port N            SEFAZ side, HTTPS (0: any free port; default 0)
  --host A            address of the SEFAZ side (default 127.0.0.1)
  --admin-port N      admin API, HTTP on 127.0.0.1 (default 0)
  --state DIR         what was authorised, and the call log; kept over restarts
  --schemas DIR       installed XSD packs; needed unless --fast
  --server-cert FILE  PEM
  --server-key FILE   PEM
  --client-ca FILE    PEM, authorities of the client certificates
  --clock-file FILE   JSON {"offsetMs": n}: shifts the clock
  --ready-file FILE   gets the ready line too
  --fast              neither schema nor signature is checked
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      'admin-port': { type: 'string', default: '0' },
      state: { type: 'string' },
      schemas: { type: 'string' },
      'server-cert': { type: 'string' },
      'server-key': { type: 'string' },
      'client-ca': { type: 'string' },
      'clock-file': { type: 'string' },
      'ready-file': { type: 'string' },
      fast: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const required = (name: 'state' | 'schemas' | 'server-cert' | 'server-key' | 'client-ca'): string => {
    const value = values[name];
    if (value === undefined) throw new Error(`--${name} is required\n\n${USAGE}`);
    return value;
  };
  const pem = (name: 'server-cert' | 'server-key' | 'client-ca') => readFileSync(required(name), 'utf8');
  const simulator = await startSimulator({
    port: portOf(values.port),
    adminPort: portOf(values['admin-port']),
    host: values.host,
    stateDir: required('state'),
    schemasDir: values.fast ? undefined : required('schemas'),
    serverCertPem: pem('server-cert'),
    serverKeyPem: pem('server-key'),
    clientCaPem: pem('client-ca'),
    clockFile: values['clock-file'],
    fast: values.fast,
    print: (line) => process.stderr.write(`${line}\n`),
  });
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      simulator.close().then(
        () => process.exit(0),
        (error) => fail(error),
      );
    });
  }
  const ready = JSON.stringify({ ready: true, url: simulator.url, admin: simulator.adminUrl });
  if (values['ready-file']) writeFileSync(values['ready-file'], `${ready}\n`);
  process.stdout.write(`${ready}\n`);
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`"${text}" is no port`);
  return port;
}

function fail(error: unknown): void {
  process.stderr.write(`sefaz-simulator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
