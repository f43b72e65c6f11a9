import type { SefazCallPayload, ServiceCalls } from '@malote/messages/types';
import type { QuadroSefaz, ServicoSefaz } from '@malote/redis/situacao-sefaz';
import type { Clock } from '@malote/runtime/clock';

export interface StatusBoard {
  add(payload: SefazCallPayload): void;
  /** The board of now, and the last second that was seen (0: none). */
  now(): { quadro: QuadroSefaz; vistoEm: number };
}

export const JANELA_MS = 5 * 60_000;
/** A failure is shown for so long; a service nobody calls any more goes with it. */
const LAST_FAILURE_MS = 24 * 3_600_000;

interface Row {
  about: Pick<ServiceCalls, 'autorizador' | 'modelo' | 'service' | 'ambiente'>;
  seconds: { at: number; durations: [number, number][]; failures: number }[];
  circuit: ServiceCalls['circuit'];
  circuitAt: number;
  lastFailure?: { reason: string; at: string };
}

const WORSE: Readonly<Record<ServiceCalls['circuit'], number>> = { closed: 0, 'half-open': 1, open: 2 };

/** Adds up what all processes saw of each service in the last five minutes. */
export function createStatusBoard({ clock }: { clock: Clock }): StatusBoard {
  const rows = new Map<string, Row>();
  let vistoEm = 0;

  function prune(now: number): void {
    for (const [key, row] of rows) {
      row.seconds = row.seconds.filter(({ at }) => at > now - JANELA_MS);
      if (row.lastFailure && Date.parse(row.lastFailure.at) <= now - LAST_FAILURE_MS) delete row.lastFailure;
      if (row.seconds.length === 0 && !row.lastFailure) rows.delete(key);
    }
  }
  return {
    add({ at: iso, services }) {
      const at = Date.parse(iso);
      vistoEm = Math.max(vistoEm, at);
      for (const { durations, failures, lastFailure, circuit, ...about } of services) {
        const { autorizador, modelo, service, ambiente } = about;
        const key = `${autorizador} ${modelo} ${service} ${ambiente}`;
        const row: Row = rows.get(key) ?? { about, seconds: [], circuit, circuitAt: at };
        rows.set(key, row);
        row.seconds.push({ at, durations, failures });
        if (at > row.circuitAt || WORSE[circuit] > WORSE[row.circuit])
          Object.assign(row, { circuit, circuitAt: Math.max(at, row.circuitAt) });
        if (lastFailure && lastFailure.at > (row.lastFailure?.at ?? '')) row.lastFailure = lastFailure;
      }
      prune(clock.now().getTime());
    },
    now() {
      const now = clock.now();
      prune(now.getTime());
      const servicos = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => servicoOf(row));
      return { quadro: { em: now.toISOString(), janelaMs: JANELA_MS, servicos }, vistoEm };
    },
  };
}

function servicoOf({ about, seconds, circuit, lastFailure }: Row): ServicoSefaz {
  const { autorizador, modelo, service: servico, ambiente } = about;
  const durations = seconds.flatMap((second) => second.durations).sort(([a], [b]) => a - b);
  const respostas = durations.reduce((sum, [, count]) => sum + count, 0);
  const falhas = seconds.reduce((sum, { failures }) => sum + failures, 0);
  const isSilent = circuit === 'open' || (falhas > 0 && respostas === 0);
  return {
    ...{ autorizador, modelo, servico, ambiente, circuito: circuit, respostas, falhas },
    estado: isSilent ? 'sem-resposta' : falhas > 0 ? 'instavel' : 'operando',
    ...(respostas > 0 ? { p50Ms: quantile(durations, respostas, 0.5), p95Ms: quantile(durations, respostas, 0.95) } : {}),
    ...(lastFailure ? { ultimaFalha: { motivo: lastFailure.reason, em: lastFailure.at } } : {}),
  };
}

/** The time within which the share of the calls was answered; `durations` are sorted. */
function quantile(durations: readonly [number, number][], total: number, share: number): number {
  let seen = 0;
  for (const [ms, count] of durations) {
    seen += count;
    if (seen >= share * total) return ms;
  }
  return 0;
}
