import { readFileSync } from 'node:fs';
import type { Clock } from '@malote/runtime/clock';
import type { Config } from '@malote/runtime/config';
import type { Logger } from '@malote/runtime/logger';
import type { Metrics } from '@malote/runtime/metrics';
import { createSefazClient, type SefazClient } from '@malote/sefaz/client';
import { loadEndpoints } from '@malote/sefaz/endpoints';
import type { EMISSION_CONFIG } from './config.ts';

type EmissionConfig = Pick<Config, (typeof EMISSION_CONFIG)[number]>;

/** The SEFAZ client as the configuration describes it: addresses, trusted roots, times, pace and breakers. */
export function connectSefaz(config: EmissionConfig, facts: { log: Logger; clock: Clock; metrics: Metrics }): SefazClient {
  return createSefazClient({
    endpoints: loadEndpoints({ file: config.sefazEndpointsFile, overrideUrl: config.sefazUrlOverride }),
    ca: config.sefazCaFile ? [readFileSync(config.sefazCaFile, 'utf8')] : [],
    timeoutMs: config.sefazTimeoutMs,
    connectTimeoutMs: config.sefazConnectTimeoutMs,
    rate: config.sefazRate,
    breaker: { failures: config.breakerFailures, windowMs: config.breakerWindowMs, resetMs: config.breakerResetMs },
    ...facts,
  });
}
