import { type Broker, connectBroker } from '@malote/broker/connection';
import { createVhost, type StackAddress, testStack } from '@malote/devstack/devstack';
import { deleteVhost } from '@malote/devstack/management-api';
import { TOPOLOGY } from '@malote/messages/routes';
import type { Redis } from '@malote/redis/connect';
import { connectRedis } from '@malote/redis/connect';
import { startPresence } from '@malote/redis/presence';
import { systemClock } from '@malote/runtime/clock';
import { createErrorRing } from '@malote/runtime/error-ring';
import { createLogger } from '@malote/runtime/logger';
import { createMetrics } from '@malote/runtime/metrics';
import { createSecretBox } from '@malote/runtime/secret-box';
import { connectStore, type Store } from '@malote/store/connect';
import { type EdgeConfig, startEdge } from '../edge.ts';
import { edgeChecks } from '../readiness.ts';

export const EDGE_MASTER_KEY = `edge:${Buffer.alloc(32, 3).toString('base64')}`;

export interface TestAccount {
  conta: string;
  empresa: string;
  token: string;
  secret: string;
}

export interface RunningEdge {
  url: string;
  store: Store;
  redis: Redis;
  broker: Broker;
  /** What the edge logged so far, one JSON line each. */
  logged: string[];
  /** Of every Redis key of this edge. */
  redisPrefix: string;
  /** Name of its database. */
  database: string;
  /** A vhost of this edge alone. */
  rabbitmqUrl: string;
  /** A new account with one company. */
  account(empresa: string): Promise<TestAccount>;
  /** Signs in and returns the session token. */
  signIn(account: TestAccount): Promise<string>;
  stop(): Promise<void>;
}

export interface EdgeOverrides {
  config?: Partial<EdgeConfig>;
  rabbitmqUrl?: string;
  redisUrl?: string;
  mongoUrl?: string;
  outboxLeaseMs?: number;
}

let stack: Promise<StackAddress> | undefined;

/** The servers of this test file: the same ones for every edge of it. */
export function servers(): Promise<StackAddress> {
  stack ??= testStack();
  return stack;
}

let started = 0;

/** An edge in this process on a database, a vhost and a Redis prefix of its own, listening on a free port. */
export async function runEdge(name: string, overrides: EdgeOverrides = {}): Promise<RunningEdge> {
  started += 1;
  const addresses = await servers();
  const unique = `edge-${name}-${process.pid}-${started}`;
  const database = unique.slice(0, 38);
  const clock = systemClock;
  const logged: string[] = [];
  const errors = createErrorRing();
  const log = createLogger({ service: 'edge', level: 'debug', destination: { write: (line) => void logged.push(line) }, errors });
  const metrics = createMetrics('edge');
  const rabbitmqUrl = overrides.rabbitmqUrl ?? (await createVhost(addresses, unique));
  const store = await connectStore({
    url: overrides.mongoUrl ?? addresses.mongoUrl,
    database,
    log,
    clock,
    box: createSecretBox(EDGE_MASTER_KEY),
    serverSelectionTimeoutMs: 1_500,
    ...(overrides.outboxLeaseMs === undefined ? {} : { outboxLeaseMs: overrides.outboxLeaseMs }),
  });
  await store.migrations.run();
  const redis = connectRedis(overrides.redisUrl ?? addresses.redisUrl, log);
  if (redis.status !== 'ready') await new Promise((resolve) => redis.once('ready', resolve));
  const broker = connectBroker({ url: rabbitmqUrl, name: unique, log, clock, topology: TOPOLOGY, metrics });
  const config: EdgeConfig = {
    httpHost: '127.0.0.1',
    httpPort: 0,
    healthHost: '127.0.0.1',
    healthPort: 0,
    trustProxy: '',
    redisPrefix: `${unique}:`,
    sessionTtlS: 1800,
    sessionRateLimit: 100_000,
    rateLimitIp: 100_000,
    rateLimitConta: 100_000,
    lockoutToken: 100_000,
    lockoutIp: 100_000,
    corsOrigins: '',
    operatorFrom: 'loopback',
    bodyLimitBytes: 500_000,
    waitMaxS: 60,
    ...overrides.config,
  };
  const presence = startPresence({ redis, prefix: config.redisPrefix, service: 'edge', clock, errors });
  const server = await startEdge({ config, store, broker, redis, self: presence.now, clock, log, metrics });
  presence.running({ checks: edgeChecks({ store, redis }), broker: broker.state });

  return {
    url: server.url,
    store,
    redis,
    broker,
    redisPrefix: config.redisPrefix,
    logged,
    database,
    rabbitmqUrl,
    async account(empresa) {
      const { _id: conta } = await store.contas.create({ nome: `Conta de ${empresa}` });
      await store.empresas.put({ conta, documento: empresa, razaoSocial: 'Comercial Exemplo Ltda', uf: 'SP' });
      return { conta, empresa, ...(await store.credenciais.create({ conta })) };
    },
    async signIn({ token, secret }) {
      const answer = await fetch(`${server.url}/session`, { method: 'POST', headers: { authorization: basic(token, secret) } });
      const session = answer.headers.get('x-auth-token');
      if (answer.status !== 200 || !session) throw new Error(`sign-in answered ${answer.status}: ${await answer.text()}`);
      return session;
    },
    async stop() {
      await server.close();
      await presence.stop();
      await broker.close({ timeoutMs: 1_000 });
      redis.disconnect();
      await store.close();
      if (!overrides.rabbitmqUrl) await deleteVhost(addresses, unique);
    },
  };
}

/** The Basic header of a token and a secret. */
export function basic(token: string, secret: string): string {
  return `Basic ${Buffer.from(`${token}:${secret}`).toString('base64')}`;
}

/** Posts a body as XML. */
export function postXml(url: string, session: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'x-auth-token': session, 'content-type': 'application/xml; charset=utf-8', ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
}

/** Status and body of a problem answer; throws when it is none. */
export async function problemOf(answer: Response): Promise<Record<string, unknown> & { status: number; codigo: string; detail: string }> {
  const text = await answer.text();
  if (!answer.headers.get('content-type')?.startsWith('application/problem+json')) {
    throw new Error(`no problem document: ${answer.status} ${answer.headers.get('content-type')} ${text.slice(0, 300)}`);
  }
  const problem = JSON.parse(text);
  if (problem.status !== answer.status) throw new Error(`status ${answer.status}, but the problem says ${problem.status}`);
  return problem;
}
