import { type Broker, connectBroker } from '@malote/broker/connection';
import { TOPOLOGY } from '@malote/messages/routes';
import { connectRedis, type Redis } from '@malote/redis/connect';
import { type PresenceFacts, startPresence } from '@malote/redis/presence';
import { type Clock, clockWith } from '@malote/runtime/clock';
import { watchClock } from '@malote/runtime/clock-watch';
import type { Config } from '@malote/runtime/config';
import type { SERVICE_CONFIG } from '@malote/runtime/config-catalogue';
import { createErrorRing } from '@malote/runtime/error-ring';
import { type Check, startHealth } from '@malote/runtime/health';
import { createLifecycle, type Lifecycle } from '@malote/runtime/lifecycle';
import { createLogger, type Logger } from '@malote/runtime/logger';
import { createMetrics, type Metrics } from '@malote/runtime/metrics';
import { type Protections, protectionsWithout } from '@malote/runtime/protections';
import { createSecretBox } from '@malote/runtime/secret-box';
import { connectStore, type Store, type SweepersOptions } from '@malote/store/connect';

/** The configuration that every worker reads. */
export type WorkerConfig = Pick<Config, (typeof SERVICE_CONFIG)[number] | 'masterKey' | 'sweepMs'>;

/** A worker process under way. What a service opens between two steps is closed between them as well: `lifecycle` goes backwards. */
export interface Worker {
  log: Logger;
  clock: Clock;
  lifecycle: Lifecycle;
  metrics: Metrics;
  protections: Protections;
  redis: Redis;
  store: Store;
  /** Second step: the broker, stopped while the clock of the machine is off. */
  connect(): Promise<ConnectedWorker>;
}

export interface ConnectedWorker {
  broker: Broker;
  /** Whether the machine's clock is right (for readiness). */
  clockCheck: Check;
  isClockRight: () => boolean;
  /** Third step: the store's sweepers, and those of the service. */
  sweep(options?: Pick<SweepersOptions, 'also' | 'metrics'>): void;
  /** Last step: the health port answers, the presence says that the process runs, and `ready` is logged. */
  ready(facts: Pick<PresenceFacts, 'checks' | 'breakers'>): Promise<void>;
}

/** First step: signals, log, clock, presence in Redis and the store. @throws when no primary of the database answers in time */
export async function startWorker(service: string, config: WorkerConfig): Promise<Worker> {
  const errors = createErrorRing();
  const log = createLogger({ service, level: config.logLevel, errors });
  const clock = clockWith({ testClockFile: config.testClockFile, production: config.mode === 'production' });
  const lifecycle = createLifecycle({ log, timeoutMs: config.shutdownMs });
  lifecycle.installSignals();
  const metrics = createMetrics(service);
  const protections = protectionsWithout(config.testWithout);

  // Not part of readiness: without it callers who wait see the end of their document half a second later.
  const redis = connectRedis(config.redisUrl, log);
  lifecycle.defer('redis', () => redis.disconnect());
  const presence = startPresence({ redis, prefix: config.redisPrefix, service, clock, errors, signal: lifecycle.signal });
  lifecycle.defer('presence', () => presence.stop());

  const store = await connectStore({
    ...{ url: config.mongoUrl, database: config.mongoDatabase, clock, log, outboxLeaseMs: config.outboxLeaseMs },
    ...{ box: createSecretBox(config.masterKey), protections },
  });
  lifecycle.defer('store', () => store.close());

  const connect = async (): Promise<ConnectedWorker> => {
    const broker = connectBroker({ url: config.rabbitmqUrl, name: service, log, clock, topology: TOPOLOGY, metrics });
    lifecycle.defer('broker', () => broker.close({ timeoutMs: config.shutdownMs }));
    const { pauseConsuming: onOff, resumeConsuming: onRight, publish } = broker;
    const clockWatch = await watchClock({ measure: store.clockSkew, log, metrics, onOff, onRight });
    lifecycle.defer('clock watch', () => clockWatch.stop());
    return {
      broker,
      clockCheck: clockWatch.check,
      isClockRight: clockWatch.isRight,
      sweep(options = {}) {
        const sweepers = store.startSweepers({ publish, everyMs: config.sweepMs, mayWork: clockWatch.isRight, ...options });
        lifecycle.defer('sweepers', () => Promise.all(sweepers.map((sweeper) => sweeper.stop())));
      },
      async ready(facts) {
        const health = await startHealth({ host: config.healthHost, port: config.healthPort, log, metrics, checks: facts.checks });
        lifecycle.defer('health', () => health.close());
        presence.running({ ...facts, broker: broker.state });
        log.info({ url: health.url }, 'ready');
      },
    };
  };
  return { log, clock, lifecycle, metrics, protections, redis, store, connect };
}
