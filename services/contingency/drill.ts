import { isGood } from '@malote/fiscal/contingencia/evidence';
import { AUTOMATIC_MODOS, type Evidence, type Modo, type Settings } from '@malote/fiscal/contingencia/situacao';
import { autorizadorContingencia } from '@malote/fiscal/model/autorizador';

/**
 * The mode that a drill uses: the first one of the model that would work if the normal authoriser were away. Undefined while only the SVC's
 * status can tell; NORMAL when the model has none there.
 */
export function drillMode({ status: { svc } }: Pick<Evidence, 'status'>, now: Date, settings: Settings): Modo | undefined {
  const { modelo, uf, askEveryMs } = settings;
  for (const modo of AUTOMATIC_MODOS[modelo]) {
    if (modo !== 'SVC') return modo;
    if (!autorizadorContingencia(modelo, uf)) continue;
    if (!svc || now.getTime() - svc.at >= askEveryMs) return undefined;
    if (isGood('svc', svc.answer, settings)) return 'SVC';
  }
  return 'NORMAL';
}
