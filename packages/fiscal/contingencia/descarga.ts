import { type Lifecycle, openAttempt } from '../emission/lifecycle-state.ts';
import { type Autorizador, autorizadorNormal } from '../model/autorizador.ts';
import type { Modelo } from '../model/modelo.ts';
import type { Uf } from '../model/uf.ts';
import type { ModosVistos } from './modo-da-nota.ts';
import type { Modo } from './situacao.ts';

/** A note that was handed over and is still to be authorised. */
export interface Pendente {
  id: string;
  empresa: string;
  tpAmb: '1' | '2';
  modelo: Modelo;
  uf: Uf;
  serie: number;
  numero: number;
  /** who authorises it */
  autorizador: Autorizador;
  emitidaEm: Date;
  /** when it was handed over */
  entregueEm?: Date | undefined;
  prazoAte?: Date | undefined;
  /**
   * - `espera`: its turn has not come
   * - `em-curso`: it is being transmitted, or its fate is not known
   * - `recusada`: SEFAZ refused it; it waits for its correction
   */
  situacao: 'espera' | 'em-curso' | 'recusada';
}

export interface AjusteDaDescarga {
  /** transmissions begun by this choice to one autorizador and ambiente: its pace */
  vagas: number;
  /** with less than this (ms) to its deadline a note is transmitted whatever the mode and its série are */
  perto?: number;
}

/**
 * What was handed over less than this ago waits, with those behind it: it went off line because its authoriser did not answer, and whether the
 * hub's mode follows is not known yet.
 */
export const ASSENTAMENTO_MS = 60_000;

/** Four hours: the alarm `urgente` of prazo.ts. */
const PERTO_DO_PRAZO_MS = 4 * 60 * 60_000;

/**
 * The notes whose turn to be transmitted has come, in the order in which they are to be: within (empresa, ambiente, modelo, série) in the
 * order of emission and one at a time, so that one that is refused holds up nobody and one of unknown fate does; only while `modoOf` says that
 * the normal authoriser works; no more than `vagas` of an authoriser. A note near its deadline waits for none of it but for `vagas`, and goes
 * before all others. `pendentes` must hold, of each série in it, everything that is under way and the oldest that waits.
 * Ajuste SINIEF 19/16 cl. 11 § 1; SEFAZ.md 4.5.
 */
export function escolheDescarga(
  pendentes: readonly Pendente[],
  modoOf: (pendente: Pendente) => Modo,
  now: Date,
  { vagas, perto = PERTO_DO_PRAZO_MS }: AjusteDaDescarga,
): Pendente[] {
  const busy = new Set<string>();
  const taken = new Map<string, number>();
  for (const one of pendentes) if (one.situacao === 'em-curso') busy.add(serieOf(one));
  const isFresh = ({ entregueEm }: Pendente) => entregueEm !== undefined && now.getTime() - entregueEm.getTime() < ASSENTAMENTO_MS;
  const urgent = (one: Pendente) => one.prazoAte !== undefined && one.prazoAte.getTime() - now.getTime() < perto;
  const waiting = pendentes.filter(({ situacao }) => situacao === 'espera').sort(byEmission);
  const inOrder = [...waiting.filter(urgent).sort(byDeadline), ...waiting.filter((one) => !urgent(one))];
  return inOrder.filter((one) => {
    const where = whereOf(one);
    if ((taken.get(where) ?? 0) >= vagas) return false;
    if (!urgent(one) && (busy.has(serieOf(one)) || modoOf(one) !== 'NORMAL')) return false;
    if (!urgent(one) && isFresh(one)) {
      busy.add(serieOf(one));
      return false;
    }
    busy.add(serieOf(one));
    taken.set(where, (taken.get(where) ?? 0) + 1);
    return true;
  });
}

/** Where a document stands in the descarga; undefined when it was not handed over, or is authorised. */
export function situacaoNaDescarga(
  document: Pick<Lifecycle, 'state' | 'attempts' | 'pendenteDesde' | 'contingencia'>,
): Pendente['situacao'] | undefined {
  const { state, pendenteDesde, contingencia } = document;
  if (!pendenteDesde) return undefined;
  if (state === 'rejected' || state === 'invalid' || state === 'conflict') return 'recusada';
  return state === 'issued' && !contingencia?.vez && !openAttempt(document) ? 'espera' : 'em-curso';
}

/** So long a suspicion holds the descarga back: whether the authoriser is away is known by then. */
const SUSPEITA_MS = 30_000;

/**
 * The mode that counts for the transmission of what was issued: a drill's while it lasts (its authoriser counts as away), a person's word that
 * all is normal, else the hub's own. A note of another authoriser than its UF's (NT 2026.007) is not concerned.
 */
export function modoParaDescarga(one: Pick<Pendente, 'modelo' | 'uf' | 'autorizador'>, { hub, conta }: ModosVistos, now: Date): Modo {
  if (one.autorizador !== autorizadorNormal(one.modelo, one.uf)) return 'NORMAL';
  const drill = conta?.simulacao;
  if (drill && drill.desde <= now && now < drill.ate) return drill.modo ?? 'OFFLINE';
  if (conta?.ordem?.modo === 'NORMAL' || !hub) return 'NORMAL';
  const { modo } = hub.situacao.mode;
  const suspected = modo === 'NORMAL' && hub.suspeitaDesde && now.getTime() - hub.suspeitaDesde.getTime() < SUSPEITA_MS;
  return suspected ? 'OFFLINE' : modo;
}

function serieOf({ empresa, tpAmb, modelo, uf, serie }: Pendente): string {
  return `${empresa}.${tpAmb}.${modelo}.${uf}.${serie}`;
}

function whereOf({ autorizador, tpAmb }: Pendente): string {
  return `${autorizador}.${tpAmb}`;
}

function byEmission(a: Pendente, b: Pendente): number {
  return a.emitidaEm.getTime() - b.emitidaEm.getTime() || a.numero - b.numero;
}

function byDeadline(a: Pendente, b: Pendente): number {
  return (a.prazoAte?.getTime() ?? 0) - (b.prazoAte?.getTime() ?? 0) || byEmission(a, b);
}
