import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createVhost, type Devstack } from '@malote/devstack/devstack';
import { createProcessGuard, type GuardedChild } from '@malote/devstack/process-guard';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { createSecretBox } from '@malote/runtime/secret-box';
import { connectStore, type Store } from '@malote/store/connect';
import { type Ca, createCa, issueServerCertificate } from '@malote/testkit/certificates';
import { eventually } from '@malote/testkit/eventually';
import { type Db, MongoClient } from 'mongodb';
import { readUsage, type Usage } from './usage.ts';

export const ROOT = resolve(import.meta.dirname, '..');
const MASTER_KEY = `bench:${Buffer.alloc(32, 7).toString('base64')}`;
const GRACE_MS = 20_000;

export interface StageOptions {
  /** Processes of emission; 1 when absent, 0 for an edge alone (then there is no simulator either). */
  emissions?: number;
  fast?: boolean;
  /** An entity-block worker as well. */
  entityBlock?: boolean;
  /** The worker that decides contingência as well. */
  contingency?: boolean;
  env?: Record<string, string>;
  /** Folder that gets CPU profiles of edge, emission and simulator when they end. */
  profileDir?: string | undefined;
}

/** A hub of its own (database, virtual host, Redis prefix) as production runs it: separate processes that log to files. */
export interface Stage {
  url: string;
  store: Store;
  raw: Db;
  ca: Ca;
  now: () => Date;
  /** Since the start of each, by name; servers included, which other stages use too. */
  usage(): Map<string, Usage>;
  simulator: string;
  /** Documents without a final state. */
  unsettled(): Promise<number>;
  /** Ends the emission processes, and the simulator with them. */
  stopEmission(): Promise<void>;
  close(): Promise<void>;
}

interface StageParts {
  stack: Devstack;
  dir: string;
  schemasDir: string;
}

/**
 * Far above what a bench sends, so that no limit is measured in place of the hub; the limits' defaults have tests of their own. SEFAZ is
 * not paced, since the simulator is no authority to be spared.
 */
const LIMITS = {
  MALOTE_SESSION_RATE_LIMIT: '1000000',
  MALOTE_RATE_LIMIT_IP: '100000000',
  MALOTE_RATE_LIMIT_CONTA: '100000000',
  MALOTE_SEFAZ_RATE: '0',
};

export async function startStage({ stack, dir, schemasDir }: StageParts, options: StageOptions = {}): Promise<Stage> {
  const { emissions = 1, fast = false, entityBlock = false, contingency = false, env: added = {}, profileDir } = options;
  const name = `bench_${systemClock.uuid().replaceAll('-', '').slice(0, 12)}`;
  const folder = join(dir, name);
  mkdirSync(folder, { recursive: true });
  const guard = createProcessGuard();
  const rabbitmqUrl = await createVhost(stack, name);
  const log = createLogger({ service: 'bench', level: 'silent' });
  const store = await connectStore({ url: stack.mongoUrl, database: name, clock: systemClock, log, box: createSecretBox(MASTER_KEY) });
  await store.migrations.run();
  const client = await MongoClient.connect(stack.mongoUrl);
  const raw = client.db(name);
  const ca = createCa({ name: 'AC de Bench' });
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('MALOTE_')));

  const names = new Map<number, string>([[process.pid, 'bench']]);
  for (const server of [stack.mongo, stack.rabbitmq, stack.redis]) if (server.pid) names.set(server.pid, server.name);
  const launch = async (which: string, args: string[], childEnv: NodeJS.ProcessEnv, line: RegExp) => {
    const logFile = join(folder, `${which}-${names.size}.log`);
    const child = guard.spawn({ command: process.execPath, args, cwd: ROOT, env: childEnv, logFile });
    names.set(child.pid, which);
    const ready = await eventually(() => (child.running() ? readyLine(logFile, line) : stopped(which, logFile)), { timeoutMs: 60_000 });
    return { child, ready };
  };

  const profileArgs = (which: string) =>
    profileDir ? ['--cpu-prof', `--cpu-prof-dir=${profileDir}`, `--cpu-prof-name=${name}-${which}-${names.size}.cpuprofile`] : [];

  let simulator: { child: GuardedChild; ready: Record<string, unknown> } | undefined;
  if (emissions > 0) simulator = await launch('simulator', [...profileArgs('simulator'), ...simulatorArgs()], env, /"ready":true/);
  const serviceEnv = {
    ...env,
    NODE_ENV: 'production',
    MALOTE_MODE: 'production',
    MALOTE_MONGO_URL: stack.mongoUrl,
    MALOTE_MONGO_DATABASE: name,
    MALOTE_RABBITMQ_URL: rabbitmqUrl,
    MALOTE_REDIS_URL: stack.redisUrl,
    MALOTE_REDIS_PREFIX: `${name}:`,
    MALOTE_MASTER_KEY: MASTER_KEY,
    MALOTE_SCHEMAS_DIR: schemasDir,
    MALOTE_HTTP_PORT: '0',
    ...(simulator ? { MALOTE_SEFAZ_URL_OVERRIDE: String(simulator.ready.url), MALOTE_SEFAZ_CA_FILE: join(folder, 'ca.pem') } : {}),
    ...LIMITS,
    ...added,
  };
  const service = async (which: 'edge' | 'emission' | 'entity-block' | 'contingency') => {
    const args = [...profileArgs(which), `services/${which}/main.ts`];
    const started = await launch(which, args, serviceEnv, /"msg":"ready"/);
    await eventually(async () => (await fetch(`${started.ready.url}/health/ready`)).ok, { timeoutMs: 60_000 });
    return started;
  };
  const edge = await service('edge');
  const workers: GuardedChild[] = [];
  for (let n = 0; n < emissions; n++) workers.push((await service('emission')).child);
  const others = entityBlock ? [(await service('entity-block')).child] : [];
  if (contingency) others.push((await service('contingency')).child);

  const stopEmission = async () => {
    await Promise.all(workers.splice(0).map((child) => child.stop(GRACE_MS)));
    await simulator?.child.stop(GRACE_MS);
  };
  return {
    ...{ store, raw, ca, stopEmission },
    url: String(edge.ready.url),
    simulator: String(simulator?.ready.admin ?? ''),
    now: () => systemClock.now(),
    usage: () => readUsage(names),
    unsettled: () =>
      raw.collection('documentos').countDocuments({ state: { $in: ['received', 'signed', 'uncertain'] } }, { hint: 'unsettled' }),
    async close() {
      await stopEmission();
      await Promise.all([edge.child, ...others].map((child) => child.stop(GRACE_MS)));
      await raw.dropDatabase();
      await client.close();
      await store.close();
      await guard.close();
    },
  };

  function simulatorArgs(): string[] {
    const server = issueServerCertificate(ca, { hosts: ['127.0.0.1', 'localhost'] });
    const file = (label: string, text: string) => {
      const path = join(folder, label);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    };
    return [
      ...['packages/sefaz-simulator/main.ts', '--port', '0', '--admin-port', '0', '--state', join(folder, 'simulator')],
      ...['--schemas', schemasDir, '--client-ca', file('ca.pem', ca.certPem), ...(fast ? ['--fast'] : [])],
      ...['--server-cert', file('server.pem', server.certPem), '--server-key', file('server.key', server.keyPem)],
    ];
  }
}

function readyLine(logFile: string, wanted: RegExp): Record<string, unknown> | null {
  const lines = existsSync(logFile) ? readFileSync(logFile, 'utf8').split('\n') : [];
  const line = lines.find((text) => wanted.test(text));
  return line === undefined ? null : (JSON.parse(line) as Record<string, unknown>);
}

function stopped(which: string, logFile: string): never {
  throw new Error(`${which} ended: ${readFileSync(logFile, 'utf8').slice(-2_000)}`);
}
