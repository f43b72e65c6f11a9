import type { AnyEnvelope } from '@malote/messages/envelope';
import { CONTINGENCY_QUEUE, OBSERVATIONS_QUEUE } from '@malote/messages/routes';
import { nudgePublisher } from '@malote/redis/nudges';
import { situacaoSefazWriter } from '@malote/redis/situacao-sefaz';
import { processConfig } from '@malote/runtime/process-config';
import { within } from '@malote/runtime/within';
import { configuredClient } from '@malote/sefaz/configured-client';
import { startObservation } from '@malote/sefaz/observation';
import { sefazCheck, workerChecks } from '@malote/worker/checks';
import { startWorker } from '@malote/worker/start-worker';
import { CONTINGENCY_CONFIG, thresholdsOf } from './config.ts';
import { commandHandler } from './handle-command.ts';
import { observationHandler } from './handle-observation.ts';
import { createHeard } from './heard.ts';
import { modeMetricsSweep } from './mode-metrics.ts';
import { createModes } from './modes.ts';
import { createStatusBoard } from './status-board.ts';
import { createStatusCredentials } from './status-credentials.ts';

const BOARD_EVERY_MS = 5_000;
const METRICS_EVERY_MS = 5_000;
const LAST_ANSWERS_MS = 2_000;

const config = processConfig(CONTINGENCY_CONFIG);
const worker = await startWorker('contingency', config);
const { log, clock, lifecycle, metrics, redis, store } = worker;

// Its own status calls are seen like everybody's, for the board.
const { onCall, onBreaker, stop } = startObservation({ clock, publish: (message) => broker.publish(message) });
lifecycle.defer('observation', async () => stop());
const sefaz = configuredClient(config, { log, clock, metrics, onCall, onBreaker });
lifecycle.defer('sefaz', () => sefaz.close());
const thresholds = thresholdsOf(config);
const heard = createHeard();
const credentials = createStatusCredentials({ store, clock, log });
const calls = new AbortController();
const publish = (message: AnyEnvelope) => broker.publish(message);
const modes = createModes({ store, sefaz, credentials, clock, log, thresholds, heard, publish, signal: calls.signal });
// A status call that is given up is a turn lost, three minutes for whoever comes next: those that answer are waited for.
lifecycle.defer('status calls', async () => {
  await within(modes.idle(), LAST_ANSWERS_MS, undefined);
  calls.abort();
});
const { broker, clockCheck, sweep, ready } = await worker.connect();
sweep({
  also: [
    {
      name: 'contingencia-metricas',
      everyMs: METRICS_EVERY_MS,
      leaseMs: 3 * METRICS_EVERY_MS,
      ...modeMetricsSweep({ store, clock, metrics }),
    },
  ],
});

const board = createStatusBoard({ clock });
const writer = situacaoSefazWriter({ redis, prefix: config.redisPrefix });
const writing = setInterval(() => {
  const { quadro, vistoEm } = board.now();
  if (vistoEm > 0) void writer.write(quadro, vistoEm);
}, BOARD_EVERY_MS);
lifecycle.defer('status board', () => clearInterval(writing));

broker.consume(CONTINGENCY_QUEUE.name, commandHandler({ modes, nudge: nudgePublisher({ redis, prefix: config.redisPrefix }) }), {
  prefetch: 1,
});
broker.consume(OBSERVATIONS_QUEUE.name, observationHandler({ store, modes, heard, clock, thresholds, board }), { prefetch: 1 });

const checks = { ...workerChecks({ store, broker, clock: clockCheck }), ...sefazCheck(config.sefazCaFile) };
await ready({ checks, breakers: sefaz.breakers });
