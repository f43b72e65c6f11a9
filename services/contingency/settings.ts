import { AUTOMATIC_MODOS, DEFAULT_THRESHOLDS, type Settings } from '@malote/fiscal/contingencia/situacao';
import type { ContingenciaKey } from '@malote/messages/types';

/** What an operator may change of the thresholds. */
export type Thresholds = Pick<Settings, 'failures' | 'documents' | 'windowMs' | 'returnAnswers' | 'minStayMs'>;

/** The hub's own mode is always automatic and tries every mode of the model; what an account wants is its policy's business. */
export function settingsOf({ modelo, uf, ambiente }: ContingenciaKey, thresholds: Thresholds): Settings {
  const maxStayMs = Math.max(DEFAULT_THRESHOLDS.maxStayMs, thresholds.minStayMs);
  return { ...DEFAULT_THRESHOLDS, ...thresholds, maxStayMs, modelo, uf, ambiente, automatic: true, order: AUTOMATIC_MODOS[modelo] };
}
