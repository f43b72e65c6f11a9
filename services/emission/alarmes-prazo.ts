import { AVISO_PRAZO, alarmes, type GrauAlarme, prazoNaUf } from '@malote/fiscal/contingencia/prazo';
import { openAttempt } from '@malote/fiscal/emission/lifecycle-state';
import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { Gauge, Metrics } from '@malote/runtime/metrics';
import type { Store } from '@malote/store/connect';
import type { Documento } from '@malote/store/documento';
import type { PendenteDoHub } from '@malote/store/pendentes';

export interface AlarmesPrazoDeps {
  store: Pick<Store, 'pendentesDoHub' | 'documentos'>;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

const PASS_EVERY_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Upper bounds in hours; what is older is `mais`. */
const IDADES = [1, 6, 24, 168] as const;
const LOUD: ReadonlySet<GrauAlarme> = new Set(['urgente', 'critico', 'vencido']);
/** Marks of one pass; the next goes on. */
const MAX_PER_PASS = 5_000;

export interface AlarmesPrazo {
  /** Answers how many documents it marked. */
  sweep(): Promise<number>;
  /** Another process counts now. */
  onIdle(): void;
}

/**
 * The sweep that tells of documents issued in contingência whose deadline comes near: each grau once for a document, as an aviso on it, as one
 * line of the log for each company, and as gauges by age and by grau. It looks at the injected clock often and works once a minute.
 */
export function alarmesPrazoSweep(deps: AlarmesPrazoDeps): AlarmesPrazo {
  const { store, clock, log, metrics } = deps;
  const idades = metrics.gauge('contingencia_pendentes', 'Documents issued in contingência and not authorised yet, by age in hours', [
    'idade',
  ]);
  const graus = metrics.gauge('contingencia_pendentes_prazo', 'Documents issued in contingência, by the alarm of their deadline', ['grau']);
  let last = Number.NEGATIVE_INFINITY;
  return {
    async sweep() {
      const now = clock.now();
      // Not only when later: a clock that was set back must not stop it for long.
      if (Math.abs(now.getTime() - last) < PASS_EVERY_MS) return 0;
      const ages = new Map<string, number>(IDADES.map((hours) => [idadeOf(hours), 0]));
      const levels = new Map<string, number>();
      const told = new Map<string, Told>();
      let marked = 0;
      for await (const row of store.pendentesDoHub()) {
        count(ages, ageOf(row, now));
        const grau = grauOf(row, now);
        if (!grau) continue;
        count(levels, grau);
        if (row.contingencia?.alarme === grau || marked >= MAX_PER_PASS || openAttempt(row)) continue;
        if (!(await mark(row, grau, deps))) continue;
        marked += 1;
        remember(told, row, grau);
      }
      show(idades, ages, 'idade');
      show(graus, levels, 'grau');
      for (const one of told.values()) {
        const level = LOUD.has(one.grau) ? 'error' : 'warn';
        log[level](one, 'documents issued in contingência are near their deadline and not authorised');
      }
      last = now.getTime();
      return marked;
    },
    onIdle() {
      idades.reset();
      graus.reset();
      last = Number.NEGATIVE_INFINITY;
    },
  };
}

interface Told {
  conta: string;
  empresa: string;
  grau: GrauAlarme;
  documentos: number;
  /** Of the one that is pending longest. */
  primeiro: string;
  prazo: string | undefined;
}

function remember(told: Map<string, Told>, { _id, conta, empresa, contingencia }: PendenteDoHub, grau: GrauAlarme): void {
  const key = `${conta} ${empresa} ${grau}`;
  const one = told.get(key) ?? { conta, empresa, grau, documentos: 0, primeiro: _id, prazo: contingencia?.prazoAte?.toISOString() };
  told.set(key, { ...one, documentos: one.documentos + 1 });
}

/** The loudest that is due. */
function grauOf({ contingencia }: PendenteDoHub, now: Date): GrauAlarme | undefined {
  const { prazoAte: ate, alvoAte: alvo } = contingencia ?? {};
  return ate && alvo ? alarmes({ ate, alvo }, now).at(-1)?.grau : undefined;
}

async function mark(row: PendenteDoHub, grau: GrauAlarme, { store }: AlarmesPrazoDeps): Promise<boolean> {
  const { contingencia, avisos } = row;
  if (!contingencia) return false;
  const aviso = { codigo: AVISO_PRAZO, mensagem: mensagemOf(row, grau) };
  const change = {
    contingencia: { ...contingencia, alarme: grau },
    avisos: [...avisos.filter(({ codigo }) => codigo !== AVISO_PRAZO), aviso],
  };
  return (await store.documentos.transition(row as unknown as Documento, change)) !== undefined;
}

function mensagemOf({ state, contingencia, uf }: PendenteDoHub, grau: GrauAlarme): string {
  const prazo = contingencia?.prazoAte && prazoNaUf(uf, contingencia.prazoAte);
  const end =
    grau === 'vencido'
      ? `O prazo de transmissão desta nota emitida em contingência terminou em ${prazo}`
      : `Esta nota emitida em contingência tem de ser autorizada até ${prazo}`;
  const refused = state === 'rejected' || state === 'invalid';
  const remedy = refused
    ? 'A SEFAZ ou o hub a recusou: corrija-a com PUT …/correcao, e ela é transmitida de novo'
    : 'O hub a transmite sozinho assim que a SEFAZ atender';
  return `${end}. ${remedy}.`;
}

function ageOf({ pendenteDesde }: PendenteDoHub, now: Date): string {
  const hours = (now.getTime() - pendenteDesde.getTime()) / HOUR_MS;
  const bound = IDADES.find((most) => hours < most);
  return bound === undefined ? 'mais' : idadeOf(bound);
}

const idadeOf = (hours: number): string => `ate-${hours}h`;

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function show<L extends string>(gauge: Gauge<L>, counts: Map<string, number>, label: L): void {
  gauge.reset();
  for (const [value, n] of counts) gauge.set({ [label]: value } as Record<L, string>, n);
}
