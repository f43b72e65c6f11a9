import type { CStatClass } from '../retorno/c-stat.ts';
import { decideRegistro } from './lifecycle.ts';
import {
  isFinal,
  type NewRegistroAttempt,
  type RegistroAction,
  type RegistroFact,
  type RegistroLifecycle,
  type RegistroRetorno,
  type RegistroTraits,
  type SignedRegistro,
} from './registro-state.ts';

/** A worker, an authoriser and the wire between them on a virtual clock: what the property tests let go wrong. */
export interface RegistroWorld {
  registro: RegistroLifecycle;
  /** The digest the authoriser has registered. */
  held: string | undefined;
  /** Times the effect was stored where it belongs. */
  applied: number;
  /** `blind`: an evento sent after a transmission in doubt, without a consult in between that found nothing. `soon`: within 15 s of it. */
  sent: { digest: string; blind: boolean; soon: boolean }[];
  consults: Date[];
  /** Calls begun while an earlier one was still waiting for its answer in time. */
  overlapping: number;
  history: { state: RegistroLifecycle['state']; nextAt: Date | undefined }[];
  /** The clock goes on, transmissions under way arrive, a worker may wake: `chance` (0–999) says what happens to its call. */
  turn(chance: number): void;
  /** Nothing goes wrong any more; throws when the registro does not come to an end. */
  untilFinal(): void;
}

export interface WorldOptions {
  traits: RegistroTraits;
  /** SEFAZ refuses it, whatever happens. */
  refusable: boolean;
  /** What SEFAZ says when the same registro comes again: that it is a duplicate, or that its document is no longer fit for it. */
  again: 'duplicate' | 'refused';
}

const CONTENT: SignedRegistro = { autorizador: 'SP', digest: 'ours', conteudo: 'c' };
const AUTOR = '11222333000181';
/** Of what the authoriser has registered. */
export const PROTOCOLO = '135260000000001';
const T0 = Date.parse('2026-11-21T12:00:00Z');
const TIMEOUT_MS = 45_000;
const TURNS_TO_END = 200;

const FATES = [
  ...['answered', 'answered', 'answer lost', 'never arrives', 'arrives late', 'not sent', 'worker killed', 'worker killed on the wire'],
  ...['999', 'unknown code', 'unreadable', '108', '656', 'permanent', 'slow answer', 'duplicate too early', 'not shown yet'],
] as const;
/** After these the caller knows that nothing of this transmission is or will be at the authoriser. */
const CERTAIN: ReadonlySet<string> = new Set(['answered', 'not sent', '108', '656', 'permanent']);
type Fate = (typeof FATES)[number];

export function registroWorldOf({ traits, refusable, again }: WorldOptions): RegistroWorld {
  let now = new Date(T0);
  const wire: Date[] = [];
  const late: { at: Date; fact: RegistroFact }[] = [];
  let answerDue = new Date(0);
  let doubtSince: Date | undefined;
  let lagged = false;

  const world: RegistroWorld = {
    registro: {
      ...{ state: 'received', attempts: [], faults: [], avisos: [], rodadas: [], consultas: 0, autor: AUTOR },
      nextAt: new Date(T0 + 120_000),
    },
    held: undefined,
    ...{ applied: 0, sent: [], consults: [], overlapping: 0, history: [] },
    turn(chance) {
      // Odd chances wake the worker at its time, even ones earlier: a redelivery, a second worker.
      advance(chance % 2 === 1 ? Math.max(0, (world.registro.nextAt?.getTime() ?? 0) - now.getTime()) : (chance % 7) * 5_000);
      work((step) => FATES[(chance + step * (1 + (chance >> 4))) % FATES.length] as Fate, chance * 100);
    },
    untilFinal() {
      for (let turns = 0; !isFinal(world.registro.state) || world.registro.nextAt || wire.length > 0; turns++) {
        if (turns > TURNS_TO_END) throw new Error(`still ${world.registro.state} after ${turns} turns`);
        advance(Math.max(1_000, (world.registro.nextAt?.getTime() ?? 0) - now.getTime()));
        work(() => 'answered', 0);
      }
    },
  };
  return world;

  function advance(ms: number): void {
    now = new Date(now.getTime() + ms);
    for (const arrival of wire.splice(0)) {
      if (arrival <= now) process();
      else wire.push(arrival);
    }
    for (const { at, fact } of late.splice(0)) {
      if (at <= now) apply(fact);
      else late.push({ at, fact });
    }
  }

  /** The authoriser takes our bytes in: one registration, or the word about a second one. */
  function process(): RegistroRetorno {
    if (world.held) {
      if (traits.duplicado)
        return { ...said('573', 'duplicate'), xMotivo: `Rejeição: Duplicidade de Evento [nProt:${PROTOCOLO}]` } as RegistroRetorno;
      if (!traits.canConsult) return said('563', 'duplicate');
      return again === 'duplicate' ? said('573', 'duplicate') : said('580', 'rejected');
    }
    if (refusable) return said('501', 'rejected');
    world.held = CONTENT.digest;
    return traits.canConsult || traits.duplicado ? said('135', 'registered') : said('102', 'inutilizado');
  }

  function apply(fact: RegistroFact): RegistroAction {
    const { change, action } = decideRegistro(world.registro, fact, now, traits);
    if (change) {
      world.registro = { ...world.registro, ...change };
      world.history.push({ state: world.registro.state, nextAt: world.registro.nextAt });
    }
    return action;
  }

  function work(fateOf: (step: number) => Fate, delay: number): void {
    let action = apply({ kind: 'due' });
    for (let step = 0; action.do !== 'nothing' && action.do !== 'wait'; step++) {
      if (step > 20) throw new Error('the worker never comes to rest');
      const fate = fateOf(step);
      if (action.do !== 'apply') action = call(action.do, fate, delay);
      else if (fate === 'worker killed') return;
      else {
        world.applied++;
        if (fate === 'worker killed on the wire') return;
        action = apply({ kind: 'applied' });
      }
    }
  }

  function call(what: 'prepare' | 'send' | 'consult', fate: Fate, delay: number): RegistroAction {
    const kind = what === 'consult' ? 'consult' : 'register';
    const until = new Date(now.getTime() + TIMEOUT_MS + 10_000);
    const attempt: NewRegistroAttempt = { kind, autorizador: 'SP', service: kind, until, trace: '' };
    if (answerDue > now) world.overlapping++;
    apply(what === 'prepare' ? { kind: 'signed', content: CONTENT, attempt } : { kind: 'opened', attempt });
    const n = world.registro.attempts.length;
    const transmits = kind === 'register';
    if (!transmits) world.consults.push(now);
    else {
      const soon = doubtSince !== undefined && now.getTime() - doubtSince.getTime() < 15_000;
      world.sent.push({ digest: world.registro.digest ?? '', blind: doubtSince !== undefined, soon });
    }
    if (transmits && !CERTAIN.has(fate)) doubtSince = now;
    const truth = (): RegistroRetorno => (transmits ? process() : consultAnswer());
    const answered = (retorno: RegistroRetorno) => apply({ kind: 'answered', n, retorno, durationMs: 1 });
    const failed = (failure: 'not-sent' | 'unknown' | 'permanent') => apply({ kind: 'failed', n, failure, reason: fate, durationMs: 1 });
    switch (fate) {
      case 'answered':
        return answered(truth());
      case 'answer lost':
        truth();
        return failed('unknown');
      case 'never arrives':
        return failed('unknown');
      case 'arrives late':
        // Bounded by what an authoriser still processes after the caller has gone.
        if (transmits) wire.push(new Date(now.getTime() + Math.min(delay, 14_000)));
        return failed('unknown');
      case 'not sent':
        return failed('not-sent');
      case 'worker killed':
        return { do: 'nothing' };
      case 'worker killed on the wire':
        truth();
        return { do: 'nothing' };
      case 'slow answer': {
        const retorno = truth();
        const at = new Date(now.getTime() + delay);
        answerDue = at < until ? at : until;
        late.push({ at, fact: { kind: 'answered', n, retorno, durationMs: delay } });
        return { do: 'nothing' };
      }
      case '999':
        return answered(said('999', 'internal'));
      case 'unknown code':
        return answered(said('8888', 'unknown'));
      case 'unreadable':
        return answered({ kind: 'unreadable', reason: 'HTML' });
      case '108':
        return answered({ kind: 'service', class: 'unavailable', cStat: '108', xMotivo: '108' });
      case '656':
        return answered({ kind: 'service', class: 'throttled', cStat: '656', xMotivo: '656' });
      case 'permanent':
        return failed('permanent');
      case 'duplicate too early': {
        if (!transmits) return answered(truth());
        const verdict = process();
        return answered(world.held && traits.canConsult ? said('573', 'duplicate') : verdict);
      }
      case 'not shown yet':
        // The consult may lag behind the registration; once is enough to have it sent again.
        if (transmits || lagged) return answered(truth());
        lagged = true;
        doubtSince = undefined;
        return answered({ kind: 'absent' });
      default:
        return fate satisfies never;
    }
  }

  function consultAnswer(): RegistroRetorno {
    if (world.held) return { kind: 'found', cStat: '135', xMotivo: '135', nProt: PROTOCOLO, digest: world.held, autor: AUTOR };
    doubtSince = undefined;
    return { kind: 'absent' };
  }
}

function said(cStat: string, klass: CStatClass): RegistroRetorno {
  const proof = ['135', '102', '563'].includes(cStat) ? { nProt: PROTOCOLO, xml: '<ret/>' } : {};
  return { kind: 'said', class: klass, cStat, xMotivo: cStat, ...proof };
}
