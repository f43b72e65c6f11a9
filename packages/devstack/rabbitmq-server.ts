import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { callManagement, type ManagementAddress } from './management-api.ts';
import type { ProcessGuard } from './process-guard.ts';
import { type Server, startServer } from './server.ts';

export interface RabbitServer extends Server {
  url: string;
  managementUrl: string;
  user: string;
  password: string;
  /**
   * Resolves when the registry of quorum queues on disk names every queue there is. RabbitMQ (ra_directory, a dets table) writes it up to 3 s
   * late: killed before that, the queue has no leader ever after and answers no consume, as if half of it had been deleted.
   */
  untilQueuesAreKept(): Promise<void>;
}

interface Identity {
  node: string;
  user: string;
  password: string;
}

/**
 * A RabbitMQ of our own: AMQP, management, distribution and epmd on 127.0.0.1 only, own node name, user and password
 * (kept in `dir`, since the node's data belongs to them). epmd is a child of ours too, so that it ends with the broker.
 */
export async function startRabbitmq(options: {
  binary: string;
  epmd: string;
  dir: string;
  guard: ProcessGuard;
  port?: number;
  managementPort?: number;
  /** Further lines of rabbitmq.conf. */
  config?: readonly string[];
}): Promise<RabbitServer> {
  mkdirSync(options.dir, { recursive: true });
  const identity = loadIdentity(join(options.dir, 'identity.json'));
  const epmd = await startEpmd(options);
  let management = 0;
  const server = await startServer(
    {
      name: 'rabbitmq',
      ports: 3,
      preferredPorts: options.port === undefined ? undefined : [options.port, options.managementPort ?? options.port + 10_000],
      logFile: join(options.dir, 'rabbitmq.log'),
      launch: ([amqp, http, distribution]) => {
        management = http as number;
        return {
          command: options.binary,
          args: [],
          cwd: options.dir,
          env: environment(options.dir, identity, { amqp, http, distribution, epmd: epmd.port }, options.config),
        };
      },
      probe: ([amqp, http]) => serving(amqp as number, http as number, identity),
      readyTimeoutMs: 120_000,
      // Its stores are closed within 0.2 s of SIGTERM; the management plugin then waits 5 s for nothing, which is cut short.
      graceMs: 2500,
    },
    options.guard,
  ).catch(async (error: unknown) => {
    await epmd.stop();
    throw error;
  });
  const start = server.start;
  const stop = server.stop;
  return Object.assign(server, {
    url: `amqp://${identity.user}:${identity.password}@127.0.0.1:${server.port}`,
    managementUrl: `http://127.0.0.1:${management}`,
    user: identity.user,
    password: identity.password,
    untilQueuesAreKept: () => queuesKept(options.dir, identity, management),
    async start() {
      await epmd.start();
      await start();
    },
    async stop() {
      await stop();
      await epmd.stop();
    },
  });
}

function loadIdentity(file: string): Identity {
  if (!existsSync(file)) {
    const identity: Identity = {
      node: `malote-${randomBytes(4).toString('hex')}@localhost`,
      user: 'malote',
      password: randomBytes(18).toString('base64url'),
    };
    writeFileSync(file, JSON.stringify(identity), { mode: 0o600 });
  }
  return JSON.parse(readFileSync(file, 'utf8')) as Identity;
}

function startEpmd(options: { epmd: string; dir: string; guard: ProcessGuard }): Promise<Server> {
  return startServer(
    {
      name: 'epmd',
      ports: 1,
      logFile: join(options.dir, 'epmd.log'),
      launch: ([port]) => ({
        command: options.epmd,
        args: ['-port', String(port), '-address', '127.0.0.1'],
        env: { PATH: '/usr/bin:/bin' },
      }),
      probe: ([port]) => listening(port as number),
      readyTimeoutMs: 10_000,
      graceMs: 1000,
    },
    options.guard,
  );
}

function environment(
  dir: string,
  identity: Identity,
  ports: Record<string, number | undefined>,
  more: readonly string[] = [],
): NodeJS.ProcessEnv {
  const config = [
    `listeners.tcp.local = 127.0.0.1:${ports.amqp}`,
    'management.tcp.ip = 127.0.0.1',
    `management.tcp.port = ${ports.http}`,
    `default_user = ${identity.user}`,
    `default_pass = ${identity.password}`,
    'vm_memory_high_watermark.absolute = 1GB',
    'disk_free_limit.absolute = 100MB',
    'log.console = true',
    'log.console.level = info',
    'log.console.use_colors = off',
    'log.file = false',
    ...more,
  ];
  const configFile = join(dir, 'rabbitmq.conf');
  const pluginsFile = join(dir, 'enabled_plugins');
  writeFileSync(configFile, `${config.join('\n')}\n`, { mode: 0o600 });
  writeFileSync(pluginsFile, '[rabbitmq_management].\n');
  return {
    PATH: '/usr/lib/rabbitmq/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LC_ALL: 'C.UTF-8',
    HOME: dir,
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: identity.node,
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_MNESIA_BASE: join(dir, 'mnesia'),
    RABBITMQ_LOG_BASE: join(dir, 'log'),
    RABBITMQ_CONFIG_FILE: configFile,
    RABBITMQ_CONF_ENV_FILE: join(dir, 'rabbitmq-env.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: pluginsFile,
    RABBITMQ_PID_FILE: join(dir, 'rabbitmq.pid'),
    // Two schedulers that do not spin: the machine has to run the services and their tests as well.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -start_epmd false -kernel inet_dist_use_interface {127,0,0,1}',
    // Makes the start script become the Erlang VM instead of waiting beside it: one process to signal.
    RUNNING_UNDER_SYSTEMD: 'true',
  };
}

function listening(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}

/** The management API answers only to our password, so no other broker is taken for ours; AMQP comes up last. */
async function serving(amqp: number, http: number, identity: Identity): Promise<void> {
  await listening(amqp);
  const answer = await callManagement(managementOf(http, identity), 'GET', 'overview');
  const overview = (answer.status === 200 ? JSON.parse(answer.text) : {}) as { node?: string };
  if (overview.node !== identity.node) throw new Error(`management API answered ${answer.status} (node ${overview.node})`);
}

const REGISTRY_MS = 20_000;

async function queuesKept(dir: string, identity: Identity, http: number): Promise<void> {
  const { status, text } = await callManagement(managementOf(http, identity), 'GET', 'queues?columns=name,vhost,type');
  if (status !== 200) throw new Error(`management API: GET queues answered ${status}: ${text}`);
  const queues = JSON.parse(text) as { name: string; vhost: string; type: string }[];
  const registered = queues.filter(({ type }) => type === 'quorum').map(({ vhost, name }) => `${vhost === '/' ? '%2F' : vhost}_${name}`);
  const file = join(dir, 'mnesia', identity.node, 'quorum', identity.node, 'names.dets');
  const until = performance.now() + REGISTRY_MS;
  for (;;) {
    const registry = readFileSync(file);
    const missing = registered.find((name) => !registry.includes(name));
    if (missing === undefined) return;
    if (performance.now() > until) throw new Error(`${missing} is not in ${file} after ${REGISTRY_MS / 1000} s`);
    await delay(50);
  }
}

function managementOf(http: number, { user, password }: Identity): ManagementAddress {
  return { rabbitmqManagementUrl: `http://127.0.0.1:${http}`, rabbitmqUser: user, rabbitmqPassword: password };
}
