import { type ConfigKey, SERVICE_CONFIG } from '@malote/runtime/config-catalogue';
import { SEFAZ_CONFIG } from '@malote/sefaz/configured-client';

/** The part of the catalogue that the emission worker reads. */
export const EMISSION_CONFIG = [
  ...SERVICE_CONFIG,
  ...SEFAZ_CONFIG,
  'masterKey',
  'schemasDir',
  'prefetch',
  'sweepMs',
  'descargaRate',
  'respTec',
  'eventosPrazosFile',
] as const satisfies ConfigKey[];
