import { CONTINGENCY_QUEUE, OBSERVATIONS_QUEUE } from '@malote/messages/routes';
import { processConfig } from '@malote/runtime/process-config';
import { configuredClient } from '@malote/sefaz/configured-client';
import { startWorker } from '@malote/worker/start-worker';
import { CONTINGENCY_CONFIG, thresholdsOf } from './config.ts';
import { commandHandler } from './handle-command.ts';
import { observationHandler } from './handle-observation.ts';
import { createHeard } from './heard.ts';
import { createModes } from './modes.ts';
import { contingencyChecks } from './readiness.ts';
import { createStatusCredentials } from './status-credentials.ts';

const config = processConfig(CONTINGENCY_CONFIG);
const worker = await startWorker('contingency', config);
const { log, clock, lifecycle, metrics, store } = worker;

const sefaz = configuredClient(config, { log, clock, metrics });
lifecycle.defer('sefaz', () => sefaz.close());
const { broker, clockCheck, sweep, ready } = await worker.connect();
sweep();

const thresholds = thresholdsOf(config);
const heard = createHeard();
const credentials = createStatusCredentials({ store, clock, log });
const { publish } = broker;
const modes = createModes({ store, sefaz, credentials, clock, log, thresholds, heard, publish, signal: lifecycle.signal });
broker.consume(CONTINGENCY_QUEUE.name, commandHandler({ modes }), { prefetch: 1 });
broker.consume(OBSERVATIONS_QUEUE.name, observationHandler({ store, modes, heard, clock, thresholds }), { prefetch: 1 });

const checks = contingencyChecks({ store, broker, clock: clockCheck, sefazCaFile: config.sefazCaFile });
await ready({ checks, breakers: sefaz.breakers });
