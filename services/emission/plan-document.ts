import {
  type EmContingencia,
  emContingencia,
  escolheModo,
  type FatosDaNota,
  permiteOffline,
} from '@malote/fiscal/contingencia/modo-da-nota';
import { expired } from '@malote/fiscal/emission/contingency';
import { enviarAteOf, isPastDeadline } from '@malote/fiscal/emission/deadline';
import type { Fact, Lifecycle } from '@malote/fiscal/emission/lifecycle-state';
import { type Autorizador, autorizadorFor } from '@malote/fiscal/model/autorizador';
import type { Clock } from '@malote/runtime/clock';
import type { Store } from '@malote/store/connect';
import type { Documento } from '@malote/store/documento';
import type { Modos, OndeEmite } from './modos.ts';

export interface PlanDeps {
  store: Pick<Store, 'consumo'>;
  modos: Modos;
  clock: Clock;
}

/** How a note that was never transmitted is issued now, or why not. */
export type Plan =
  | { emite: true; tpEmis: string; autorizador: Autorizador; em?: EmContingencia; offlineApos?: Date }
  | { emite: false; fact: Extract<Fact, { kind: 'refused' | 'held' | 'resting' }> };

/** What a printed and shown note takes from its till's deadline: the answer has to be there before it. */
const TILL_MARGIN_MS = 1_500;
/** With less time than this to its till's deadline a first call is not worth its risk: whoever waits is answered without it. */
export const LEAST_CALL_MS = 1_000;

/**
 * Chooses the form of emission (API.md 7). In normal operation it reads nothing for the note: its policy counts only when a mode concerns it,
 * when it may go off line, or when the ERP has chosen a contingência itself.
 */
export async function planOf(documento: Documento, nota: FatosDaNota, deps: PlanDeps): Promise<Plan> {
  const { modos, clock } = deps;
  const now = clock.now();
  const vistos = await modos.vistos(ondeEmite(documento));
  const mayGoOffline = nota.modelo === '65' || (nota.modelo === '55' && nota.tpImp === '6');
  const late = isPastDeadline(documento, now);
  if (!vistos && !mayGoOffline && nota.tpEmisInformado === '1')
    return late ? { emite: false, fact: expired(documento) } : transmitted(documento, nota, deps);

  const politica = await modos.politica({ conta: documento.conta, uf: documento.uf, documento: documento.empresa });
  const offline = mayGoOffline && permiteOffline(nota, politica);
  const limite = offline ? tillLimit(documento, now) : documento.responderAte;
  const escolha = escolheModo({ ...nota, ...(limite ? { limite } : {}) }, vistos ?? {}, politica, now);
  switch (escolha.modo) {
    case 'AGUARDAR':
      return { emite: false, fact: { kind: 'held', until: escolha.ate } };
    case 'RECUSADA':
      return { emite: false, fact: { kind: 'refused', as: 'invalid', faults: escolha.faults } };
    case 'NORMAL':
      break;
    default:
      return escolha.modo === 'SVC' ? transmitted(documento, nota, deps, escolha) : issued(nota, escolha);
  }
  const goOffline = () => issued(nota, emContingencia(nota, 'OFFLINE', now, politica));
  // What became late here may still be handed over; what came late was never meant to be.
  if (late) return offline && cameInTime(documento) ? goOffline() : { emite: false, fact: expired(documento) };
  // A till that had no answer for the first note of this sale would have none for its substitute either, and would be told to take another number.
  if (offline && documento.substitui && documento.responderAte) return goOffline();
  const plan = await transmitted(documento, nota, deps);
  if (!offline) return plan;
  if (plan.emite) return { ...plan, ...(limite ? { offlineApos: limite } : {}) };
  const { fact } = plan;
  return fact.kind === 'resting' && limite && fact.until > limite ? goOffline() : plan;
}

/**
 * A signed note planned again before its first transmission, by what the mode has become; undefined when it stays as it was signed. One that
 * was signed for normal emission stays so unless a mode works for it; any other goes where it would go if it came now.
 */
export async function replanOf(documento: Documento, nota: FatosDaNota, deps: PlanDeps): Promise<Plan | undefined> {
  const plan = await planAgain(documento, nota, deps);
  if (!plan.emite) return plan.fact.kind === 'held' || documento.tpEmis !== '1' ? plan : undefined;
  return plan.tpEmis === documento.tpEmis ? undefined : plan;
}

/** How a note that was signed and never transmitted would be issued now: in normal emission it has its deadline again. */
export async function planAgain(documento: Documento, nota: FatosDaNota, deps: PlanDeps): Promise<Plan> {
  const enviarAte = documento.enviarAte ?? enviarAteOf(nota);
  return planOf({ ...documento, ...(enviarAte ? { enviarAte } : {}) }, nota, deps);
}

/** How the note goes off line now, because its till cannot wait; undefined when its policy has stopped to allow it. */
export async function offlinePlanOf(documento: Documento, nota: FatosDaNota, { modos, clock }: PlanDeps): Promise<Plan | undefined> {
  const politica = await modos.politica({ conta: documento.conta, uf: documento.uf, documento: documento.empresa });
  if (!permiteOffline(nota, politica)) return undefined;
  return issued(nota, emContingencia(nota, 'OFFLINE', clock.now(), politica));
}

export function ondeEmite({ conta, modelo, uf, tpAmb }: Pick<Documento, 'conta' | 'modelo' | 'uf' | 'tpAmb'>): OndeEmite {
  return { conta, modelo, uf, ambiente: tpAmb === '1' ? 'prod' : 'hom' };
}

/** When a till must have its note at the latest, or its normal emission is over. A deadline that is as good as past shortens nothing. */
function tillLimit(
  { responderAte, enviarAte }: Pick<Documento, 'responderAte'> & Pick<Lifecycle, 'enviarAte'>,
  now: Date,
): Date | undefined {
  const till = responderAte && new Date(responderAte.getTime() - TILL_MARGIN_MS);
  if (!till || till.getTime() - now.getTime() < LEAST_CALL_MS) return enviarAte;
  return enviarAte && enviarAte < till ? enviarAte : till;
}

function cameInTime({ createdAt, rodadas, enviarAte }: Documento): boolean {
  const came = rodadas.at(-1)?.endedAt ?? createdAt;
  return enviarAte !== undefined && came <= enviarAte;
}

/** Signed and transmitted at once, unless the company may not call that authoriser now. */
async function transmitted(documento: Documento, nota: FatosDaNota, { store }: PlanDeps, em?: EmContingencia): Promise<Plan> {
  const tpEmis = em?.tpEmis ?? nota.tpEmisInformado;
  const autorizador = autorizadorFor({ ...nota, tpEmis });
  const until = await store.consumo.restingUntil({ cnpj: documento.emitente, autorizador });
  if (until) return { emite: false, fact: { kind: 'resting', until } };
  return { emite: true, tpEmis, autorizador, ...(em ? { em } : {}) };
}

/** Handed over first, transmitted to the normal authoriser later. */
function issued(nota: FatosDaNota, em: EmContingencia): Plan & { emite: true } {
  return { emite: true, tpEmis: em.tpEmis, autorizador: autorizadorFor({ ...nota, tpEmis: em.tpEmis }), em };
}
