import { decide } from '@malote/fiscal/emission/lifecycle';
import { openAttempt } from '@malote/fiscal/emission/lifecycle-state';
import { type AnyEnvelope, envelope } from '@malote/messages/envelope';
import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { Metrics } from '@malote/runtime/metrics';
import type { Store } from '@malote/store/connect';
import type { Contingencia } from '@malote/store/contingencias';
import type { GrupoDescarga, NotaEmitida } from '@malote/store/descarga';
import { payloadOf } from '@malote/store/documentos';

export interface DescargaDeps {
  store: Pick<Store, 'contingencias' | 'descarga' | 'documentos'>;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  publish: (message: AnyEnvelope) => Promise<unknown>;
  /** Notes a second for each authoriser and ambiente. */
  descargaRate: number;
}

/** Of a group read at a time: séries are transmitted side by side, so more than one pass sends. */
const BATCH = 100;
/** One whose answer takes longer no longer keeps back those that were issued after it. */
const BLOCKING_MS = 60_000;
/** So close to its deadline a note is transmitted whatever the mode says: the authoriser may be back and nobody have noticed. */
const NEAR_MS = 4 * 60 * 60_000;
/** What is saved up of the rate while nothing is sent. */
const BURST_MS = 1_000;

/** Order holds within these. */
const serieOf = ({ emitente, tpAmb, modelo, cUF, serie }: NotaEmitida) => `${emitente}.${tpAmb}.${modelo}.${cUF}.${serie}`;

/**
 * The sweep that transmits what was issued in contingência once its authoriser is back: in the order of emission and one at a time in each série,
 * many séries side by side, no more than `descargaRate` a second to one authoriser. What it knows of notes under way is its own process's: lost
 * with it, at worst one note of each série overtakes another. Answers how many it set going.
 */
export function descargaSweep(deps: DescargaDeps): { sweep(): Promise<number>; onIdle(): void } {
  const { store, clock, log, metrics } = deps;
  const transmitted = metrics.counter('contingencia_descarga_total', 'Notes issued in contingência whose transmission was begun', [
    'autorizador',
  ]);
  /** By série: what is being transmitted. */
  const underWay = new Map<string, { id: string; since: number }>();
  const budget = createBudget(deps);

  async function forgetEnded(now: number): Promise<void> {
    if (underWay.size === 0) return;
    const rows = await store.descarga.emCurso([...underWay.values()].map(({ id }) => id));
    const found = new Map(rows.map((row) => [row._id, row]));
    for (const [serie, { id, since }] of underWay) {
      const row = found.get(id);
      const waits = row?.state !== 'issued' || (row.nextAt !== undefined && row.nextAt.getTime() > now);
      if (!row || (waits && !openAttempt(row)) || Math.abs(now - since) > BLOCKING_MS) underWay.delete(serie);
    }
  }

  async function flush(grupo: GrupoDescarga, modos: Contingencia[], now: Date): Promise<number> {
    let begun = 0;
    for (const nota of await candidates(grupo, modos, now, deps)) {
      const serie = serieOf(nota);
      if (underWay.has(serie)) continue;
      if (!budget.has(grupo)) break;
      underWay.set(serie, { id: nota._id, since: now.getTime() });
      if (!(await transmit(nota, deps))) continue;
      budget.take(grupo);
      transmitted.inc({ autorizador: grupo.autorizadorNormal });
      begun += 1;
    }
    return begun;
  }

  return {
    async sweep() {
      const grupos = await store.descarga.grupos();
      const now = clock.now();
      await forgetEnded(now.getTime());
      if (grupos.length === 0) return 0;
      const modos = await store.contingencias.emVigor();
      let begun = 0;
      for (const grupo of grupos) begun += await flush(grupo, modos, now);
      if (begun > 0) log.info({ begun, underWay: underWay.size }, 'notes issued in contingência are transmitted');
      // The pace is kept by the pause between two passes.
      return 0;
    },
    onIdle: () => underWay.clear(),
  };
}

/** What of a group may be transmitted now, in the order of emission. */
async function candidates(grupo: GrupoDescarga, modos: Contingencia[], now: Date, { store }: DescargaDeps): Promise<NotaEmitida[]> {
  const here = modos.filter(({ modelo, uf, tpAmb }) => modelo === grupo.modelo && uf === grupo.uf && tpAmb === grupo.tpAmb);
  const hub = here.find(({ conta }) => conta === '*');
  const drills = here.flatMap(({ conta, simulacao }) => (simulacao && simulacao.ate > now ? [conta] : []));
  const away = hub !== undefined && (hub.situacao.mode.modo !== 'NORMAL' || hub.suspeitaDesde !== undefined);
  const notas = await store.descarga.proximas(grupo, { limit: BATCH, semContas: drills });
  return away ? notas.filter((nota) => isNear(nota, now)) : notas;
}

function isNear({ contingencia }: NotaEmitida, now: Date): boolean {
  return contingencia?.prazoAte !== undefined && contingencia.prazoAte.getTime() - now.getTime() <= NEAR_MS;
}

/** Its turn has come: said in the note itself, by which a late or second message is harmless. */
async function transmit({ _id }: NotaEmitida, { store, clock, publish }: DescargaDeps): Promise<boolean> {
  const documento = await store.documentos.findById(_id);
  // Another process was first: whose lease ran out while it paused, say.
  if (!documento || documento.contingencia?.vez) return false;
  const { change, action } = decide(documento, { kind: 'transmit' }, clock.now());
  if (!change || action.do !== 'send') return false;
  const { trace, _id: correlationId } = documento;
  const facts = { id: clock.uuid(), at: clock.now(), traceparent: trace, correlationId };
  // Never in the lane of those who wait: a till that sells must not stand behind what was sold an hour ago.
  const message = envelope('document.emit', { ...payloadOf(documento), fila: 'lote' }, facts) as AnyEnvelope;
  if (!(await store.documentos.transition(documento, change, { message }))) return false;
  await publish(message);
  return true;
}

/** Tokens for each authoriser and ambiente. */
function createBudget({ clock, descargaRate }: Pick<DescargaDeps, 'clock' | 'descargaRate'>) {
  const left = new Map<string, { tokens: number; at: number }>();
  const most = Math.max(1, (descargaRate * BURST_MS) / 1000);
  const of = ({ autorizadorNormal, tpAmb }: GrupoDescarga) => {
    const key = `${autorizadorNormal}.${tpAmb}`;
    const now = clock.monotonic();
    const row = left.get(key) ?? { tokens: most, at: now };
    row.tokens = Math.min(most, row.tokens + ((now - row.at) * descargaRate) / 1000);
    row.at = now;
    left.set(key, row);
    return row;
  };
  return {
    has: (grupo: GrupoDescarga) => of(grupo).tokens >= 1,
    take: (grupo: GrupoDescarga) => {
      of(grupo).tokens -= 1;
    },
  };
}
