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

export function createOutage({ simulator, advance }: Hub): Outage {
  const undo: (() => Promise<void>)[] = [];
  return {
    async down(autorizador, modelo) {
      undo.push(await simulator.down({ autorizador, modelo }));
    },
    async up() {
      for (const back of undo.splice(0)) await back();
    },
    async svc(autorizador, uf, state) {
      if (state !== 'active') undo.push(() => simulator.svc({ autorizador, uf, state: 'active' }));
      await simulator.svc({ autorizador, uf, state });
    },
    async statusAgain(modoOf, modo) {
      for (let turn = 0; turn < TURNS; turn++) {
        if ((await modoOf()) === modo) return;
        const before = (await simulator.statusCalls()).length;
        advance(TURN_MS);
        const moved = async () => (await simulator.statusCalls()).length > before || (await modoOf()) === modo;
        await eventually(moved, { timeoutMs: 20_000, message: `turn ${turn} on the way to ${modo}` });
      }
      throw new Error(`still ${await modoOf()} after ${TURNS} turns`);
    },
  };
}
