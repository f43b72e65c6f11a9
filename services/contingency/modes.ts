import type { Fact } from '@malote/fiscal/contingencia/situacao';
import { autorizadorContingencia, autorizadorNormal } from '@malote/fiscal/model/autorizador';
import type { ContingenciaKey } from '@malote/messages/types';
import type { Contingencia } from '@malote/store/contingencias';
import { advanceMode, type Cause, type ModeDeps } from './advance-mode.ts';
import { type Asker, type AskerDeps, createAsker, keyOf, type StatusHeard } from './ask-status.ts';

/** A fact about one mode, and what follows from it. */
export interface Modes {
  tell(key: ContingenciaKey, fact: Fact, cause: Cause): Promise<void>;
  /** Once no status call is under way. */
  idle(): Promise<void>;
}

export type ModesDeps = ModeDeps & Omit<AskerDeps, 'onAnswer'>;

/** Decides, asks, and takes the answers in, each to every mode it concerns. */
export function createModes(deps: ModesDeps): Modes {
  const { store, clock } = deps;
  const asker: Asker = createAsker({ ...deps, onAnswer });

  async function tell(key: ContingenciaKey, fact: Fact, cause: Cause): Promise<void> {
    const asked = await advanceMode(key, fact, cause, deps);
    await asker.ask(asked.map((target) => ({ key, target })));
  }

  async function onAnswer(heard: StatusHeard): Promise<void> {
    const rows = await store.contingencias.list();
    const asker = { key: heard.key, trace: rows.find((row) => isOf(row, heard.key))?.trace };
    const others = rows.filter((row) => row.emVigor && !isOf(row, heard.key) && concerns(heard, row));
    for (const { key, trace } of [asker, ...others.map((row) => ({ key: keyOf(row), trace: row.trace }))]) {
      const cause = { id: clock.uuid(), traceparent: trace ?? newTrace(deps) };
      await tell(key, { kind: 'status', target: heard.target, answer: heard.answer, at: heard.at }, cause);
    }
  }
  return { tell, idle: asker.idle };
}

function isOf(row: Contingencia, { modelo, uf, ambiente }: ContingenciaKey): boolean {
  return row.modelo === modelo && row.uf === uf && keyOf(row).ambiente === ambiente;
}

/** A normal authoriser answers for all its UFs; an SVC for each one by itself, but its silence is the same for all. */
function concerns({ key, target, autorizador, answer }: StatusHeard, row: Contingencia): boolean {
  if (row.modelo !== key.modelo || keyOf(row).ambiente !== key.ambiente) return false;
  if (target === 'normal') return autorizadorNormal(row.modelo, row.uf) === autorizador;
  return target === 'svc' && answer === 'none' && autorizadorContingencia(row.modelo, row.uf) === autorizador;
}

function newTrace({ clock }: Pick<ModesDeps, 'clock'>): string {
  return `00-${clock.random(16).toString('hex')}-${clock.random(8).toString('hex')}-01`;
}
