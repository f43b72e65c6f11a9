import { decide } from './decide.ts';
import { countFailures } from './evidence.ts';
import type { ModosVistos } from './modo-da-nota.ts';
import type { VirtualSefaz } from './outage-sefaz.ts';
import { DEFAULT_THRESHOLDS, type Fact, type ObservedCalls, type Settings, type StatusTarget, startOf } from './situacao.ts';

type Modelo = '55' | '65';

export interface ModeWorker {
  vistos(modelo: Modelo): ModosVistos;
  /** One call in normal emission at SP. */
  observe(modelo: Modelo, documentId: string, end: 'answered' | 'failures' | 'paused'): void;
  clock(): void;
  /** Nothing is going on: no mode, no failures. */
  calm(): boolean;
}

const SETTINGS: Readonly<Record<Modelo, Settings>> = {
  '55': { ...DEFAULT_THRESHOLDS, modelo: '55', uf: 'SP', ambiente: 'prod', automatic: true, order: ['SVC', 'EPEC'] },
  '65': { ...DEFAULT_THRESHOLDS, modelo: '65', uf: 'SP', ambiente: 'prod', automatic: true, order: ['OFFLINE'] },
};
const BETWEEN_STATUS_MS = 180_000;

/** The contingency worker of SP on a virtual clock: what it sees are the calls of the world, what it asks is asked every three minutes at most. */
export function modeWorker(now: () => Date, sefaz: Pick<VirtualSefaz, 'status'>): ModeWorker {
  const rows = { '55': { situacao: startOf(now()) }, '65': { situacao: startOf(now()) } } as Record<
    Modelo,
    NonNullable<ModosVistos['hub']>
  >;
  const askedAt = new Map<StatusTarget, number>();

  function apply(modelo: Modelo, fact: Fact): void {
    const row = rows[modelo];
    const settings = SETTINGS[modelo];
    const { situacao, actions } = decide(row.situacao, fact, now(), settings);
    row.situacao = situacao;
    const { failures, documents } = countFailures(situacao.evidence);
    const suspected = situacao.mode.modo === 'NORMAL' && failures >= settings.failures && documents >= settings.documents;
    if (suspected) row.suspeitaDesde ??= now();
    else delete row.suspeitaDesde;
    for (const action of actions) if (action.do === 'ask') ask(modelo, action.target);
  }

  function ask(modelo: Modelo, target: StatusTarget): void {
    const at = now();
    if (target === 'epec' || at.getTime() - (askedAt.get(target) ?? Number.NEGATIVE_INFINITY) < BETWEEN_STATUS_MS) return;
    askedAt.set(target, at.getTime());
    const answer = sefaz.status(target === 'svc' ? 'SVC-AN' : 'SP');
    for (const one of target === 'normal' ? (['55', '65'] as const) : [modelo]) apply(one, { kind: 'status', target, answer, at });
  }

  return {
    vistos: (modelo) => ({ hub: rows[modelo] }),
    observe(modelo, documentId, end) {
      const none = { answered: 0, failures: 0, local: 0, paused: 0 };
      const documents = end === 'answered' ? [] : [documentId];
      const calls: ObservedCalls = { autorizador: 'SP', modelo, uf: 'SP', ambiente: 'prod', ...none, [end]: 1, documents };
      apply(modelo, { kind: 'observed', at: now(), calls: [calls] });
    },
    clock() {
      for (const modelo of ['55', '65'] as const) apply(modelo, { kind: 'clock' });
    },
    calm: () => Object.values(rows).every(({ situacao }) => situacao.mode.modo === 'NORMAL' && situacao.evidence.failed.length === 0),
  };
}
