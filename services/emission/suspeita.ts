import { callOutcome } from '@malote/fiscal/contingencia/outcome';
import type { AmbienteName } from '@malote/fiscal/contingencia/situacao';
import { autorizadorNormal } from '@malote/fiscal/model/autorizador';
import type { Modelo } from '@malote/fiscal/model/modelo';
import type { Uf } from '@malote/fiscal/model/uf';
import type { Clock } from '@malote/runtime/clock';
import type { SefazCall } from '@malote/sefaz/observation';

interface Where {
  modelo: Modelo;
  uf: Uf;
  ambiente: AmbienteName;
}

/** What this process itself suspects of an authoriser, before the hub's own mode says anything. */
export interface Suspeita {
  onCall(call: SefazCall): void;
  /** When it began, while it holds new notes back. */
  desde(where: Where): Date | undefined;
}

/** Calls in a row without an answer that make a suspicion. */
const FAILURES = 3;
/** So long new notes wait for a verdict of the hub; without one they are transmitted, and only an answer makes a new suspicion possible. */
const HOLD_MS = 20_000;

/**
 * Keeps notes that were never transmitted from running into an authoriser that has just gone silent: what is transmitted without an answer keeps
 * its number and its authoriser for as long as the outage lasts, what waits a moment goes to the SVC.
 */
export function createSuspeita({ now }: Pick<Clock, 'now'>): Suspeita {
  const rows = new Map<string, { failures: number; since?: Date }>();
  return {
    onCall({ autorizador, modelo, ambiente: tpAmb, about, end }) {
      if (!about?.documento || autorizador !== autorizadorNormal(modelo, about.uf)) return;
      const key = keyOf({ modelo, uf: about.uf, ambiente: tpAmb === '1' ? 'prod' : 'hom' });
      if (callOutcome(end) === 'answered') {
        rows.delete(key);
        return;
      }
      const row = rows.get(key) ?? { failures: 0 };
      row.failures += 1;
      if (row.failures >= FAILURES) row.since ??= now();
      rows.set(key, row);
    },
    desde(where) {
      const since = rows.get(keyOf(where))?.since;
      return since && now().getTime() - since.getTime() < HOLD_MS ? since : undefined;
    },
  };
}

function keyOf({ modelo, uf, ambiente }: Where): string {
  return `${modelo} ${uf} ${ambiente}`;
}
