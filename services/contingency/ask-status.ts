import type { Autorizador } from '@malote/fiscal/model/autorizador';
import { codigoUf } from '@malote/fiscal/model/uf';
import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { SefazClient } from '@malote/sefaz/client';
import { isFailure } from '@malote/sefaz/failure';
import type { Store } from '@malote/store/connect';
import type { Thresholds } from './settings.ts';
import type { StatusCredential, StatusCredentials } from './status-credentials.ts';
import { isSameWish, placeOf, type Wish, wishesOf } from './wishes.ts';

/** What a status call brought: a cStat, `none`, or another word for somebody who answered without saying anything of the service. */
export interface StatusHeard extends Wish {
  autorizador: Autorizador;
  answer: string;
  at: Date;
}

export interface AskerDeps {
  store: Pick<Store, 'consumo' | 'contingencias'>;
  sefaz: Pick<SefazClient, 'status'>;
  credentials: StatusCredentials;
  clock: Clock;
  log: Logger;
  thresholds: Thresholds;
  /** Gets every answer. */
  onAnswer: (heard: StatusHeard) => Promise<void>;
  /** Aborted when the process ends: calls under way are given up. */
  signal: AbortSignal;
}

export interface Asker {
  /** Asks whom the turn allows to be asked now; resolves before the answer is there. */
  ask(wishes: readonly Wish[]): Promise<void>;
  /** Once no call is under way. */
  idle(): Promise<void>;
}

const STATUS_TIMEOUT_MS = 15_000;
const THROTTLED_MS = 3_600_000;

/**
 * Status calls, at least 3 minutes apart for each authoriser and ambiente over all processes of the hub (SEFAZ's rule, store.consumo). Where
 * several modes want the same authoriser's turn (its NF-e and its NFC-e, the UFs of one SVC), the one that was answered longest ago has it.
 */
export function createAsker(deps: AskerDeps): Asker {
  const { store, log } = deps;
  const running = new Set<Promise<void>>();
  const warned = new Set<string>();

  async function take(wish: Wish): Promise<void> {
    const place = placeOf(wish);
    if (!place) return;
    const credentialFor = ({ key: { uf, ambiente } }: Wish) => deps.credentials.pick({ uf, ambiente, autorizador: place.autorizador });
    const own = await credentialFor(wish);
    if (!own) {
      if (!warned.has(wish.key.uf)) log.warn(about(wish), 'no company of this UF has a certificate to ask the status with');
      warned.add(wish.key.uf);
      return;
    }
    warned.delete(wish.key.uf);
    const tpAmb = wish.key.ambiente === 'prod' ? '1' : '2';
    if ((await store.consumo.takeStatusTurn({ autorizador: place.turn, tpAmb })) !== true) return;
    const chosen = await fairest(wish, place.turn, deps);
    const credential = chosen === wish ? own : await credentialFor(chosen);
    const call = callStatus(credential ? chosen : wish, credential ?? own, deps).catch((err) => log.error({ err }, 'status call failed'));
    const tracked = call.finally(() => running.delete(tracked));
    running.add(tracked);
  }
  return {
    async ask(wishes) {
      for (const wish of wishes) await take(wish);
    },
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

async function fairest(own: Wish, turn: string, { store, clock, thresholds }: AskerDeps): Promise<Wish> {
  const now = clock.now();
  const rows = await store.contingencias.emVigor();
  const rivals = rows
    .flatMap((row) => wishesOf(row, now, thresholds).map((wish) => ({ wish, last: row.situacao.evidence.status[wish.target]?.at ?? 0 })))
    .filter(({ wish }) => wish.key.ambiente === own.key.ambiente && placeOf(wish)?.turn === turn);
  const mine = rivals.find(({ wish }) => isSameWish(wish, own));
  const longest = rivals.toSorted((a, b) => a.last - b.last)[0];
  return longest && (!mine || longest.last < mine.last) ? longest.wish : own;
}

async function callStatus(wish: Wish, credential: StatusCredential, deps: AskerDeps): Promise<void> {
  const { clock, log } = deps;
  const { autorizador } = placeOf(wish) as { autorizador: Autorizador };
  const answer = await answerOf(wish, autorizador, credential, deps);
  log.info({ ...about(wish), autorizador, answer }, 'status asked');
  if (answer !== undefined) await deps.onAnswer({ ...wish, autorizador, answer, at: clock.now() });
}

async function answerOf(
  { key: { modelo, uf, ambiente }, target: asked }: Wish,
  autorizador: Autorizador,
  { id, empresa: cnpj, credential }: StatusCredential,
  { store, sefaz, credentials, signal, clock, log }: AskerDeps,
): Promise<string | undefined> {
  try {
    const target = {
      modelo,
      autorizador,
      ambiente: ambiente === 'prod' ? '1' : '2',
      credential,
      timeoutMs: STATUS_TIMEOUT_MS,
      signal,
    } as const;
    const { retorno } = await sefaz.status({ ...target, cUF: codigoUf(uf), epec: asked === 'epec' });
    if (retorno.kind === 'unreadable') return 'none';
    if (retorno.class === 'certificate') credentials.refused(id);
    if (retorno.class === 'throttled') {
      const until = new Date(clock.now().getTime() + THROTTLED_MS);
      await store.consumo.rest({ cnpj, autorizador }, until, `${retorno.cStat} ${retorno.xMotivo}`);
    }
    return retorno.cStat;
  } catch (error) {
    if (!isFailure(error)) throw error;
    if (BLAMES_CERTIFICATE.has(error.reason)) {
      credentials.refused(id);
      return error.reason;
    }
    if (!SAYS_NOTHING.has(error.reason)) return 'none';
    log.warn({ autorizador, modelo, ambiente, reason: error.reason }, 'status could not be asked');
    return undefined;
  }
}

/** Somebody answered, and did not like our certificate. */
const BLAMES_CERTIFICATE: ReadonlySet<string> = new Set(['certificado-recusado', 'http-403', 'http-495', 'http-496']);
/** The call was not made, for a reason of ours. */
const SAYS_NOTHING: ReadonlySet<string> = new Set([
  'sem-endereco',
  'modelo-nao-suportado',
  'cancelada',
  'certificado-invalido',
  'ritmo-excedido',
]);

function about({ key, target }: Wish) {
  return { ...key, target };
}
