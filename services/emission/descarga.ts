import { escolheDescarga, modoParaDescarga, type Pendente } from '@malote/fiscal/contingencia/descarga';
import type { Modo } from '@malote/fiscal/contingencia/situacao';
import { decide } from '@malote/fiscal/emission/lifecycle';
import { openAttempt } from '@malote/fiscal/emission/lifecycle-state';
import { type AnyEnvelope, envelope } from '@malote/messages/envelope';
import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { Metrics } from '@malote/runtime/metrics';
import type { Store } from '@malote/store/connect';
import { type Contingencia, contingenciaId } from '@malote/store/contingencias';
import type { GrupoDescarga, NotaEmCurso, NotaEmitida } from '@malote/store/descarga';
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

/** Of a group read at a time: of each série only the first is begun, so more than one pass sends. */
const BATCH = 100;
/** One whose answer takes longer no longer keeps back those that were issued after it. */
const BLOCKING_MS = 60_000;
/** What is saved up of the rate while nothing is sent. */
const BURST_MS = 1_000;

/** While an authoriser is away its notes are read this often. */
const QUIET_MS = 2_000;

/** So long nothing more is transmitted to an authoriser that left one unanswered. */
const FAILED_QUIET_MS = 15_000;

/** A note under way, and the série that waits for it. */
interface EmCurso {
  nota: NotaEmitida;
  since: Date;
}

/**
 * The sweep that transmits what was issued in contingência once its authoriser is back: in the order of emission and one at a time in each série,
 * many séries side by side, no more than `descargaRate` a second to one authoriser (escolheDescarga). What it knows of notes under way is its own
 * process's: lost with it, at worst one note of each série overtakes another. Answers nothing done, since the pace is kept by the pauses.
 */
export function descargaSweep(deps: DescargaDeps): { sweep(): Promise<number>; onIdle(): void } {
  const { store, clock, log, metrics } = deps;
  const begun = metrics.counter('contingencia_descarga_total', 'Notes issued in contingência whose transmission was begun', [
    'autorizador',
  ]);
  const underWay = new Map<string, EmCurso>();
  /** By receiver: until then nothing is read for it, since nothing of it could be transmitted. */
  const quiet = new Map<string, number>();
  const budget = createBudget(deps);

  async function forgetEnded(now: Date): Promise<void> {
    if (underWay.size === 0) return;
    const rows = await store.descarga.emCurso([...underWay.keys()]);
    const found = new Map(rows.map((row) => [row._id, row]));
    for (const [id, { nota, since }] of underWay) {
      const row = found.get(id);
      const fate = row ? fateOf(row, since, now) : 'over';
      if (fate === 'failed' || row?.state === 'uncertain') quiet.set(receiverOf(nota), clock.monotonic() + FAILED_QUIET_MS);
      if (fate === 'failed') await giveBack(nota, deps);
      if (fate !== 'busy') underWay.delete(id);
    }
  }

  /** Everything that one authoriser gets in one ambiente. */
  async function flush(grupos: GrupoDescarga[], modos: Contingencia[], now: Date): Promise<void> {
    const [first] = grupos;
    const vagas = first ? budget.of(first) : 0;
    if (!first || vagas < 1 || clock.monotonic() < (quiet.get(receiverOf(first)) ?? 0)) return;
    const semSeries = [...underWay.values()].map(({ nota: { emitente, serie } }) => ({ emitente, serie }));
    const semContas = modos.flatMap(({ conta, simulacao }) => (first.tpAmb === '2' && simulacao && simulacao.ate > now ? [conta] : []));
    const read = (grupo: GrupoDescarga) => store.descarga.proximas(grupo, { limit: BATCH, semSeries, semContas });
    const notas = new Map((await Promise.all(grupos.map(read))).flat().map((nota) => [nota._id, nota]));
    const chosen = escolheDescarga([...notas.values()].map(pendenteOf), modoOf(modos, notas, now), now, { vagas });
    if (chosen.length === 0 && notas.size > 0) quiet.set(receiverOf(first), clock.monotonic() + QUIET_MS);
    for (const { id } of chosen) {
      const nota = notas.get(id) as NotaEmitida;
      if (!(await transmit(nota, deps))) continue;
      underWay.set(id, { nota, since: now });
      budget.take(nota);
      begun.inc({ autorizador: nota.autorizadorNormal });
      log.info({ doc: id, autorizador: nota.autorizadorNormal }, 'a note issued in contingência is transmitted');
    }
  }

  return {
    async sweep() {
      const grupos = await store.descarga.grupos();
      const now = clock.now();
      await forgetEnded(now);
      if (grupos.length === 0) return 0;
      const modos = await store.contingencias.emVigor();
      const byReceiver = Map.groupBy(grupos, receiverOf);
      for (const together of byReceiver.values()) await flush(together, modos, now);
      return 0;
    },
    onIdle: () => underWay.clear(),
  };
}

/** The note itself has to wait (468: its EPEC is not there yet), or its authoriser did not work at all. */
const NAO_SINCRONIZADO = '468';
const NOT_WORKING: ReadonlySet<string> = new Set(['108', '109', '113', '114', '678']);

/**
 * What became of a note that is being transmitted. `over`: those behind it may go. `failed`: nothing was processed, so that they would fail, too.
 */
function fateOf(row: NotaEmCurso, since: Date, now: Date): 'busy' | 'over' | 'failed' {
  const { state, nextAt } = row;
  if (state !== 'issued' && state !== 'uncertain') return 'over';
  const late = Math.abs(now.getTime() - since.getTime()) > BLOCKING_MS;
  const waits = nextAt !== undefined && nextAt > now;
  if (state === 'uncertain' || openAttempt(row) || !waits) return late ? 'over' : 'busy';
  const { result, cStat = '' } = row.attempts.findLast(({ kind }) => kind === 'authorize') ?? {};
  if (cStat === NAO_SINCRONIZADO) return 'over';
  // Otherwise its company rests (656), and those behind it would only rest with it.
  return result === 'not-sent' || (result === 'answered' && NOT_WORKING.has(cStat)) ? 'failed' : 'busy';
}

const receiverOf = ({ autorizadorNormal, tpAmb }: GrupoDescarga): string => `${autorizadorNormal}.${tpAmb}`;

function pendenteOf({ _id, emitente, autorizadorNormal, emitidoEm, contingencia, tpEmisInformado, ...nota }: NotaEmitida): Pendente {
  const { tpAmb, modelo, uf, serie, numero } = nota;
  return {
    ...{ id: _id, empresa: emitente, tpAmb, modelo, uf, serie, numero, autorizador: autorizadorNormal, emitidaEm: emitidoEm },
    // An ERP's own contingência says nothing of SEFAZ: it is transmitted at once.
    ...(tpEmisInformado === '1' ? { entregueEm: contingencia?.emitidaEm } : {}),
    ...{ prazoAte: contingencia?.prazoAte, situacao: 'espera' },
  };
}

/** The mode that counts for each note, of the rows that are in force. */
function modoOf(modos: Contingencia[], notas: Map<string, NotaEmitida>, now: Date): (one: Pendente) => Modo {
  const rows = new Map(modos.map((row) => [row._id, row]));
  return (one) => {
    const { modelo, uf, tpAmb } = one;
    const key = { modelo, uf, ambiente: tpAmb === '1' ? 'prod' : 'hom' } as const;
    const conta = rows.get(contingenciaId({ ...key, conta: (notas.get(one.id) as NotaEmitida).conta }));
    return modoParaDescarga(one, { hub: rows.get(contingenciaId(key)), conta }, now);
  };
}

/** Back into the order of emission, so that it is not tried by itself while those before it are not. */
async function giveBack({ _id }: NotaEmitida, { store }: DescargaDeps): Promise<void> {
  const documento = await store.documentos.findById(_id);
  if (!documento?.contingencia?.vez || documento.state !== 'issued' || openAttempt(documento)) return;
  await store.documentos.transition(documento, { contingencia: { ...documento.contingencia, vez: undefined } });
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
  const filled = (grupo: GrupoDescarga) => {
    const now = clock.monotonic();
    const row = left.get(receiverOf(grupo)) ?? { tokens: most, at: now };
    row.tokens = Math.min(most, row.tokens + ((now - row.at) * descargaRate) / 1000);
    row.at = now;
    left.set(receiverOf(grupo), row);
    return row;
  };
  return {
    /** Whole notes that may be sent now. */
    of: (grupo: GrupoDescarga) => Math.floor(filled(grupo).tokens),
    take: (grupo: GrupoDescarga) => {
      filled(grupo).tokens -= 1;
    },
  };
}
