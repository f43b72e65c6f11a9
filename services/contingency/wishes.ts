import { decide } from '@malote/fiscal/contingencia/decide';
import type { StatusTarget } from '@malote/fiscal/contingencia/situacao';
import { type Autorizador, autorizadorContingencia, autorizadorNormal } from '@malote/fiscal/model/autorizador';
import type { ContingenciaKey } from '@malote/messages/types';
import type { Contingencia } from '@malote/store/contingencias';
import { drillMode } from './drill.ts';
import { settingsOf, type Thresholds } from './settings.ts';

/** Who wants to know a status. */
export interface Wish {
  key: ContingenciaKey;
  target: StatusTarget;
}

export function keyOf({ conta, modelo, uf, tpAmb }: Pick<Contingencia, 'conta' | 'modelo' | 'uf' | 'tpAmb'>): ContingenciaKey {
  return { ...(conta === '*' ? {} : { conta }), modelo, uf, ambiente: tpAmb === '1' ? 'prod' : 'hom' };
}

/** Whom a wish is about, and whose turn it needs. EPECStatusServico of the NFC-e is a service of its own, with a turn of its own. */
export function placeOf({ key: { modelo, uf }, target }: Wish): { autorizador: Autorizador; turn: string } | undefined {
  if (target === 'svc') {
    const svc = autorizadorContingencia(modelo, uf);
    return svc && { autorizador: svc, turn: svc };
  }
  const autorizador = autorizadorNormal(modelo, uf);
  return { autorizador, turn: target === 'epec' ? `${autorizador}-EPEC` : autorizador };
}

/** What a row wants to know now. */
export function wishesOf(row: Contingencia, now: Date, thresholds: Thresholds): Wish[] {
  const key = keyOf(row);
  const settings = settingsOf(key, thresholds);
  if (row.conta !== '*') {
    const waits = row.simulacao && !row.simulacao.modo && drillMode(row.situacao.evidence, now, settings) === undefined;
    return waits ? [{ key, target: 'svc' }] : [];
  }
  const { actions } = decide(row.situacao, { kind: 'clock' }, now, settings);
  return actions.flatMap((action) => (action.do === 'ask' ? [{ key, target: action.target }] : []));
}

export function isSameWish(a: Wish, b: Wish): boolean {
  return a.target === b.target && isSameKey(a.key, b.key);
}

export function isSameKey(a: ContingenciaKey, b: ContingenciaKey): boolean {
  return a.modelo === b.modelo && a.uf === b.uf && a.ambiente === b.ambiente && a.conta === b.conta;
}
