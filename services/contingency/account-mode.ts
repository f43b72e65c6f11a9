import { decide } from '@malote/fiscal/contingencia/decide';
import { afterStatus } from '@malote/fiscal/contingencia/evidence';
import { type Evidence, type Fact, type Modo, startOf } from '@malote/fiscal/contingencia/situacao';
import type { AnyEnvelope } from '@malote/messages/envelope';
import type { ContingenciaKey, DrillPayload, OrderPayload } from '@malote/messages/types';
import { type Contingencia, MAX_PASSOS, type PassoContingencia, type SimulacaoContingencia } from '@malote/store/contingencias';
import { type Cause, LOOK_EVERY_MS, type ModeDeps, modeChanged } from './advance-mode.ts';
import { drillMode } from './drill.ts';
import { settingsOf } from './settings.ts';
import { keyOf, type Wish, wishesOf } from './wishes.ts';

const TRIES = 10;
const MAX_PEDIDOS = 50;
const MAX_SIMULACOES = 50;
const MINUTE = 60_000;

interface Step {
  change: Partial<Contingencia>;
  passo?: Omit<PassoContingencia, 'em'>;
  /** Whether the step is told to others as one of the account. */
  tell?: boolean;
}

type AccountKey = ContingenciaKey & { conta: string };
type Plan = (row: Contingencia, facts: { hub: Contingencia | undefined; now: Date }) => Step | undefined;

/**
 * A person's order to one account's notes of a (modelo, UF, ambiente), or the end of one (`AUTOMATICO`). A repeated one changes nothing; one that
 * the model does not allow is taken for handled and changes nothing either.
 */
export async function applyOrder(order: OrderPayload, cause: Cause, deps: ModeDeps): Promise<void> {
  const { pedidoId, modo, quem, justificativa } = order;
  const plan: Plan = (row, { hub, now }) => {
    if (row.pedidos?.includes(pedidoId)) return undefined;
    const pedidos = withPedido(row, pedidoId);
    if (modo !== 'AUTOMATICO' && !isAllowed(order, modo, now, deps)) {
      deps.log.warn({ modelo: order.modelo, uf: order.uf, modo }, 'an order that the model does not allow was passed over');
      return { change: { pedidos } };
    }
    const normal = hub?.situacao.mode.modo ?? 'NORMAL';
    const ordem = modo === 'AUTOMATICO' ? undefined : { modo, desde: now, quem, pedidoId, ...(justificativa ? { justificativa } : {}) };
    const passo = {
      de: row.ordem?.modo ?? normal,
      para: ordem?.modo ?? normal,
      motivo: modo === 'AUTOMATICO' ? 'automatico' : 'ordem',
      quem,
    };
    return { change: { pedidos, ordem }, passo, tell: passo.de !== passo.para };
  };
  await change(order, plan, cause, deps);
}

/**
 * Begins a drill of one account, or ends it (`minutos` 0). Which mode it uses is known at once, or by the status of the SVC.
 * @returns whom to ask
 */
export async function applyDrill(drill: DrillPayload, cause: Cause, deps: ModeDeps): Promise<Wish[]> {
  const { pedidoId, minutos, quem } = drill;
  const plan: Plan = (row, { hub, now }) => {
    if (row.pedidos?.includes(pedidoId)) return undefined;
    const pedidos = withPedido(row, pedidoId);
    const ended = row.simulacao ? endOf(row, hub, now, quem) : undefined;
    if (minutos <= 0) return { change: { pedidos, ...ended?.change }, ...(ended?.passo ? { passo: ended.passo } : {}) };
    const simulacao = { id: pedidoId, desde: now, ate: new Date(now.getTime() + minutos * MINUTE), quem };
    const begun = withMode({ ...row, simulacao, situacao: startOf(now) }, hub, now, deps);
    return {
      change: { pedidos, situacao: startOf(now), ...ended?.change, ...begun.change },
      ...(begun.passo ? { passo: begun.passo } : {}),
    };
  };
  const row = await change(drill, plan, cause, deps);
  return wishesOf(row, deps.clock.now(), deps.thresholds);
}

/**
 * A fact about an account's row: the end of its drill, or the status that tells which mode it uses.
 * @returns whom to ask
 */
export async function advanceDrill(key: AccountKey, fact: Fact, cause: Cause, deps: ModeDeps): Promise<Wish[]> {
  const plan: Plan = (row, { hub, now }) => {
    const { simulacao } = row;
    const woken = row.nextAt !== undefined && row.nextAt <= now;
    if (!simulacao) return woken ? { change: {} } : undefined;
    if (simulacao.ate <= now) return endOf(row, hub, simulacao.ate, 'hub');
    if (simulacao.modo) return woken ? { change: {} } : undefined;
    return withMode({ ...row, situacao: heardBy(row, fact, key, deps) }, hub, now, deps);
  };
  const row = await change(key, plan, cause, deps);
  return wishesOf(row, deps.clock.now(), deps.thresholds);
}

/** One update filtered on the version that was read; decided again when somebody else was first. */
async function change(key: AccountKey, plan: Plan, { id: causationId, traceparent }: Cause, deps: ModeDeps): Promise<Contingencia> {
  const { store, clock } = deps;
  const { conta, modelo, uf, ambiente } = key;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const row = await store.contingencias.obtain({ conta, modelo, uf, ambiente }, traceparent);
    const hub = await store.contingencias.find({ modelo, uf, ambiente });
    const now = clock.now();
    const step = plan(row, { hub, now });
    if (!step) return row;
    const { passo } = step;
    const after = { ...row, ...step.change };
    const facts = { id: clock.uuid(), at: now, causationId, traceparent, correlationId: row._id };
    const told = passo && { ...keyOf(row), modo: passo.para, anterior: passo.de, desde: now.toISOString(), motivo: passo.motivo };
    const message: AnyEnvelope | undefined = told && step.tell ? modeChanged({ ...told, versao: row.version + 1 }, facts) : undefined;
    const written = await store.contingencias.transition(
      row,
      {
        ...step.change,
        emVigor: after.ordem !== undefined || after.simulacao !== undefined,
        nextAt: nextOf(after, now),
        ...(passo ? { historico: [...row.historico, { ...passo, em: now }].slice(-MAX_PASSOS) } : {}),
      },
      message ? { message } : {},
    );
    if (!written) continue;
    if (passo) deps.log.warn({ conta, modelo, uf, ambiente, ...passo }, 'mode of an account changed');
    if (message) await deps.publish(message);
    return written;
  }
  throw new Error(`the mode ${conta} ${modelo} ${uf} ${ambiente} was changed by somebody else again and again`);
}

function nextOf({ simulacao }: Pick<Contingencia, 'simulacao'>, now: Date): Date | undefined {
  if (!simulacao) return undefined;
  return simulacao.modo ? simulacao.ate : new Date(Math.min(simulacao.ate.getTime(), now.getTime() + LOOK_EVERY_MS));
}

function withMode(row: Contingencia, hub: Contingencia | undefined, now: Date, { thresholds }: ModeDeps): Step {
  const { situacao } = row;
  const simulacao = row.simulacao as SimulacaoContingencia;
  const settings = settingsOf(keyOf(row), thresholds);
  const modo = drillMode(latest(situacao.evidence, hub?.situacao.evidence), now, settings);
  if (modo === undefined) return { change: { situacao, simulacao } };
  const passo = { de: hub?.situacao.mode.modo ?? ('NORMAL' as Modo), para: modo, motivo: 'simulacao', quem: simulacao.quem };
  return { change: { situacao, simulacao: { ...simulacao, modo } }, passo };
}

/** What the hub's own mode knows of the SVC counts as well: it need not be asked again. */
function latest(own: Evidence, hub: Evidence | undefined): Evidence {
  const svc = [own.status.svc, hub?.status.svc].filter((one) => one !== undefined).sort((a, b) => b.at - a.at)[0];
  return svc ? { ...own, status: { ...own.status, svc } } : own;
}

function heardBy(row: Contingencia, fact: Fact, key: ContingenciaKey, { thresholds }: ModeDeps): Contingencia['situacao'] {
  if (fact.kind !== 'status') return row.situacao;
  const { mode, evidence } = row.situacao;
  return { mode, evidence: afterStatus(evidence, fact.target, fact.answer, fact.at.getTime(), settingsOf(key, thresholds)) };
}

function endOf(row: Contingencia, hub: Contingencia | undefined, ate: Date, quem: string): Step {
  const simulacao = row.simulacao as SimulacaoContingencia;
  const simulacoes = [...(row.simulacoes ?? []), { ...simulacao, ate }].slice(-MAX_SIMULACOES);
  const step = { change: { simulacao: undefined, simulacoes } };
  if (!simulacao.modo || simulacao.modo === 'NORMAL') return step;
  return {
    ...step,
    passo: { de: simulacao.modo, para: row.ordem?.modo ?? hub?.situacao.mode.modo ?? 'NORMAL', motivo: 'fim-da-simulacao', quem },
  };
}

function isAllowed(key: ContingenciaKey, modo: Modo, now: Date, { thresholds }: ModeDeps): boolean {
  const { actions } = decide(startOf(now), { kind: 'order', modo }, now, settingsOf(key, thresholds));
  return !actions.some((action) => action.do === 'refuse');
}

function withPedido({ pedidos = [] }: Contingencia, pedidoId: string): string[] {
  return [...pedidos, pedidoId].slice(-MAX_PEDIDOS);
}
