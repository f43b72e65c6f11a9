/** What keeps a document from being lost, doubled or taken over. Each can be taken out in a test, which then sees the harm. */
export interface Protections {
  /** While an attempt is open nobody else sends or consults. */
  openAttempt: boolean;
  /** A protocolo is adopted only with our own digest. */
  digest: boolean;
  /** A transition applies only to the version that was read. */
  version: boolean;
  /** The command is stored with its document. */
  outbox: boolean;
  /** One process sweeps, and an entry belongs to who leased it. */
  leasedSweep: boolean;
}

const BY_NAME: Readonly<Record<string, keyof Protections>> = {
  'open-attempt': 'openAttempt',
  digest: 'digest',
  version: 'version',
  outbox: 'outbox',
  'leased-sweep': 'leasedSweep',
};

/** All that MALOTE_TEST_WITHOUT may name. */
export const PROTECTION_NAMES: readonly string[] = Object.keys(BY_NAME);

/** Everything in force but what the comma-separated list names. @throws Error for a name that is none. */
export function protectionsWithout(names: string): Protections {
  const all: Protections = { openAttempt: true, digest: true, version: true, outbox: true, leasedSweep: true };
  for (const name of names.split(',').filter(Boolean)) {
    const protection = BY_NAME[name];
    if (!protection) throw new Error(`"${name}" is no protection; there are ${PROTECTION_NAMES.join(', ')}`);
    all[protection] = false;
  }
  return all;
}
