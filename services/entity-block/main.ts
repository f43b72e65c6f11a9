import { ENTITY_BLOCK_QUEUE } from '@malote/messages/routes';
import { BLOCK_LIST_TTL_MS, blockListWriter } from '@malote/redis/block-list';
import { nudgePublisher } from '@malote/redis/nudges';
import { processConfig } from '@malote/runtime/process-config';
import { workerChecks } from '@malote/worker/checks';
import { startWorker } from '@malote/worker/start-worker';
import { ENTITY_BLOCK_CONFIG } from './config.ts';
import { requestHandler } from './handle-request.ts';
import { blockListSweep, KEEP_EVERY_MS, KEEP_LEASE_MS } from './watch-block-list.ts';

const config = processConfig(ENTITY_BLOCK_CONFIG);
const worker = await startWorker('entity-block', config);
const { log, clock, metrics, redis, store } = worker;
const { redisPrefix: prefix } = config;
const { broker, clockCheck, sweep, ready } = await worker.connect();

const blockList = blockListWriter({ redis, prefix, clock, read: store.entidades.blockedKeys });
const keep = blockListSweep({ blockList, isPending: store.bloqueios.pending, clock, log, metrics });
sweep({ also: [{ name: 'block-list', everyMs: KEEP_EVERY_MS, leaseMs: KEEP_LEASE_MS, ...keep }] });

const nudge = nudgePublisher({ redis, prefix });
const { publish } = broker;
const handler = requestHandler({ store, blockList, listTrustedMs: BLOCK_LIST_TTL_MS, clock, metrics, publish, nudge });
broker.consume(ENTITY_BLOCK_QUEUE.name, handler, { prefetch: 1 });

await ready({ checks: workerChecks({ store, broker, clock: clockCheck }) });
