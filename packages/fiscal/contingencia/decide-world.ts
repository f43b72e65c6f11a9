import { decide } from './decide.ts';
import {
  type Action,
  DEFAULT_THRESHOLDS,
  type Fact,
  type Modo,
  type ObservedCalls,
  type Settings,
  type Situacao,
  type StatusTarget,
  startOf,
} from './situacao.ts';

export const T0 = Date.parse('2026-11-22T12:00:00Z');
export const SECOND = 1_000;
export const MINUTE = 60_000;

/** Settings of the NF-e of SP in production, changed as a test needs. */
export function settingsOf(changes: Partial<Settings> = {}): Settings {
  return { ...DEFAULT_THRESHOLDS, modelo: '55', uf: 'SP', ambiente: 'prod', automatic: true, order: ['SVC', 'EPEC'], ...changes };
}

/** One second of calls at SP for the NF-e, all counts zero. */
export function calls(changes: Partial<ObservedCalls> = {}): ObservedCalls {
  const none = { answered: 0, failures: 0, local: 0, paused: 0, documents: [] };
  return { autorizador: 'SP', modelo: '55', uf: 'SP', ambiente: 'prod', ...none, ...changes };
}

/** What a world's authorisers answer to a status call at a moment (ms since T0); `undefined`: the answer never comes to decide. */
export type Answers = (target: StatusTarget, ms: number) => string | undefined;

/** decide on a clock that only the test moves, with a caller that carries out what is asked and keeps status calls 3 min apart. */
export class World {
  situacao: Situacao = startOf(new Date(T0));
  ms = 0;
  readonly actions: Action[] = [];
  readonly switches: { ms: number; modo: Modo }[] = [];
  readonly asked: { ms: number; target: StatusTarget }[] = [];
  readonly settings: Settings;
  readonly #answers: Answers;

  constructor(settings: Settings, answers: Answers) {
    this.settings = settings;
    this.#answers = answers;
  }

  get modo(): Modo {
    return this.situacao.mode.modo;
  }

  now(): Date {
    return new Date(T0 + this.ms);
  }

  fact(fact: Fact): Action[] {
    const before = this.situacao.mode;
    const { situacao, actions } = decide(this.situacao, fact, this.now(), this.settings);
    this.situacao = situacao;
    this.actions.push(...actions);
    if (situacao.mode.modo !== before.modo) this.switches.push({ ms: this.ms, modo: situacao.mode.modo });
    for (const action of actions) if (action.do === 'ask') this.#ask(action.target);
    return actions;
  }

  see(...seen: Partial<ObservedCalls>[]): Action[] {
    return this.fact({ kind: 'observed', at: this.now(), calls: seen.map(calls) });
  }

  /** The clock goes on, with a tick each 10 s as the worker's. */
  pass(ms: number): void {
    const until = this.ms + ms;
    while (this.ms < until) {
      this.ms = Math.min(until, this.ms + 10 * SECOND);
      this.fact({ kind: 'clock' });
    }
  }

  /** Three failures on three documents within three seconds. */
  fail(changes: Partial<ObservedCalls> = {}): void {
    for (let n = 0; n < 3; n++) {
      this.ms += SECOND;
      this.see({ failures: 1, documents: [`d${this.ms}`], ...changes });
    }
  }

  #ask(target: StatusTarget): void {
    const last = this.asked.findLast((one) => one.target === target);
    if (last && this.ms - last.ms < 3 * MINUTE) return;
    this.asked.push({ ms: this.ms, target });
    const answer = this.#answers(target, this.ms);
    if (answer !== undefined) this.fact({ kind: 'status', target, answer, at: this.now() });
  }
}
