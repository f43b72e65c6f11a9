import type { Clock } from '@malote/runtime/clock';
import { asError } from '@malote/runtime/errors';
import type { Logger } from '@malote/runtime/logger';
import type { Geracao } from '@malote/store/geracao';
import type { Geracoes, Session } from './sessions.ts';

/** What this process knows of accounts and credentials that were switched off, or whose sessions were ended. */
export interface Standing {
  /** False: what the session was opened with is no longer so. Throws when nothing new was learned for too long. */
  lives(session: Pick<Session, 'conta' | 'credencial'>, geracoes: Geracoes): boolean | Promise<boolean>;
  /** False: the account is switched off. */
  active(conta: string): boolean | Promise<boolean>;
  stop(): void;
}

export interface StandingDeps {
  /** All that ever ended sessions and changed since; of accounts and of credentials. */
  contas: (since?: Date) => Promise<Geracao[]>;
  credenciais: (since?: Date) => Promise<Geracao[]>;
  clock: Pick<Clock, 'now' | 'monotonic'>;
  log: Logger;
}

/** Within two seconds every edge refuses what was ended: this, and the time that a query takes. */
const EVERY_MS = 1_000;
/** Older knowledge is renewed before a call is believed. */
const STALE_MS = 5_000;
/** A change may become visible after a younger one: asked for again. */
const OVERLAP_MS = 60_000;
/** Everything anew, whatever went wrong in between (a database restored from a copy). */
const WHOLE_EVERY_MS = 60_000;

type Known = Map<string, Geracao>;

/**
 * Asks MongoDB each second what has changed, and answers from memory, so that an ordinary call costs nothing more, and what has been ended stays so
 * whatever becomes of Redis. Resolves after the first answer.
 */
export async function startStanding({ contas, credenciais, clock, log }: StandingDeps): Promise<Standing> {
  const sources = [sourceOf(contas), sourceOf(credenciais)] as const;
  const [ofContas, ofCredenciais] = [sources[0].known, sources[1].known];
  let freshAt = Number.NEGATIVE_INFINITY;
  let wholeAt = Number.NEGATIVE_INFINITY;
  let failing = false;
  let asking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function ask(): Promise<void> {
    const began = clock.monotonic();
    const whole = began - wholeAt >= WHOLE_EVERY_MS;
    await Promise.all(sources.map((source) => source.ask(whole)));
    if (whole) wholeAt = began;
    freshAt = began;
    failing = false;
  }
  const refresh = () => {
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
  // A database that is away, or not migrated yet, keeps calls out, not the process from starting: readiness says why.
  const attempt = () =>
    refresh().catch((error: unknown) => {
      if (!failing && !stopped) log.warn({ err: asError(error) }, 'what ends sessions could not be read; calls wait for it');
      failing = true;
    });
  function schedule(): void {
    timer = setTimeout(async () => {
      await attempt();
      if (!stopped) schedule();
    }, EVERY_MS).unref();
  }
  /** Answers at once where what is known is fresh. */
  const whenFresh = (answer: () => boolean): boolean | Promise<boolean> =>
    clock.monotonic() - freshAt <= STALE_MS ? answer() : refresh().then(answer);

  await attempt();
  schedule();
  return {
    lives: ({ conta, credencial }, geracoes) =>
      whenFresh(() => isOf(ofContas.get(conta), geracoes.conta) && isOf(ofCredenciais.get(credencial), geracoes.credencial, clock.now())),
    active: (conta) => whenFresh(() => ofContas.get(conta)?.active ?? true),
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** Of the present generation, or of the one before where that still counts. */
export function isOf(known: Pick<Geracao, 'geracao' | 'anteriorAte'> | undefined, geracao: number, now?: Date): boolean {
  if (!known || geracao >= known.geracao) return true;
  return now !== undefined && known.anteriorAte !== undefined && known.anteriorAte > now && geracao === known.geracao - 1;
}

function sourceOf(read: (since?: Date) => Promise<Geracao[]>) {
  const known: Known = new Map();
  let last: Date | undefined;
  return {
    known,
    async ask(whole: boolean): Promise<void> {
      const rows = await read(whole || last === undefined ? undefined : new Date(last.getTime() - OVERLAP_MS));
      if (whole) known.clear();
      for (const row of rows) known.set(row.id, row);
      last = rows.at(-1)?.updatedAt ?? (whole ? undefined : last);
    },
  };
}
