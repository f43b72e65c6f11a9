import type { ConfigKey } from '@malote/runtime/config';

/** The part of the catalogue that the entity-block worker reads. */
export const ENTITY_BLOCK_CONFIG = [
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
  'shutdownMs',
  'outboxLeaseMs',
  'sweepMs',
  'testClockFile',
  'testWithout',
] as const satisfies ConfigKey[];
