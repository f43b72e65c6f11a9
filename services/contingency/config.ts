import type { Config } from '@malote/runtime/config';
import { type ConfigKey, SERVICE_CONFIG } from '@malote/runtime/config-catalogue';
import { SEFAZ_CONFIG } from '@malote/sefaz/configured-client';
import type { Thresholds } from './settings.ts';

/** The part of the catalogue that the contingency worker reads. */
export const CONTINGENCY_CONFIG = [
  ...SERVICE_CONFIG,
  ...SEFAZ_CONFIG,
  'masterKey',
  'sweepMs',
  'contingencyFailures',
  'contingencyDocuments',
  'contingencyWindowMs',
  'contingencyReturnAnswers',
  'contingencyMinStayMs',
] as const satisfies ConfigKey[];

export function thresholdsOf(config: Pick<Config, (typeof CONTINGENCY_CONFIG)[number]>): Thresholds {
  return {
    failures: config.contingencyFailures,
    documents: config.contingencyDocuments,
    windowMs: config.contingencyWindowMs,
    returnAnswers: config.contingencyReturnAnswers,
    minStayMs: config.contingencyMinStayMs,
  };
}
