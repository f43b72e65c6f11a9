import { readOrdem } from '@malote/administration/contingencia';
import { findPolitica, type PoliticasDeps } from '@malote/administration/politicas';
import type { Uf } from '@malote/fiscal/model/uf';
import { type AnyEnvelope, envelope } from '@malote/messages/envelope';
import type { ContingenciaKey } from '@malote/messages/types';
import type { Clock } from '@malote/runtime/clock';
import type { Auditoria } from '@malote/store/auditoria';
import type { Contingencia, Contingencias } from '@malote/store/contingencias';
import Joi from 'joi';
import { answerList } from '../conditional.ts';
import { contaOf, type Exchange, quemOf } from '../exchange.ts';
import { jsonBodyOf } from '../json-body.ts';
import { readPrefer } from '../prefer.ts';
import { Problem } from '../problems.ts';
import type { Waits } from '../wait.ts';
import { readUf } from './politicas.ts';
import { presentSituacao, presentSituacoes, situacaoKey } from './present-situacao.ts';

export interface OrderDeps {
  contingencias: Pick<Contingencias, 'find' | 'list'>;
  auditoria: Pick<Auditoria, 'append'>;
  politicas: PoliticasDeps;
  /** `confirmed`: the broker has it, durably. */
  publish(message: AnyEnvelope): Promise<unknown>;
  waits: Pick<Waits, 'hold'>;
  /** Whether a process of that service runs; false when that cannot be said. */
  runs(service: string): Promise<boolean>;
  clock: Pick<Clock, 'now' | 'uuid'>;
}

type Handler = (exchange: Exchange) => Promise<void>;

/** Longest wait for the contingency worker; it applies an order at once when it runs. */
const MAX_WAIT_S = 10;

export const situacaoQuery = Joi.object<{ uf?: string; modelo?: string }>({
  uf: Joi.string().empty('').example('SP').description('Só desta UF, também sem nada observado ainda.'),
  modelo: Joi.string().valid('55', '65').empty('').description('Só deste modelo.'),
});

/** Of an order or a drill. */
export const ORDER_HEADERS = Joi.object({
  Prefer: Joi.string()
    .example('wait=5')
    .description('`wait=N`: espera até N segundos, no máximo e por padrão 10, até que valha; 0: não espera.'),
});

/** GET of the modes in force for the account. */
export function createShowSituacao({ contingencias, clock }: Pick<OrderDeps, 'contingencias' | 'clock'>): Handler {
  return async (exchange) => {
    const { uf, modelo } = exchange.query as { uf?: string; modelo?: string };
    const query = { ...(uf === undefined ? {} : { uf: readUf(uf) }), ...(modelo === undefined ? {} : { modelo }) };
    const rows = await contingencias.list(contaOf(exchange));
    answerList(exchange, { situacoes: presentSituacoes(rows, query, clock.now()) });
  };
}

/** POST of an order of a person, for the calling account alone. */
export function createOrder(deps: OrderDeps): Handler {
  return async (exchange) => {
    const conta = contaOf(exchange);
    const { modo, justificativa, ...key } = readOrdem(jsonBodyOf(exchange));
    const ordered = { conta, ...key };
    const message = (pedidoId: string) =>
      envelope(
        'contingency.order',
        { ...ordered, pedidoId, modo, ...(justificativa === undefined ? {} : { justificativa }), quem: whoOf(exchange) },
        factsOf(deps, exchange, pedidoId),
      );
    const { row, applied } = await command(deps, exchange, ordered, { message, acao: 'contingencia.ordenar', detalhe: modo });
    const hub = await deps.contingencias.find(key);
    const shown = presentSituacao(situacaoKey(key), { ...(hub ? { hub } : {}), ...(row ? { conta: row } : {}) }, deps.clock.now());
    const { res } = exchange;
    res
      .set('Location', `/api/conta/contingencia/situacao?uf=${key.uf}&modelo=${key.modelo}`)
      .status(applied ? 200 : 202)
      .json(shown);
  };
}

/** Who orders, as the history shows it. */
export function whoOf(exchange: Exchange): string {
  const { tipo, id } = quemOf(exchange);
  return id ?? tipo;
}

/** What the envelope of a command says besides its payload; its id is that of the request. */
export function factsOf({ clock }: Pick<OrderDeps, 'clock'>, { trace }: Exchange, pedidoId: string) {
  return { id: pedidoId, at: clock.now(), traceparent: trace.traceparent, correlationId: pedidoId };
}

interface Ordered {
  message(pedidoId: string): AnyEnvelope;
  /** Of the audit trail. */
  acao: string;
  detalhe: string;
}

/**
 * Hands a command to the contingency worker and waits until the account's row shows it as applied: 10 s, or what `Prefer: wait=N` says below
 * that. @throws Problem `ordem-nao-entregue` when the broker does not confirm it: nothing is stored here that would bring it later
 */
export async function command(
  deps: OrderDeps,
  exchange: Exchange,
  key: ContingenciaKey & { conta: string },
  { message, acao, detalhe }: Ordered,
) {
  const { contingencias, auditoria, waits, clock, publish, runs } = deps;
  const pedidoId = clock.uuid();
  // Nobody to wait for: the order stays in its queue and is applied when the worker comes back.
  const wait = waits.hold(exchange, pedidoId, (await runs('contingency')) ? secondsOf(exchange) : 0);
  try {
    if ((await publish(message(pedidoId))) !== 'confirmed') {
      const detail = 'O pedido não pôde ser entregue ao serviço de contingência; nada mudou, ou mudará em instantes. Repita a chamada.';
      throw new Problem('ordem-nao-entregue', detail, { headers: { 'Retry-After': '5' } });
    }
    const alvo = `${key.modelo} ${key.uf} ${key.ambiente}`;
    await auditoria.append({ conta: key.conta, quem: quemOf(exchange), acao, alvo, resultado: 'ok', detalhe });
    const isApplied = (row: Contingencia | undefined) => row?.pedidos?.includes(pedidoId) === true;
    const row = await wait.until<Contingencia | undefined>(await contingencias.find(key), () => contingencias.find(key), isApplied);
    return { pedidoId, row, applied: isApplied(row) };
  } finally {
    wait.close();
  }
}

function secondsOf({ req }: Exchange): number {
  const asked = readPrefer(req.get('prefer')).get('wait');
  return asked !== undefined && /^[0-9]{1,6}$/.test(asked) ? Math.min(Number(asked), MAX_WAIT_S) : MAX_WAIT_S;
}

/** Throws when the policy of the account, or its one for the UF, leaves no contingência for the model. */
export async function checkNotOff(
  deps: PoliticasDeps,
  { conta, modelo, uf }: { conta: string; modelo: '55' | '65'; uf: Uf },
): Promise<void> {
  const { efetiva } = await findPolitica(deps, { conta, tipo: 'uf', uf });
  const { modo } = efetiva.modelos[modelo];
  if (efetiva.ativo.valor && modo.valor !== 'desligado') return;
  const where = efetiva.ativo.valor ? `modelos.${modelo}.modo é "desligado" (${modo.origem})` : `ativo é false (${efetiva.ativo.origem})`;
  throw new Problem('contingencia-desligada', `A política de contingência da conta não deixa simular: ${where}.`);
}
