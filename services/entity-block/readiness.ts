import type { Check } from '@malote/runtime/health';

export interface ReadinessDeps {
  store: { ready(): Promise<true | string> };
  broker: { ready(): boolean };
  clock: Check;
}

/** What must be there to block. Not Redis: while it is away the edges ask MongoDB, and an answer takes some seconds longer. */
export function entityBlockChecks({ store, broker, clock }: ReadinessDeps): Record<string, Check> {
  return {
    mongodb: () => store.ready(),
    clock,
    rabbitmq: () => broker.ready() || 'not connected or not consuming',
  };
}
