import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createVhost, type StackAddress, testStack } from '@malote/devstack/devstack';
import { deleteVhost } from '@malote/devstack/management-api';
import { createProcessGuard } from '@malote/devstack/process-guard';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { createSecretBox } from '@malote/runtime/secret-box';
import { installSchemas } from '@malote/schemas/install';
import { connectStore, type Store } from '@malote/store/connect';
import { type Ca, createCa, issueServerCertificate } from '@malote/testkit/certificates';
import { eventually } from '@malote/testkit/eventually';
import { type Db, MongoClient } from 'mongodb';
import { type RunningProcess, startProcess } from './running-process.ts';
import { type SimulatorApi, simulatorApi } from './simulator-api.ts';

/** The working copy. */
export const ROOT = resolve(import.meta.dirname, '..');
const MASTER_KEY = `e2e:${Buffer.alloc(32, 5).toString('base64')}`;
const STOP_GRACE_MS = 15_000;

/** All but `edge`, `emission` and `simulator`: only a test has them that starts them. */
export type ServiceName =
  | ('edge' | 'edge-2' | 'emission' | 'emission-2' | 'simulator')
  | ('entity-block' | 'entity-block-2' | 'contingency' | 'contingency-2');

export interface HubOptions {
  /** Servers to use; the run's own by default. A test that stops a server brings its own. */
  stack?: StackAddress;
  /** Copy of the tree that the services are started from. */
  root?: string;
  /** Added to every service's environment. */
  env?: Record<string, string>;
  /** The simulator checks neither schema nor signature. */
  fast?: boolean;
}

export interface StartOptions {
  /** Does not wait until it is ready. */
  unready: true;
}

/** Edge, emission and simulator as real processes, on their own database, virtual host, Redis prefix and clock. */
export interface Hub {
  stack: StackAddress;
  store: Store;
  /** The database, to look behind the store. */
  raw: Db;
  simulator: SimulatorApi;
  ca: Ca;
  /** Environment of the services, for `malote`. */
  env: NodeJS.ProcessEnv;
  url(): string;
  service(name: ServiceName): RunningProcess;
  /** Starts it again after `kill` or `stop`: the simulator on its old ports with what it had authorised, without its scripted faults. */
  start(name: ServiceName, extra?: Record<string, string>, options?: StartOptions): Promise<void>;
  /** SIGKILL, and its end. */
  kill(name: ServiceName): Promise<void>;
  /** SIGTERM; gives the exit code. */
  stop(name: ServiceName): Promise<number | null>;
  /** Moves the clock of every process of this hub; resolves when every one of them must have seen it. */
  advance(ms: number): void;
  now(): Date;
  close(): Promise<void>;
}

/** Starts a whole hub. The caller closes it; every child ends with this process in any case. */
export async function startHub({ stack: given, root = ROOT, env: added = {}, fast = false }: HubOptions = {}): Promise<Hub> {
  const stack = given ?? (await testStack());
  const dir = mkdtempSync(join(tmpdir(), 'malote-e2e-'));
  const name = `e2e_${systemClock.uuid().replaceAll('-', '').slice(0, 12)}`;
  const guard = createProcessGuard();
  const schemasDir = process.env.MALOTE_TEST_SCHEMAS ?? join(ROOT, '.malote', 'schemas');
  await installSchemas({ dir: schemasDir });
  const rabbitmqUrl = await createVhost(stack, name);

  const ca = createCa({ name: 'AC de Teste' });
  const file = (label: string, text: string) => {
    writeFileSync(join(dir, label), text, { mode: 0o600 });
    return join(dir, label);
  };
  const server = issueServerCertificate(ca, { hosts: ['127.0.0.1', 'localhost'] });
  const caFile = file('ca.pem', ca.certPem);
  const clockFile = file('clock.json', '{"offsetMs":0}');
  let offsetMs = 0;

  const simulatorFiles = [
    ...['--server-cert', file('server.pem', server.certPem), '--server-key', file('server.key', server.keyPem)],
    ...['--server-ca', caFile, '--server-ca-key', file('ca.key', ca.keyPem)],
  ];
  const startSimulator = ({ port, adminPort }: { port: string; adminPort: string }) =>
    startProcess(guard, {
      name: 'simulator',
      cwd: root,
      env: bareEnv(),
      args: [
        ...['packages/sefaz-simulator/main.ts', '--port', port, '--admin-port', adminPort, '--state', join(dir, 'simulator')],
        ...['--schemas', schemasDir, '--clock-file', clockFile, '--client-ca', caFile, ...simulatorFiles, ...(fast ? ['--fast'] : [])],
      ],
      isUp: (line) => line.ready === true,
    });
  const simulator = await startSimulator({ port: '0', adminPort: '0' });

  const env: NodeJS.ProcessEnv = {
    ...bareEnv(),
    MALOTE_MODE: 'test',
    MALOTE_MONGO_URL: stack.mongoUrl,
    MALOTE_MONGO_DATABASE: name,
    MALOTE_RABBITMQ_URL: rabbitmqUrl,
    MALOTE_REDIS_URL: stack.redisUrl,
    MALOTE_REDIS_PREFIX: `${name}:`,
    MALOTE_MASTER_KEY: MASTER_KEY,
    MALOTE_SCHEMAS_DIR: schemasDir,
    MALOTE_SEFAZ_URL_OVERRIDE: String(simulator.ready.url),
    MALOTE_SEFAZ_CA_FILE: caFile,
    MALOTE_TEST_CLOCK_FILE: clockFile,
    MALOTE_HTTP_PORT: '0',
    MALOTE_SWEEP_MS: '100',
    ...added,
  };
  const log = createLogger({ service: 'e2e', level: 'silent' });
  const store = await connectStore({ url: stack.mongoUrl, database: name, clock: systemClock, log, box: createSecretBox(MASTER_KEY) });
  await store.migrations.run();
  const client = await MongoClient.connect(stack.mongoUrl);
  const raw = client.db(name);

  const services = new Map<ServiceName, RunningProcess>([['simulator', simulator]]);
  const service = (which: ServiceName) => {
    const running = services.get(which);
    if (!running) throw new Error(`${which} was not started`);
    return running;
  };
  const start = async (which: ServiceName, extra: Record<string, string> = {}, options?: StartOptions) => {
    if (which === 'simulator') {
      const portOf = (url: unknown) => new URL(String(url)).port;
      const ports = { port: portOf(simulator.ready.url), adminPort: portOf(simulator.ready.admin) };
      return void services.set(which, await startSimulator(ports));
    }
    const running = await startProcess(guard, {
      name: which,
      cwd: root,
      env: { ...env, ...extra },
      args: [`services/${which.replace('-2', '')}/main.ts`],
      isUp: (line) => line.msg === 'ready' && typeof line.url === 'string',
    });
    services.set(which, running);
    if (!options?.unready) await untilReady(running);
  };
  await Promise.all([start('edge'), start('emission')]);

  return {
    ...{ stack, store, raw, ca, env, service, start },
    simulator: simulatorApi(String(simulator.ready.admin)),
    url: () => String(service('edge').ready.url),
    async kill(which) {
      service(which).child.kill('SIGKILL');
      await service(which).child.exited;
    },
    async stop(which) {
      process.kill(service(which).child.pid, 'SIGTERM');
      return (await service(which).child.exited).code;
    },
    advance(ms) {
      offsetMs += ms;
      // Renamed into place: another file, which every process tells from the old one whatever the clock of the file system.
      writeFileSync(`${clockFile}.new`, JSON.stringify({ offsetMs }));
      renameSync(`${clockFile}.new`, clockFile);
    },
    now: () => new Date(systemClock.now().getTime() + offsetMs),
    async close() {
      const hubs = [...services].filter(([which]) => which !== 'simulator').map(([, running]) => running);
      await Promise.all(hubs.map(({ child }) => child.stop(STOP_GRACE_MS)));
      await service('simulator').child.stop(STOP_GRACE_MS);
      await deleteVhost(stack, name);
      await raw.dropDatabase();
      await client.close();
      await store.close();
      await guard.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const READY_MS = 60_000;
const SHOWN_LINES = 40;

async function untilReady({ ready, lines }: RunningProcess): Promise<void> {
  try {
    await eventually(
      async () => {
        const answer = await fetch(`${ready.url}/health/ready`);
        if (!answer.ok) throw new Error(await answer.text());
        return true;
      },
      { timeoutMs: READY_MS },
    );
  } catch (error) {
    const said = lines.slice(0, SHOWN_LINES).map((line) => JSON.stringify(line));
    throw new Error(`${(error as Error).message}\n${said.join('\n')}`);
  }
}

/** The environment without MALOTE_ names, which describe the test run and not the child. */
function bareEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('MALOTE_')));
}
