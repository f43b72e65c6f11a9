import { connectBroker } from '@malote/broker/connection';
import { emissionQueues, TOPOLOGY } from '@malote/messages/routes';
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
import { openCatalog } from '@malote/schemas/catalog';
import { createValidator } from '@malote/schemas/validator';
import { configuredClient } from '@malote/sefaz/configured-client';
import { connectStore } from '@malote/store/connect';
import { EMISSION_CONFIG } from './config.ts';
import { contingenciaSweeps } from './contingencia-sweeps.ts';
import { createCredentials } from './credentials.ts';
import { expiringSweep } from './expiring-certificates.ts';
import { emissionHandler } from './handle-message.ts';
import { processPrazos } from './prazos-file.ts';
import { emissionChecks } from './readiness.ts';
import { voidByPolicySweep } from './void-by-policy.ts';

const config = processConfig(EMISSION_CONFIG);
const prazos = processPrazos(config.eventosPrazosFile);
const errors = createErrorRing();
const log = createLogger({ service: 'emission', level: config.logLevel, errors });
const clock = clockWith({ testClockFile: config.testClockFile, production: config.mode === 'production' });
const lifecycle = createLifecycle({ log, timeoutMs: config.shutdownMs });
lifecycle.installSignals();
const metrics = createMetrics('emission');
const protections = protectionsWithout(config.testWithout);

// Not part of readiness: without it callers who wait see the end of their document half a second later.
const redis = connectRedis(config.redisUrl, log);
lifecycle.defer('redis', () => redis.disconnect());
const { redisPrefix: prefix } = config;
const presence = startPresence({ redis, prefix, service: 'emission', clock, errors, signal: lifecycle.signal });
lifecycle.defer('presence', () => presence.stop());

const store = await connectStore({
  url: config.mongoUrl,
  database: config.mongoDatabase,
  clock,
  log,
  outboxLeaseMs: config.outboxLeaseMs,
  box: createSecretBox(config.masterKey),
  protections,
});
lifecycle.defer('store', () => store.close());

const sefaz = configuredClient(config, { log, clock, metrics });
lifecycle.defer('sefaz', () => sefaz.close());

const broker = connectBroker({ url: config.rabbitmqUrl, name: 'emission', log, clock, topology: TOPOLOGY, metrics });
lifecycle.defer('broker', () => broker.close({ timeoutMs: config.shutdownMs }));

const { pauseConsuming: onOff, resumeConsuming: onRight } = broker;
const clockWatch = await watchClock({ measure: store.clockSkew, log, metrics, onOff, onRight });
lifecycle.defer('clock watch', () => clockWatch.stop());

const { publish } = broker;
const lacunas = { name: 'lacunas', everyMs: 60_000, leaseMs: 3 * 60_000, sweep: voidByPolicySweep({ store, clock, log, metrics }) };
const expiring = { name: 'certificados', everyMs: 60_000, leaseMs: 3 * 60_000, ...expiringSweep({ store, clock, log, metrics, publish }) };
const contingencia = contingenciaSweeps({ store, clock, log, metrics, publish, descargaRate: config.descargaRate });
const also = [lacunas, expiring, ...contingencia];
const sweepers = store.startSweepers({ publish, everyMs: config.sweepMs, mayWork: clockWatch.isRight, metrics, also });
lifecycle.defer('sweepers', () => Promise.all(sweepers.map((sweeper) => sweeper.stop())));

const handler = emissionHandler({
  store,
  credentials: createCredentials(store),
  validator: createValidator(openCatalog(config.schemasDir)),
  sefaz,
  sefazTimeoutMs: config.sefazTimeoutMs,
  clock,
  respTec: config.respTec,
  prazos,
  publish,
  nudge: nudgePublisher({ redis, prefix }),
  protections,
});
for (const { name } of emissionQueues()) broker.consume(name, handler, { prefetch: config.prefetch });

const checks = emissionChecks({ store, broker, clock: clockWatch.check, sefazCaFile: config.sefazCaFile });
const health = await startHealth({ host: config.healthHost, port: config.healthPort, log, metrics, checks });
lifecycle.defer('health', () => health.close());
presence.running({ checks, breakers: sefaz.breakers, broker: broker.state });
log.info({ url: health.url }, 'ready');
