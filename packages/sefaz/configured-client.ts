import { readFileSync } from 'node:fs';
import type { Config, ConfigKey } from '@malote/runtime/config';
import { createSefazClient, type SefazClient, type SefazClientOptions } from './client.ts';
import { loadEndpoints } from './endpoints.ts';

/** The part of the catalogue that describes how SEFAZ is called. */
export const SEFAZ_CONFIG = [
  'sefazUrlOverride',
  'sefazEndpointsFile',
  'sefazCaFile',
  'sefazTimeoutMs',
  'sefazConnectTimeoutMs',
  'sefazRate',
  'breakerFailures',
  'breakerWindowMs',
  'breakerResetMs',
] as const satisfies ConfigKey[];

type ConfiguredFacts = Pick<SefazClientOptions, 'log' | 'clock' | 'metrics' | 'onCall' | 'onBreaker'>;
type SefazConfig = Pick<Config, (typeof SEFAZ_CONFIG)[number]>;

/** The client as the configuration describes it: addresses, trusted roots, times, pace and breakers. */
export function configuredClient(config: SefazConfig, facts: ConfiguredFacts): SefazClient {
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
