import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Devstack, prepareMachine, startDevstack } from '@malote/devstack/devstack';
import { freePort } from '@malote/devstack/free-port';
import { createProcessGuard } from '@malote/devstack/process-guard';
import { installSchemas } from '@malote/schemas/install';
import { type DemoAccount, maloteCli, provideDemoAccount } from './demo-account.ts';
import { type DemoFiles, provideDemoFiles } from './demo-files.ts';
import { processNames, type Scale } from './scale.ts';
import { ServiceFailed, type ServiceOptions, type ServiceProcess, startService } from './service-process.ts';
import type { Shutdown } from './shutdown.ts';
import type { Steps } from './steps.ts';

/** The running hub of the demonstration. */
export interface Hub {
  edge: string;
  simulator: string;
  simulatorAdmin: string;
  stack: Devstack;
  files: DemoFiles;
  account: DemoAccount;
  operatorKey: string;
  services: ServiceProcess[];
}

export interface HubOptions {
  root: string;
  schemasDir: string;
  runDir: string;
  steps: Steps;
  scale: Scale;
  env: NodeJS.ProcessEnv;
  show: ServiceOptions['show'];
  /** Gets what undoes each step as soon as there is something to undo. */
  shutdown: Shutdown;
}

/** What the services may take to finish when they are told to end; the servers below them end after that. */
const SERVICE_GRACE_MS = 4000;
const FIRST_EDGE_PORT = 8080;

/** Starts servers, simulator and services, and provides the demo account. */
export async function startHub(options: HubOptions): Promise<Hub> {
  const { steps, runDir, root, schemasDir, shutdown } = options;
  const { signal } = shutdown;
  const guard = createProcessGuard();
  shutdown.defer('guard', 'process guard', () => guard.close());

  const proceed = <T>(value: T): T => {
    signal.throwIfAborted();
    return value;
  };
  const base = { guard, cwd: root, logDir: join(runDir, 'log'), show: options.show };
  const start = async (name: string, args: string[], env: NodeJS.ProcessEnv, isReady: ServiceOptions['isReady']) => {
    const service = await startService({ ...base, name, args, env, isReady });
    shutdown.defer('service', name, () => service.child.stop(SERVICE_GRACE_MS));
    return proceed(service);
  };

  const filesReady = steps.run('certificates of the demonstration', async () => provideDemoFiles(runDir));
  await steps.run('programs of the servers', () => prepareMachine({ pip: !existsSync(schemasDir), log: steps.say, env: options.env }));
  const stackReady = steps.run('RabbitMQ, MongoDB, Redis', async () => {
    const { env } = options;
    const stack = await startDevstack({ dir: join(runDir, 'servers'), log: steps.say, ports: 'usual', redisAppendOnly: true, env });
    shutdown.defer('server', 'servers', () => stack.stop());
    return proceed(stack);
  });
  const schemasReady = steps.run('XSD packs', () => installSchemas({ dir: schemasDir, log: steps.say }));
  const simulatorReady = Promise.all([filesReady, schemasReady]).then(([files]) =>
    steps.run('SEFAZ simulator', () =>
      start('simulator', simulatorArgs(runDir, schemasDir, files), plainEnv(options.env), (line) => line.ready === true),
    ),
  );
  // Whichever fails first ends the start; the others are awaited by whoever stops the hub.
  const [files, stack, , simulator] = await Promise.all([filesReady, stackReady, schemasReady, simulatorReady]);

  const env = serviceEnv(options.env, { stack, files, schemasDir, simulator: String(simulator.ready.url) });
  const malote = maloteCli(root, env);
  await steps.run('migrate the database', () => malote('migrate'));
  const account = await steps.run('demo account, company, certificate', () => provideDemoAccount({ dir: runDir, files, malote }));
  proceed(account);

  const up = (line: Record<string, unknown>): boolean => line.msg === 'ready' && typeof line.url === 'string';
  const [edge, ...workers] = await Promise.all([
    steps.run('service edge', () => startEdge((port) => start('edge', ['services/edge/main.ts'], { ...env, MALOTE_HTTP_PORT: port }, up))),
    ...processNames('emission', options.scale.emission).map((name) =>
      steps.run(`service ${name}`, () => start(name, ['services/emission/main.ts'], env, up)),
    ),
    ...['entity-block', 'contingency'].map((name) =>
      steps.run(`service ${name}`, () => start(name, [`services/${name}/main.ts`], env, up)),
    ),
  ]);
  await steps.run('services ready', async () => {
    await Promise.all([edge, ...workers].map((service) => untilReady(service, signal)));
  });
  return {
    edge: String(edge.ready.url),
    simulator: String(simulator.ready.url),
    simulatorAdmin: String(simulator.ready.admin),
    stack,
    files,
    account,
    operatorKey: readFileSync(files.operatorKey, 'utf8'),
    services: [simulator, edge, ...workers],
  };
}

/** On 8080 or the next free port; a port that was taken between the look and the start is passed over. */
async function startEdge(start: (port: string) => Promise<ServiceProcess>): Promise<ServiceProcess> {
  let from = FIRST_EDGE_PORT;
  for (;;) {
    const port = await freePort(from);
    try {
      return await start(String(port));
    } catch (error) {
      if (!(error instanceof ServiceFailed) || !error.output.includes('EADDRINUSE')) throw error;
      from = port + 1;
    }
  }
}

function simulatorArgs(runDir: string, schemasDir: string, files: DemoFiles): string[] {
  return [
    'packages/sefaz-simulator/main.ts',
    ...['--port', '0', '--admin-port', '0', '--state', join(runDir, 'simulator'), '--schemas', schemasDir],
    ...['--server-cert', files.serverCert, '--server-key', files.serverKey, '--client-ca', files.ca],
  ];
}

/** The caller's environment without its MALOTE_ names, which describe other things than the child's. */
function plainEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('MALOTE_')));
}

function serviceEnv(
  env: NodeJS.ProcessEnv,
  parts: { stack: Devstack; files: DemoFiles; schemasDir: string; simulator: string },
): NodeJS.ProcessEnv {
  const { stack, files } = parts;
  const logLevel = env.MALOTE_LOG_LEVEL;
  return {
    ...plainEnv(env),
    ...(logLevel ? { MALOTE_LOG_LEVEL: logLevel } : {}),
    MALOTE_MODE: 'development',
    MALOTE_MONGO_URL: stack.mongoUrl,
    MALOTE_RABBITMQ_URL: stack.rabbitmqUrl,
    MALOTE_REDIS_URL: stack.redisUrl,
    MALOTE_MASTER_KEY_FILE: files.masterKey,
    MALOTE_OPERATOR_KEY_FILE: files.operatorKey,
    MALOTE_RABBITMQ_MANAGEMENT_URL: stack.rabbitmqManagementUrl,
    MALOTE_SCHEMAS_DIR: parts.schemasDir,
    MALOTE_SEFAZ_URL_OVERRIDE: parts.simulator,
    MALOTE_SEFAZ_CA_FILE: files.ca,
    MALOTE_SHUTDOWN_MS: String(SERVICE_GRACE_MS - 500),
  };
}

async function untilReady(service: ServiceProcess, signal: AbortSignal): Promise<void> {
  const url = `${String(service.ready.url).replace(/\/$/, '')}/health/ready`;
  const startedAt = performance.now();
  let last = '';
  while (performance.now() - startedAt < 30_000) {
    signal.throwIfAborted();
    if (!service.child.running()) throw new Error(`${service.name} ended before it was ready`);
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
      if (answer.ok) return;
      last = `${answer.status} ${await answer.text()}`;
    } catch (error) {
      last = String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${service.name} is not ready (${url}): ${last}`);
}
