import type { Clock } from '@malote/runtime/clock';
import { type RateWindow, WINDOW_S } from './rate-limit.ts';

/**
 * What one account's certificates may cost this process in five minutes, in ms: opening a file takes it whole, 40 ms as programs write
 * them and over a second where the file asks for it.
 */
const BUDGET_MS = 30_000;

export interface OpeningBudget {
  /** The window that is spent, or undefined while there is something left. */
  spent(conta: string): RateWindow | undefined;
  /** Does something that takes the process whole, at the account's expense. */
  run<T>(conta: string, work: () => T): T;
}

export function openingBudget({ monotonic }: Pick<Clock, 'monotonic'>): OpeningBudget {
  const spending = new Map<string, { since: number; ms: number }>();
  const present = (conta: string) => {
    const known = spending.get(conta);
    return known && monotonic() - known.since < WINDOW_S * 1_000 ? known : undefined;
  };
  return {
    spent(conta) {
      const known = present(conta);
      if (!known || known.ms < BUDGET_MS) return undefined;
      const resetS = Math.max(1, Math.ceil(WINDOW_S - (monotonic() - known.since) / 1_000));
      return { limit: 0, remaining: 0, resetS, exceeded: true };
    },
    run(conta, work) {
      const started = monotonic();
      const entry = present(conta) ?? { since: started, ms: 0 };
      spending.set(conta, entry);
      try {
        return work();
      } finally {
        entry.ms += monotonic() - started;
        for (const [other, { since }] of spending) if (started - since >= WINDOW_S * 1_000) spending.delete(other);
      }
    },
  };
}
