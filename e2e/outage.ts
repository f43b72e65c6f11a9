import { eventually } from '@malote/testkit/eventually';
import type { Hub } from './hub.ts';

/** Authorisers that go and come back, by the simulator. */
export interface Outage {
  /** No service of the authoriser answers for the model. */
  down(autorizador: string, modelo: string): Promise<void>;
  /** Everything answers again, the SVCs as activated as at the start. */
  up(): Promise<void>;
  /** Activation of an SVC for a UF. */
  svc(svc: string, uf: string, state: 'active' | 'ending' | 'off'): Promise<void>;
  /** Moves the clock by one turn of status calls at a time, until `modoOf` answers the mode. */
  statusAgain(modoOf: () => Promise<string>, modo: string): Promise<void>;
}

/** A little more than the pause between status calls of one authoriser. */
const TURN_MS = 3 * 60_000 + 2_000;
const TURNS = 20;

export function createOutage(hub: Hub): Outage {
  const off: [string, string][] = [];
  return {
    down: (autorizador, modelo) => hub.simulator.fault({ fault: 'hang', match: { autorizador, modelo } }),
    async up() {
      await hub.simulator.clearFaults();
      for (const [svc, uf] of off.splice(0)) await hub.simulator.svc({ svc, uf, state: 'active' });
    },
    async svc(svc, uf, state) {
      if (state !== 'active') off.push([svc, uf]);
      await hub.simulator.svc({ svc, uf, state });
    },
    async statusAgain(modoOf, modo) {
      for (let turn = 0; turn < TURNS; turn++) {
        if ((await modoOf()) === modo) return;
        const asked = async () => (await hub.simulator.calls({ service: 'NFeStatusServico4' })).length;
        const before = await asked();
        hub.advance(TURN_MS);
        await eventually(async () => (await asked()) > before || (await modoOf()) === modo, { timeoutMs: 20_000, message: `turn ${turn}` });
      }
      throw new Error(`still ${await modoOf()} after ${TURNS} turns`);
    },
  };
}
