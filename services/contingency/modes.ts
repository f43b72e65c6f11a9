import type { Fact } from '@malote/fiscal/contingencia/situacao';
import { autorizadorContingencia, autorizadorNormal } from '@malote/fiscal/model/autorizador';
import type { ContingenciaKey, DrillPayload, OrderPayload } from '@malote/messages/types';
import type { Contingencia } from '@malote/store/contingencias';
import { advanceDrill, applyDrill, applyOrder } from './account-mode.ts';
import { advanceMode, type Cause, type ModeDeps } from './advance-mode.ts';
import { type AskerDeps, createAsker, type StatusHeard } from './ask-status.ts';
import { type EpecWishDeps, epecWish } from './epec-wish.ts';
import { isSameKey, keyOf } from './wishes.ts';

/** Facts about modes, and what follows from them. */
export interface Modes {
  tell(key: ContingenciaKey, fact: Fact, cause: Cause): Promise<void>;
  order(order: OrderPayload, cause: Cause): Promise<void>;
  drill(drill: DrillPayload, cause: Cause): Promise<void>;
  /** Once no status call is under way. */
  idle(): Promise<void>;
}

export type ModesDeps = ModeDeps & EpecWishDeps & Omit<AskerDeps, 'onAnswer'>;

/** Decides, asks, and takes the answers in, each to every mode it concerns. */
export function createModes(deps: ModesDeps): Modes {
  const { store, clock } = deps;
  const asker = createAsker({ ...deps, onAnswer });

  async function tell(key: ContingenciaKey, fact: Fact, cause: Cause): Promise<void> {
    const { conta } = key;
    if (conta !== undefined) return asker.ask(await advanceDrill({ ...key, conta }, fact, cause, deps));
    const asked = await advanceMode(key, fact, cause, deps);
    await asker.ask([...asked.map((target) => ({ key, target })), ...(await epecWish(key, deps))]);
  }

  async function onAnswer(heard: StatusHeard): Promise<void> {
    const { target, answer, at } = heard;
    const rows = (await store.contingencias.emVigor()).map((row) => ({ key: keyOf(row), trace: row.trace, row }));
    const own = rows.find(({ key }) => isSameKey(key, heard.key)) ?? { key: heard.key, trace: newTrace(deps) };
    const others = rows.filter(({ key, row }) => !isSameKey(key, heard.key) && concerns(heard, row));
    for (const { key, trace: traceparent } of [own, ...others]) {
      await tell(key, { kind: 'status', target, answer, at }, { id: clock.uuid(), traceparent });
    }
  }
  return {
    tell,
    order: (order, cause) => applyOrder(order, cause, deps),
    drill: async (drill, cause) => asker.ask(await applyDrill(drill, cause, deps)),
    idle: asker.idle,
  };
}

/** A normal authoriser answers for all its UFs; an SVC for each one by itself, but its silence is the same for all. */
function concerns({ key, target, autorizador, answer }: StatusHeard, row: Contingencia): boolean {
  const { modelo, uf } = row;
  if (modelo !== key.modelo || keyOf(row).ambiente !== key.ambiente) return false;
  if (target === 'normal') return row.conta === '*' && autorizadorNormal(modelo, uf) === autorizador;
  return target === 'svc' && (uf === key.uf || answer === 'none') && autorizadorContingencia(modelo, uf) === autorizador;
}

function newTrace({ clock }: Pick<ModesDeps, 'clock'>): string {
  return `00-${clock.random(16).toString('hex')}-${clock.random(8).toString('hex')}-01`;
}
