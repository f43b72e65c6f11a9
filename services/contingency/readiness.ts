import type { Check } from '@malote/runtime/health';

export interface ReadinessDeps {
  store: { ready(): Promise<true | string> };
  broker: { ready(): boolean };
  clock: Check;
  sefazCaFile: string | undefined;
}

const NO_ROOTS = 'MALOTE_SEFAZ_CA_FILE is missing: the ICP-Brasil roots are needed to verify the authorisers';

/** What must be there to decide. Not Redis: only the status board stands there. */
export function contingencyChecks({ store, broker, clock, sefazCaFile }: ReadinessDeps): Record<string, Check> {
  return {
    mongodb: () => store.ready(),
    clock,
    rabbitmq: () => broker.ready() || 'not connected or not consuming',
    sefaz: () => sefazCaFile !== undefined || NO_ROOTS,
  };
}
