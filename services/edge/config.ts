import { type ConfigKey, SERVICE_CONFIG } from '@malote/runtime/config-catalogue';

/** The part of the catalogue that the edge reads. */
export const EDGE_CONFIG = [
  ...SERVICE_CONFIG,
  'httpHost',
  'httpPort',
  'trustProxy',
  'sessionTtlS',
  'sessionRateLimit',
  'rateLimitIp',
  'rateLimitConta',
  'lockoutToken',
  'lockoutIp',
  'corsOrigins',
  'bodyLimitBytes',
  'waitMaxS',
  'masterKey',
  'sefazCaFile',
  'operatorKey',
  'operatorFrom',
  'rabbitmqManagementUrl',
] as const satisfies ConfigKey[];
