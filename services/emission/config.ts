import type { ConfigKey } from '@malote/runtime/config';

/** The part of the catalogue that the emission worker reads. */
export const EMISSION_CONFIG = [
  'mode',
  'mongoUrl',
  'mongoDatabase',
  'rabbitmqUrl',
  'masterKey',
  'healthHost',
  'healthPort',
  'logLevel',
  'sefazUrlOverride',
  'sefazEndpointsFile',
  'sefazCaFile',
  'sefazTimeoutMs',
  'sefazConnectTimeoutMs',
  'sefazRate',
  'breakerFailures',
  'breakerWindowMs',
  'breakerResetMs',
  'schemasDir',
  'prefetch',
  'shutdownMs',
  'outboxLeaseMs',
  'sweepMs',
  'respTec',
  'testClockFile',
] as const satisfies ConfigKey[];
