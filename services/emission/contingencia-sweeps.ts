import type { SweepersOptions } from '@malote/store/connect';
import { type DescargaDeps, descargaSweep } from './descarga.ts';

/** Looks at the notes issued in contingência this often; the pace is `descargaRate`. */
const DESCARGA_EVERY_MS = 250;

/** The leased work on notes that were issued in contingência. */
export function contingenciaSweeps(deps: DescargaDeps): NonNullable<SweepersOptions['also']> {
  return [{ name: 'descarga', everyMs: DESCARGA_EVERY_MS, ...descargaSweep(deps) }];
}
