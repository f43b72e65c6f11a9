import type { ContingenciaKey } from '@malote/messages/types';
import type { Clock } from '@malote/runtime/clock';
import type { Store } from '@malote/store/connect';
import { settingsOf, type Thresholds } from './settings.ts';
import type { Wish } from './wishes.ts';

export interface EpecWishDeps {
  store: Pick<Store, 'contingencias' | 'politicas'>;
  clock: Clock;
  thresholds: Thresholds;
}

/**
 * The EPEC of the NFC-e exists in SP only, and only while EPECStatusServico says that it is up (Ajuste SINIEF 19/16): asked for while the normal
 * authoriser is away, and only when some policy wants it.
 */
export async function epecWish({ conta, ...key }: ContingenciaKey, { store, clock, thresholds }: EpecWishDeps): Promise<Wish[]> {
  if (conta !== undefined || key.modelo !== '65' || key.uf !== 'SP') return [];
  const row = await store.contingencias.find(key);
  if (!row || row.situacao.mode.modo === 'NORMAL') return [];
  const { epec } = row.situacao.evidence.status;
  if (epec && clock.now().getTime() - epec.at < settingsOf(key, thresholds).askEveryMs) return [];
  return (await store.politicas.usamEpecNfce()) ? [{ key, target: 'epec' }] : [];
}
