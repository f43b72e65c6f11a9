import type { ConfigKey } from '@malote/runtime/config';
import { SEFAZ_CONFIG } from '@malote/sefaz/configured-client';

/** The part of the catalogue that the emission worker reads. */
export const EMISSION_CONFIG = [
  ...SEFAZ_CONFIG,
  'mode',
  'mongoUrl',
  'mongoDatabase',
  'rabbitmqUrl',
  'redisUrl',
  'redisPrefix',
  'masterKey',
  'healthHost',
  'healthPort',
  'logLevel',
  'schemasDir',
  'prefetch',
  'shutdownMs',
  'outboxLeaseMs',
  'sweepMs',
  'respTec',
  'eventosPrazosFile',
  'testClockFile',
  'testWithout',
] as const satisfies ConfigKey[];
