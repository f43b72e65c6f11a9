import type { Clock } from '@malote/runtime/clock';
import { type RateWindow, WINDOW_S } from './rate-limit.ts';

/**
 * What one account's certificates may cost this process in five minutes, in ms: files are opened one at a time, in 40 ms as programs write
 * them and in seconds where the file asks for it, and the other accounts' wait meanwhile.
 */
const BUDGET_MS = 30_000;

export interface OpeningBudget {
  /** The window that is spent, or undefined while there is something left. */
  spent(conta: string): RateWindow | undefined;
  /** Opens a file at the account's expense. @throws OpeningsSpent, also when others of the same account took what was left while it waited */
  run<T>(conta: string, work: () => Promise<T>): Promise<T>;
}

export class OpeningsSpent extends Error {
  readonly window: RateWindow;
  constructor(window: RateWindow) {
    super('the account has spent what opening its certificates may cost');
    this.window = window;
  }
}

export function openingBudget({ monotonic }: Pick<Clock, 'monotonic'>): OpeningBudget {
  const spending = new Map<string, { since: number; ms: number }>();
  const present = (conta: string) => {
    const known = spending.get(conta);
    return known && monotonic() - known.since < WINDOW_S * 1_000 ? known : undefined;
  };
  const spent = (conta: string): RateWindow | undefined => {
    const known = present(conta);
    if (!known || known.ms < BUDGET_MS) return undefined;
    const resetS = Math.max(1, Math.ceil(WINDOW_S - (monotonic() - known.since) / 1_000));
    return { limit: 0, remaining: 0, resetS, exceeded: true };
  };
  return {
    spent,
    async run(conta, work) {
      const window = spent(conta);
      if (window) throw new OpeningsSpent(window);
      const started = monotonic();
      const entry = present(conta) ?? { since: started, ms: 0 };
      spending.set(conta, entry);
      try {
        return await work();
      } finally {
        entry.ms += monotonic() - started;
        for (const [other, { since }] of spending) if (started - since >= WINDOW_S * 1_000) spending.delete(other);
      }
    },
  };
}
