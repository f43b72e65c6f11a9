import { connectBroker } from '@malote/broker/connection';
import { TOPOLOGY } from '@malote/messages/routes';
import { connectRedis } from '@malote/redis/connect';
import { startPresence } from '@malote/redis/presence';
import { clockWith } from '@malote/runtime/clock';
import { createErrorRing } from '@malote/runtime/error-ring';
import { createLifecycle } from '@malote/runtime/lifecycle';
import { createLogger } from '@malote/runtime/logger';
import { createMetrics } from '@malote/runtime/metrics';
import { processConfig } from '@malote/runtime/process-config';
import { protectionsWithout } from '@malote/runtime/protections';
import { createSecretBox } from '@malote/runtime/secret-box';
import { connectStore } from '@malote/store/connect';
import { EDGE_CONFIG } from './config.ts';
import { startEdge } from './edge.ts';
import { edgeChecks } from './readiness.ts';

/** A caller is told 503 after this, twice this where the driver repeats a write: an election takes less, a till waits no longer. */
const DATABASE_WAIT_MS = 4_000;

const config = processConfig(EDGE_CONFIG);
const errors = createErrorRing();
const log = createLogger({ service: 'edge', level: config.logLevel, errors });
const lifecycle = createLifecycle({ log, timeoutMs: config.shutdownMs });
lifecycle.installSignals();

const clock = clockWith({ testClockFile: config.testClockFile, production: config.mode === 'production' });
const metrics = createMetrics('edge');

const redis = connectRedis(config.redisUrl, log);
lifecycle.defer('redis', () => redis.disconnect());
const { redisPrefix: prefix } = config;
const presence = startPresence({ redis, prefix, service: 'edge', clock, errors, signal: lifecycle.signal });
lifecycle.defer('presence', () => presence.stop());
const broker = connectBroker({ url: config.rabbitmqUrl, name: 'edge', log, clock, topology: TOPOLOGY, metrics });
lifecycle.defer('broker', () => broker.close());
const store = await connectStore({
  url: config.mongoUrl,
  database: config.mongoDatabase,
  log,
  clock,
  outboxLeaseMs: config.outboxLeaseMs,
  box: createSecretBox(config.masterKey),
  serverSelectionTimeoutMs: DATABASE_WAIT_MS,
  protections: protectionsWithout(config.testWithout),
});
lifecycle.defer('store', () => store.close());

const server = await startEdge({ config, store, broker, redis, self: presence.now, clock, log, metrics });
lifecycle.defer('http', () => server.close());
presence.running({ checks: edgeChecks({ store, redis }), broker: broker.state });
log.info({ url: server.url }, 'ready');
