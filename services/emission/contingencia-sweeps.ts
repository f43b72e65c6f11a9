import type { SweepersOptions } from '@malote/store/connect';
import { type AlarmesPrazoDeps, alarmesPrazoSweep } from './alarmes-prazo.ts';
import { type DescargaDeps, descargaSweep } from './descarga.ts';
import { type SubstituicoesDeps, substituicoesSweep } from './substituicoes.ts';

/** Looks at the notes issued in contingência this often; the pace is `descargaRate`. */
const DESCARGA_EVERY_MS = 250;

/** How often a process looks whether the deadlines are to be looked at. */
const ALARMES_EVERY_MS = 5_000;

const SUBSTITUICOES_EVERY_MS = 5_000;

/** The leased work on notes that were issued in contingência. */
export function contingenciaSweeps(deps: DescargaDeps & AlarmesPrazoDeps & SubstituicoesDeps): NonNullable<SweepersOptions['also']> {
  return [
    { name: 'descarga', everyMs: DESCARGA_EVERY_MS, ...descargaSweep(deps) },
    { name: 'alarmes-prazo', everyMs: ALARMES_EVERY_MS, leaseMs: 3 * ALARMES_EVERY_MS, ...alarmesPrazoSweep(deps) },
    { name: 'substituicoes', everyMs: SUBSTITUICOES_EVERY_MS, leaseMs: 3 * SUBSTITUICOES_EVERY_MS, sweep: substituicoesSweep(deps) },
  ];
}
