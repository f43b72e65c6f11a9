import type { Modo } from '@malote/fiscal/contingencia/situacao';
import type { Modelo } from '@malote/fiscal/model/modelo';
import type { Uf } from '@malote/fiscal/model/uf';
import { eventually } from '@malote/testkit/eventually';
import type { Customer, DocumentView } from './customer.ts';
import type { Hub } from './hub.ts';

/** Authorisers that go and come back, by the simulator. */
export interface Outage {
  /** No service of the authoriser answers for the model. */
  down(autorizador: string, modelo: string): Promise<void>;
  /** Everything answers again, the SVCs as activated as at the start. */
  up(): Promise<void>;
  /** Activation of an SVC for a UF. */
  svc(svc: string, uf: string, state: 'active' | 'ending' | 'off'): Promise<void>;
  /** The hub's own mode of a model and UF in homologação. */
  modoOf(modelo: Modelo, uf: Uf): Promise<Modo>;
  /** Moves the clock by one turn of status calls at a time, each time until the normal authoriser's is over, until the mode is reached. */
  statusUntil(modelo: Modelo, uf: Uf, modo: Modo): Promise<void>;
  /** Moves the clock from one consult of a note in recovery to the next, until it is not in recovery any more. */
  recovered(customer: Customer, numero: number): Promise<DocumentView>;
}

/** A little more than the pause between status calls of one authoriser. */
const TURN_MS = 3 * 60_000 + 2_000;
const TURNS = 20;
const HOUR_MS = 3_600_000;
/** The longest wait between two consults. */
const CONSULT_MS = 15 * 60_000 + 1_000;

export function createOutage({ simulator, store, advance }: Hub): Outage {
  const rowOf = (modelo: Modelo, uf: Uf) => store.contingencias.find({ modelo, uf, ambiente: 'hom' });
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
    async recovered(customer, numero) {
      for (let hours = 0; hours < 3; hours += CONSULT_MS / HOUR_MS) {
        const settled = async () => ((await customer.view(numero)).status === 'Em recuperação' ? null : customer.view(numero));
        const view = await eventually(settled, { timeoutMs: 1_500 }).catch(() => null);
        if (view) return view;
        advance(CONSULT_MS);
      }
      throw new Error(`note ${numero} is still in recovery`);
    },
    modoOf: async (modelo, uf) => (await rowOf(modelo, uf))?.situacao.mode.modo ?? 'NORMAL',
    async statusUntil(modelo, uf, modo) {
      for (let turn = 0; turn < TURNS; turn++) {
        const before = await rowOf(modelo, uf);
        if (before?.situacao.mode.modo === modo) return;
        advance(TURN_MS);
        const moved = async () => {
          const { mode, evidence } = (await rowOf(modelo, uf))?.situacao ?? {};
          return mode?.modo === modo || (evidence?.status.normal?.at ?? 0) > (before?.situacao.evidence.status.normal?.at ?? 0);
        };
        await eventually(moved, { timeoutMs: 20_000, message: `turn ${turn} on the way to ${modo}` });
      }
      throw new Error(`still ${JSON.stringify((await rowOf(modelo, uf))?.situacao)} after ${TURNS} turns`);
    },
  };
}
