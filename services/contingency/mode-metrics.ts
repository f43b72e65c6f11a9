import { countFailures } from '@malote/fiscal/contingencia/evidence';
import type { Clock } from '@malote/runtime/clock';
import type { Metrics } from '@malote/runtime/metrics';
import type { Store } from '@malote/store/connect';
import { keyOf } from './wishes.ts';

const WHERE = ['modelo', 'uf', 'ambiente'] as const;

/** What the sweeper does that shows the modes; only the process that holds its lease shows them. */
export function modeMetricsSweep(deps: { store: Pick<Store, 'contingencias'>; clock: Clock; metrics: Metrics }): {
  sweep: () => Promise<number>;
  onIdle: () => void;
} {
  const { store, clock, metrics } = deps;
  const modo = metrics.gauge('contingencia_modo', "1 for the hub's own mode in force", [...WHERE, 'modo']);
  const seconds = metrics.gauge('contingencia_segundos', 'Seconds in that mode', [...WHERE, 'modo']);
  const failures = metrics.gauge('contingencia_falhas', 'Failed calls that count towards contingency now', WHERE);
  const suspicion = metrics.gauge('contingencia_suspeita', '1 while enough has failed and no status answer has said why', WHERE);
  const ourSide = metrics.gauge('contingencia_nossa_rede', '1 while every authoriser is silent: the fault is taken to be our own network');
  const byHand = metrics.gauge('contingencia_por_conta', 'Accounts with an order or a drill of their own', ['motivo']);
  const all = [modo, seconds, failures, suspicion, byHand];
  const onIdle = () => {
    for (const gauge of all) gauge.reset();
    ourSide.set(0);
  };
  return {
    onIdle,
    async sweep() {
      const now = clock.now().getTime();
      const [rows, emVigor] = await Promise.all([store.contingencias.list(), store.contingencias.emVigor()]);
      onIdle();
      for (const row of rows) {
        const { modelo, uf, ambiente } = keyOf(row);
        const { mode, evidence } = row.situacao;
        const where = { modelo, uf, ambiente };
        modo.set({ ...where, modo: mode.modo }, 1);
        seconds.set({ ...where, modo: mode.modo }, (now - mode.since.getTime()) / 1_000);
        failures.set(where, countFailures(evidence).failures);
        suspicion.set(where, row.suspeitaDesde ? 1 : 0);
        if (evidence.ourSide) ourSide.set(1);
      }
      const ofAccounts = emVigor.filter(({ conta }) => conta !== '*');
      byHand.set({ motivo: 'ordem' }, ofAccounts.filter(({ ordem }) => ordem).length);
      byHand.set({ motivo: 'simulacao' }, ofAccounts.filter(({ simulacao }) => simulacao).length);
      return 0;
    },
  };
}
