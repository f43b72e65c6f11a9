import type { CStatClass } from '../retorno/c-stat.ts';
import type { Retorno } from '../retorno/read-retorno.ts';
import { decide } from './lifecycle.ts';
import { type Action, type Fact, isSettled, type Lifecycle, type NewAttempt, type SignedContent } from './lifecycle-state.ts';

/** A worker, an authoriser and the wire between them on a virtual clock: what the property tests let go wrong. */
export interface World {
  document: Lifecycle;
  /** The digest the authoriser has authorised. */
  held: string | undefined;
  /** `onTheWire`: an earlier transmission had not arrived yet. `blind`: after a transmission whose fate was unknown, without a consult in between that found nothing. */
  sent: { digest: string; tooLate: boolean; blind: boolean; onTheWire: boolean }[];
  consults: Date[];
  /** Calls begun while an earlier one was still waiting for its answer in time. */
  overlapping: number;
  history: { state: Lifecycle['state']; nextAt: Date | undefined }[];
  /** The clock goes on, transmissions under way arrive, a worker may wake: `chance` (0–999) says what happens to its call. */
  turn(chance: number): void;
  /** Nothing goes wrong any more; throws when the document does not come to an end. */
  untilSettled(): void;
}

const CHAVE = '35261111222333000181550010000000011123456780';
const CONTENT: SignedContent = { tpEmis: '1', autorizador: 'SP', cNF: '12345678', chave: CHAVE, digest: 'ours', conteudo: 'c' };
const T0 = Date.parse('2026-11-21T12:00:00Z');
const TIMEOUT_MS = 45_000;
const ENVIAR_ATE_MS = 300_000;
const TURNS_TO_SETTLE = 200;

/** What may become of a call. The late ones leave a transmission on the wire that arrives after the worker has given up. */
const FATES = [
  ...['answered', 'answered', 'answer lost', 'never arrives', 'arrives late', 'not sent', 'worker killed', 'worker killed on the wire'],
  ...['999', 'unknown code', 'unreadable', '108', '656', '105', 'permanent', '204 too early', 'slow answer'],
] as const;
/** After these the caller knows that nothing of this transmission is or will be at the authoriser. */
const CERTAIN: ReadonlySet<string> = new Set(['answered', 'not sent', '108', '656', 'permanent']);
type Fate = (typeof FATES)[number];

export function worldOf({ perishable, refusable }: { perishable: boolean; refusable: boolean }): World {
  let now = new Date(T0);
  const wire: Date[] = [];
  const late: { at: Date; fact: Fact }[] = [];
  let answerDue = new Date(0);
  let inDoubt = false;
  const enviarAte = perishable ? new Date(T0 + ENVIAR_ATE_MS) : undefined;

  const world: World = {
    document: {
      ...{ state: 'received', attempts: [], faults: [], avisos: [], rodadas: [], consultas: 0 },
      ...{ nextAt: new Date(T0 + 120_000), nextAction: 'document.emit', ...(enviarAte ? { enviarAte } : {}) },
    },
    held: undefined,
    ...{ sent: [], consults: [], overlapping: 0, history: [] },
    turn(chance) {
      // Odd chances wake the worker at its time, even ones earlier: a redelivery, a second worker.
      advance(chance % 2 === 1 ? Math.max(0, (world.document.nextAt?.getTime() ?? 0) - now.getTime()) : (chance % 7) * 5_000);
      work((step) => FATES[(chance + step * (1 + (chance >> 4))) % FATES.length] as Fate, chance * 100);
    },
    untilSettled() {
      for (let turns = 0; !isSettled(world.document.state) || wire.length > 0; turns++) {
        if (turns > TURNS_TO_SETTLE) throw new Error(`still ${world.document.state} after ${turns} turns`);
        advance(Math.max(1_000, (world.document.nextAt?.getTime() ?? 0) - now.getTime()));
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

  /** The authoriser takes our bytes in: one authorisation per key, refused for good or too late. */
  function process(): { cStat: string; class: CStatClass } {
    if (world.held) return { cStat: '204', class: 'duplicate' };
    if (refusable) return { cStat: '610', class: 'rejected' };
    if (enviarAte && now > enviarAte) return { cStat: '704', class: 'rejected' };
    world.held = CONTENT.digest;
    return { cStat: '100', class: 'authorized' };
  }

  function apply(fact: Fact): Action {
    const { change, action } = decide(world.document, fact, now);
    if (change) {
      world.document = { ...world.document, ...change };
      world.history.push({ state: world.document.state, nextAt: world.document.nextAt });
    }
    return action;
  }

  function work(fateOf: (step: number) => Fate, delay: number): void {
    let action = apply({ kind: 'due' });
    for (let step = 0; action.do !== 'nothing' && action.do !== 'wait'; step++) {
      if (step > 20) throw new Error('the worker never comes to rest');
      if (action.do !== 'prepare' && action.do !== 'send' && action.do !== 'consult') throw new Error(`no contingency here: ${action.do}`);
      action = call(action.do, fateOf(step), delay);
    }
  }

  function call(what: 'prepare' | 'send' | 'consult', fate: Fate, delay: number): Action {
    const kind = what === 'consult' ? 'consult' : 'authorize';
    const until = new Date(now.getTime() + TIMEOUT_MS + 10_000);
    const attempt: NewAttempt = { kind, autorizador: 'SP', service: kind, until, trace: '' };
    if (answerDue > now) world.overlapping++;
    apply(what === 'prepare' ? { kind: 'signed', content: CONTENT, attempt } : { kind: 'opened', attempt });
    const n = world.document.attempts.length;
    if (kind === 'consult') world.consults.push(now);
    else
      world.sent.push({
        digest: world.document.digest ?? '',
        blind: inDoubt,
        onTheWire: wire.length > 0,
        tooLate: enviarAte !== undefined && now > enviarAte,
      });
    const transmits = kind === 'authorize';
    inDoubt ||= transmits && !CERTAIN.has(fate);
    const said = (): Retorno => (transmits ? answer(process()) : consultAnswer());
    const answered = (retorno: Retorno) => apply({ kind: 'answered', n, retorno, durationMs: 1 });
    const failed = (failure: 'not-sent' | 'unknown' | 'permanent') => apply({ kind: 'failed', n, failure, reason: fate, durationMs: 1 });
    switch (fate) {
      case 'answered':
        return answered(said());
      case 'answer lost':
        said();
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
        said();
        return { do: 'nothing' };
      case 'slow answer': {
        const retorno = said();
        const at = new Date(now.getTime() + delay);
        answerDue = at < until ? at : until;
        late.push({ at, fact: { kind: 'answered', n, retorno, durationMs: delay } });
        return { do: 'nothing' };
      }
      case '999':
        return answered(answer({ cStat: '999', class: 'internal' }));
      case 'unknown code':
        return answered(answer({ cStat: '8888', class: 'unknown' }));
      case 'unreadable':
        return answered({ kind: 'unreadable', reason: 'HTML' });
      case '108':
        return answered(answer({ cStat: '108', class: 'unavailable' }));
      case '656':
        return answered(answer({ cStat: '656', class: 'throttled' }));
      case '105':
        return answered(answer({ cStat: '105', class: 'in-process' }));
      case 'permanent':
        return failed('permanent');
      case '204 too early': {
        if (!transmits) return answered(said());
        const verdict = process();
        return answered(answer(world.held ? { cStat: '204', class: 'duplicate' } : verdict));
      }
      default:
        return fate satisfies never;
    }
  }

  function consultAnswer(): Retorno {
    if (world.held) return answer({ cStat: '100', class: 'authorized' });
    inDoubt = false;
    return answer({ cStat: '217', class: 'not-found' });
  }

  function answer({ cStat, class: klass }: { cStat: string; class: CStatClass }): Retorno {
    const document = { kind: 'document' as const, class: klass, cStat, xMotivo: cStat, service: { cStat: '104', xMotivo: '' } };
    if (klass !== 'authorized') return document;
    const { held = '' } = world;
    return { ...document, protocolo: { xml: '<protNFe/>', chave: CHAVE, cStat, xMotivo: '', nProt: '1', digVal: held, alertas: [] } };
  }
}
