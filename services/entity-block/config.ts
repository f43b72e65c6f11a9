import { type ConfigKey, SERVICE_CONFIG } from '@malote/runtime/config-catalogue';

/** The part of the catalogue that the entity-block worker reads. */
export const ENTITY_BLOCK_CONFIG = [...SERVICE_CONFIG, 'masterKey', 'sweepMs'] as const satisfies ConfigKey[];
