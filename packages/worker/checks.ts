import type { Check } from '@malote/runtime/health';

export interface WorkerChecksDeps {
  store: { ready(): Promise<true | string> };
  broker: { ready(): boolean };
  clock: Check;
}

const NO_ROOTS = 'MALOTE_SEFAZ_CA_FILE is missing: the ICP-Brasil roots are needed to verify the authorisers';

/**
 * What every worker must have to work: the database on a migrated schema, a right clock, the broker. Not Redis: whoever waits for something
 * looks into MongoDB, and an answer takes some seconds longer.
 */
export function workerChecks({ store, broker, clock }: WorkerChecksDeps): Record<string, Check> {
  return {
    mongodb: () => store.ready(),
    clock,
    rabbitmq: () => broker.ready() || 'not connected or not consuming',
  };
}

/** Of a worker that calls SEFAZ: the file with the ICP-Brasil roots, without which no authoriser can be verified. */
export function sefazCheck(sefazCaFile: string | undefined): Record<string, Check> {
  return { sefaz: () => sefazCaFile !== undefined || NO_ROOTS };
}
