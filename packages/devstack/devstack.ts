import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createVhost } from './management-api.ts';
import { startMongo } from './mongo-server.ts';
import { createProcessGuard } from './process-guard.ts';
import { type Binaries, provideBinaries, type ServerName } from './provide-binaries.ts';
import { type RabbitServer, startRabbitmq } from './rabbitmq-server.ts';
import { startRedis } from './redis-server.ts';
import { externalServer, type Server, type ServerTls } from './server.ts';

export { createVhost };

/** Where the servers are: what another process needs to use them. */
export interface StackAddress {
  mongoUrl: string;
  rabbitmqUrl: string;
  rabbitmqManagementUrl: string;
  rabbitmqUser: string;
  rabbitmqPassword: string;
  redisUrl: string;
}

export interface Devstack extends StackAddress {
  rabbitmq: RabbitServer;
  mongo: Server;
  redis: Server;
  /** What took how long, in the order of ending. */
  stages: { name: string; ms: number }[];
  /** Ends every process of the stack (≤ 10 s); the data stays in `dir`. */
  stop(): Promise<void>;
}

export interface DevstackOptions {
  /** Data, configuration and logs of the servers; kept by stop(). One running stack per directory. */
  dir: string;
  log: (line: string) => void;
  servers?: readonly ServerName[];
  /** `usual` tries 5672, 15672, 27017 and 6379 first (then the next free ones); `any` (default) takes random free ports. */
  ports?: 'usual' | 'any';
  /** MongoDB and Redis speak TLS only, and MongoDB too asks for user and password (Redis and RabbitMQ always do). */
  tls?: ServerTls;
  /** Redis keeps its data over a restart. */
  redisAppendOnly?: boolean;
  /** Further lines of rabbitmq.conf. */
  rabbitmqConfig?: readonly string[];
  /** Where a fetched mongod is kept, shared by all stacks of a working copy. */
  toolsDir?: string;
  env?: NodeJS.ProcessEnv;
}

export type MachineOptions = Pick<DevstackOptions, 'servers' | 'toolsDir' | 'env' | 'log'> & {
  pip?: boolean;
  programs?: Readonly<Record<string, string>>;
};

const WORKSPACE = resolve(import.meta.dirname, '../..');
const ABSENT = 'not-started:';

/**
 * Starts a private MongoDB, RabbitMQ and Redis (or takes those whose URL is in MALOTE_MONGO_URL, MALOTE_RABBITMQ_URL,
 * MALOTE_REDIS_URL). Every process ends with ours, even when ours is killed with SIGKILL. Throws MissingServers with
 * instructions for the person when a server cannot be had.
 */
export async function startDevstack(options: DevstackOptions): Promise<Devstack> {
  const env = options.env ?? process.env;
  const external = externalUrls(env);
  const own = ownServers(options.servers, external);
  const stages: { name: string; ms: number }[] = [];
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const result = await work();
    const ms = Math.round(performance.now() - startedAt);
    stages.push({ name, ms });
    options.log(`${name}: ${(ms / 1000).toFixed(1)} s`);
    return result;
  };

  mkdirSync(options.dir, { recursive: true });
  const binaries = await timed('find servers', () => prepareMachine(options));
  const guard = createProcessGuard();
  const usual = options.ports === 'usual';
  const dir = (name: string): string => join(resolve(options.dir), name);
  const starts = {
    mongo: async () =>
      own.includes('mongo')
        ? timed('mongodb', () =>
            startMongo({
              binary: binaries.mongod as string,
              dir: dir('mongo'),
              guard,
              port: usual ? 27017 : undefined,
              tls: options.tls,
            }),
          )
        : withUrl('mongodb', external.mongo),
    rabbitmq: async () =>
      own.includes('rabbitmq')
        ? timed('rabbitmq', () =>
            startRabbitmq({
              binary: binaries.rabbitmq as string,
              epmd: binaries.epmd as string,
              dir: dir('rabbitmq'),
              guard,
              port: usual ? 5672 : undefined,
              config: options.rabbitmqConfig,
            }),
          )
        : externalRabbit(external.rabbitmq, env.MALOTE_RABBITMQ_MANAGEMENT_URL),
    redis: async () =>
      own.includes('redis')
        ? timed('redis', () =>
            startRedis({
              binary: binaries.redis as string,
              dir: dir('redis'),
              guard,
              port: usual ? 6379 : undefined,
              appendOnly: options.redisAppendOnly,
              tls: options.tls,
            }),
          )
        : withUrl('redis', external.redis),
  };
  const settled = await Promise.allSettled([starts.mongo(), starts.rabbitmq(), starts.redis()]);
  const failure = settled.find((result) => result.status === 'rejected');
  if (failure !== undefined) {
    await guard.close();
    throw failure.reason;
  }
  const [mongo, rabbitmq, redis] = settled.map((result) => (result as PromiseFulfilledResult<unknown>).value) as [
    Awaited<ReturnType<typeof starts.mongo>>,
    Awaited<ReturnType<typeof starts.rabbitmq>>,
    Awaited<ReturnType<typeof starts.redis>>,
  ];

  return {
    mongoUrl: mongo.url,
    rabbitmqUrl: rabbitmq.url,
    rabbitmqManagementUrl: rabbitmq.managementUrl,
    rabbitmqUser: rabbitmq.user,
    rabbitmqPassword: rabbitmq.password,
    redisUrl: redis.url,
    mongo,
    rabbitmq,
    redis,
    stages,
    async stop() {
      await Promise.allSettled([mongo.stop(), rabbitmq.stop(), redis.stop()]);
      await guard.close();
    },
  };
}

/**
 * Finds or installs the programs of the servers that startDevstack would start itself, and what else is wanted, without
 * starting any. Throws MissingServers.
 */
export function prepareMachine(options: MachineOptions): Promise<Binaries> {
  const env = options.env ?? process.env;
  return provideBinaries({
    servers: ownServers(options.servers, externalUrls(env)),
    pip: options.pip,
    programs: options.programs,
    toolsDir: options.toolsDir ?? join(WORKSPACE, '.malote', 'tools'),
    path: env.PATH ?? '',
    log: options.log,
  });
}

function externalUrls(env: NodeJS.ProcessEnv): Record<ServerName, string | undefined> {
  return {
    mongo: env.MALOTE_MONGO_URL || undefined,
    rabbitmq: env.MALOTE_RABBITMQ_URL || undefined,
    redis: env.MALOTE_REDIS_URL || undefined,
  };
}

function ownServers(
  wanted: readonly ServerName[] = ['mongo', 'rabbitmq', 'redis'],
  external: Record<ServerName, string | undefined>,
): ServerName[] {
  return wanted.filter((name) => external[name] === undefined);
}

function withUrl(name: string, url: string | undefined): Server & { url: string } {
  return Object.assign(externalServer(name, url ?? `${ABSENT}//${name}:0`), { url: url ?? `${ABSENT}//${name}:0` });
}

function externalRabbit(url: string | undefined, managementUrl: string | undefined): RabbitServer {
  const server = withUrl('rabbitmq', url);
  const { hostname, username, password } = new URL(server.url);
  return Object.assign(server, {
    managementUrl: managementUrl ?? `http://${hostname}:15672`,
    user: decodeURIComponent(username) || 'guest',
    password: decodeURIComponent(password) || 'guest',
    untilQueuesAreKept: () => Promise.reject(new Error('rabbitmq is not ours: its files cannot be read from here')),
  });
}

/**
 * The stack of the running test: the one `npm test` started (MALOTE_TEST_STACK names a JSON file with its StackAddress),
 * else a private one in a temporary directory that ends with this process, so that one test file can be run alone.
 */
export async function testStack(env: NodeJS.ProcessEnv = process.env): Promise<StackAddress> {
  if (env.MALOTE_TEST_STACK) return JSON.parse(readFileSync(env.MALOTE_TEST_STACK, 'utf8')) as StackAddress;
  const dir = mkdtempSync(join(tmpdir(), 'malote-test-'));
  const stack = await startDevstack({ dir, log: () => {}, env });
  process.once('beforeExit', () => void stack.stop());
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  return stack;
}
