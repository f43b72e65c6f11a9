import { emissionQueues } from '@malote/messages/routes';
import { nudgePublisher } from '@malote/redis/nudges';
import { processConfig } from '@malote/runtime/process-config';
import { openCatalog } from '@malote/schemas/catalog';
import { createValidator } from '@malote/schemas/validator';
import { configuredClient } from '@malote/sefaz/configured-client';
import { type SefazCall, startObservation } from '@malote/sefaz/observation';
import { sefazCheck, workerChecks } from '@malote/worker/checks';
import { startWorker } from '@malote/worker/start-worker';
import { EMISSION_CONFIG } from './config.ts';
import { contingenciaSweeps } from './contingencia-sweeps.ts';
import { createCredentials } from './credentials.ts';
import { expiringSweep } from './expiring-certificates.ts';
import { emissionHandler } from './handle-message.ts';
import { createModos } from './modos.ts';
import { processPrazos } from './prazos-file.ts';
import { createSuspeita } from './suspeita.ts';
import { voidByPolicySweep } from './void-by-policy.ts';

const config = processConfig(EMISSION_CONFIG);
const prazos = processPrazos(config.eventosPrazosFile);
const worker = await startWorker('emission', config);
const { log, clock, lifecycle, metrics, protections, redis, store } = worker;

const suspeita = createSuspeita(clock);
const modos = createModos({ store, clock, suspeita });
// Nothing is published before a call was made, and none is before the broker is there.
const { onCall: observe, onBreaker, stop } = startObservation({ clock, publish: (message) => broker.publish(message) });
lifecycle.defer('observation', async () => stop());
const onCall = (call: SefazCall) => {
  observe(call);
  suspeita.onCall(call);
};
const sefaz = configuredClient(config, { log, clock, metrics, onCall, onBreaker });
lifecycle.defer('sefaz', () => sefaz.close());
const { broker, clockCheck, sweep, ready } = await worker.connect();

const { publish } = broker;
const lacunas = { name: 'lacunas', everyMs: 60_000, leaseMs: 3 * 60_000, sweep: voidByPolicySweep({ store, clock, log, metrics }) };
const expiring = { name: 'certificados', everyMs: 60_000, leaseMs: 3 * 60_000, ...expiringSweep({ store, clock, log, metrics, publish }) };
const contingencia = contingenciaSweeps({ store, clock, log, metrics, publish, prazos, descargaRate: config.descargaRate });
sweep({ metrics, also: [lacunas, expiring, ...contingencia] });

const handler = emissionHandler({
  store,
  modos,
  credentials: createCredentials(store),
  validator: createValidator(openCatalog(config.schemasDir)),
  sefaz,
  sefazTimeoutMs: config.sefazTimeoutMs,
  clock,
  respTec: config.respTec,
  prazos,
  publish,
  nudge: nudgePublisher({ redis, prefix: config.redisPrefix }),
  protections,
});
for (const { name } of emissionQueues()) broker.consume(name, handler, { prefetch: config.prefetch });

const checks = { ...workerChecks({ store, broker, clock: clockCheck }), ...sefazCheck(config.sefazCaFile) };
await ready({ checks, breakers: sefaz.breakers });
