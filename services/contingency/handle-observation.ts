import { dead, done, type Handler } from '@malote/broker/consumer';
import { afterCalls } from '@malote/fiscal/contingencia/evidence';
import { type Fact, type ObservedCalls, startOf } from '@malote/fiscal/contingencia/situacao';
import { autorizadorNormal } from '@malote/fiscal/model/autorizador';
import type { Envelope } from '@malote/messages/envelope';
import type { ContingenciaKey } from '@malote/messages/types';
import type { Clock } from '@malote/runtime/clock';
import type { Store } from '@malote/store/connect';
import { contingenciaId } from '@malote/store/contingencias';
import type { HeardOfAll } from './heard.ts';
import type { Modes } from './modes.ts';
import { settingsOf, type Thresholds } from './settings.ts';
import { keyOf } from './wishes.ts';

export interface ObservationDeps {
  store: Pick<Store, 'contingencias'>;
  modes: Pick<Modes, 'tell'>;
  heard: HeardOfAll;
  clock: Clock;
  thresholds: Thresholds;
  /** Gets what was seen of every service. */
  board?: { add(payload: Envelope<'sefaz.call'>['payload']): void };
}

/**
 * Handles `sefaz.call`: one second of one process. A second without failures costs no more than the question which modes have something under
 * way; only those, and whatever failed in it, are decided on.
 */
export function observationHandler(deps: ObservationDeps): Handler {
  const { store, modes, heard, clock, thresholds, board } = deps;
  return async (received) => {
    if (received.type !== 'sefaz.call') return dead('no observation of SEFAZ');
    const { id, traceparent, payload } = received as Envelope<'sefaz.call'>;
    board?.add(payload);
    const at = new Date(payload.at);
    const concerned = new Map<string, ContingenciaKey>();
    const add = (key: ContingenciaKey) => void concerned.set(contingenciaId(key), key);
    for (const calls of payload.calls) {
      const { modelo, uf, ambiente } = calls;
      heard.learn(afterCalls(startOf(at).evidence, [calls], at.getTime(), settingsOf(calls, thresholds)));
      const isNormal = calls.autorizador === autorizadorNormal(modelo, uf);
      if (isNormal && calls.failures + calls.local + calls.paused > 0) add({ modelo, uf, ambiente });
    }
    for (const row of await store.contingencias.emVigor()) if (row.conta === '*') add(keyOf(row));
    const cause = { id, traceparent };
    for (const key of concerned.values()) {
      await modes.tell(key, { kind: 'observed', at, calls: payload.calls }, cause);
      for (const fact of circuitsOf(payload, key)) await modes.tell(key, fact, { ...cause, id: clock.uuid() });
    }
    return done;
  };
}

/** Circuits that opened within the second, of authorisers whose calls it also shows for this mode. */
function circuitsOf({ opened, calls }: Envelope<'sefaz.call'>['payload'], { modelo, uf, ambiente }: ContingenciaKey): Fact[] {
  const isMine = (one: ObservedCalls) => one.modelo === modelo && one.uf === uf && one.ambiente === ambiente;
  return opened
    .filter((circuit) => calls.some((one) => isMine(one) && one.autorizador === circuit.autorizador && one.ambiente === circuit.ambiente))
    .map(({ autorizador, ambiente }) => ({ kind: 'circuit-open', autorizador, ambiente }));
}
