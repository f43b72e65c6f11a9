import { connectBroker } from '@malote/broker/connection';
import { ENTITY_BLOCK_QUEUE, TOPOLOGY } from '@malote/messages/routes';
import { BLOCK_LIST_TTL_MS, blockListWriter } from '@malote/redis/block-list';
import { connectRedis } from '@malote/redis/connect';
import { nudgePublisher } from '@malote/redis/nudges';
import { startPresence } from '@malote/redis/presence';
import { clockWith } from '@malote/runtime/clock';
import { watchClock } from '@malote/runtime/clock-watch';
import { createErrorRing } from '@malote/runtime/error-ring';
import { startHealth } from '@malote/runtime/health';
import { createLifecycle } from '@malote/runtime/lifecycle';
import { createLogger } from '@malote/runtime/logger';
import { createMetrics } from '@malote/runtime/metrics';
import { processConfig } from '@malote/runtime/process-config';
import { protectionsWithout } from '@malote/runtime/protections';
import { createSecretBox } from '@malote/runtime/secret-box';
import { connectStore } from '@malote/store/connect';
import { ENTITY_BLOCK_CONFIG } from './config.ts';
import { requestHandler } from './handle-request.ts';
import { entityBlockChecks } from './readiness.ts';
import { blockListSweep, KEEP_EVERY_MS, KEEP_LEASE_MS } from './watch-block-list.ts';

const config = processConfig(ENTITY_BLOCK_CONFIG);
const errors = createErrorRing();
const service = 'entity-block';
const log = createLogger({ service, level: config.logLevel, errors });
const clock = clockWith({ testClockFile: config.testClockFile, production: config.mode === 'production' });
const lifecycle = createLifecycle({ log, timeoutMs: config.shutdownMs });
lifecycle.installSignals();
const metrics = createMetrics(service);

const redis = connectRedis(config.redisUrl, log);
lifecycle.defer('redis', () => redis.disconnect());
const { redisPrefix: prefix } = config;
const presence = startPresence({ redis, prefix, service, clock, errors, signal: lifecycle.signal });
lifecycle.defer('presence', () => presence.stop());

const store = await connectStore({
  url: config.mongoUrl,
  database: config.mongoDatabase,
  clock,
  log,
  outboxLeaseMs: config.outboxLeaseMs,
  box: createSecretBox(config.masterKey),
  protections: protectionsWithout(config.testWithout),
});
lifecycle.defer('store', () => store.close());

const broker = connectBroker({ url: config.rabbitmqUrl, name: service, log, clock, topology: TOPOLOGY, metrics });
lifecycle.defer('broker', () => broker.close({ timeoutMs: config.shutdownMs }));

const { pauseConsuming: onOff, resumeConsuming: onRight, publish } = broker;
const clockWatch = await watchClock({ measure: store.clockSkew, log, metrics, onOff, onRight });
lifecycle.defer('clock watch', () => clockWatch.stop());

const blockList = blockListWriter({ redis, prefix, clock, read: store.entidades.blockedKeys });
const keep = blockListSweep({ blockList, isPending: store.bloqueios.pending, clock, log, metrics });
const keeping = { name: 'block-list', everyMs: KEEP_EVERY_MS, leaseMs: KEEP_LEASE_MS, ...keep };
const sweepers = store.startSweepers({ publish, everyMs: config.sweepMs, mayWork: clockWatch.isRight, also: [keeping] });
lifecycle.defer('sweepers', () => Promise.all(sweepers.map((sweeper) => sweeper.stop())));

const nudge = nudgePublisher({ redis, prefix });
const handler = requestHandler({ store, blockList, listTrustedMs: BLOCK_LIST_TTL_MS, clock, metrics, publish, nudge });
broker.consume(ENTITY_BLOCK_QUEUE.name, handler, { prefetch: 1 });

const checks = entityBlockChecks({ store, broker, clock: clockWatch.check });
const health = await startHealth({ host: config.healthHost, port: config.healthPort, log, metrics, checks });
lifecycle.defer('health', () => health.close());
presence.running({ checks, broker: broker.state });
log.info({ url: health.url }, 'ready');
