/** What a test can take out of the store, to see the harm it prevents. */
export interface StoreProtections {
  version: boolean;
  outbox: boolean;
  leasedSweep: boolean;
}

export const PROTECTED: StoreProtections = { version: true, outbox: true, leasedSweep: true };
