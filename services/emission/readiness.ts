import type { Check } from '@malote/runtime/health';

export interface ReadinessDeps {
  store: { ready(): Promise<true | string> };
  broker: { ready(): boolean };
  clock: Check;
  /** File with the ICP-Brasil roots; no authoriser can be verified without. */
  sefazCaFile: string | undefined;
}

const NO_ROOTS = 'MALOTE_SEFAZ_CA_FILE is missing: the ICP-Brasil roots are needed to verify the authorisers';

/** What must be there to emit: the database on a migrated schema, the broker, a right clock, and the roots that the authorisers are verified by. */
export function emissionChecks({ store, broker, clock, sefazCaFile }: ReadinessDeps): Record<string, Check> {
  return {
    mongodb: () => store.ready(),
    clock,
    rabbitmq: () => broker.ready() || 'not connected or not consuming',
    sefaz: () => sefazCaFile !== undefined || NO_ROOTS,
  };
}
