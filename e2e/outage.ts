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
  /** Moves the clock a quarter of an hour at a time, the longest wait between two consults, until a note ends so. */
  ended(customer: Customer, numero: number, status: string): Promise<DocumentView>;
}

/** A little more than the pause between status calls of one authoriser. */
const TURN_MS = 3 * 60_000 + 2_000;
const TURNS = 20;
const QUARTER_MS = 15 * 60_000 + 1_000;
/** Four hours: more than a late arrival is waited for, after the consults that SEFAZ allows in an hour. */
const QUARTERS = 16;
/** What is due now happens within so long, or after the next quarter. */
const STILL_MS = 2_000;

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
    async ended(customer, numero, status) {
      for (let quarter = 0; quarter < QUARTERS; quarter++) {
        const view = await customer.untilStatus(numero, status, STILL_MS).catch(() => undefined);
        if (view) return view;
        advance(QUARTER_MS);
      }
      return customer.untilStatus(numero, status);
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
