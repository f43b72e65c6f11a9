import { dead, done, type Handler, type Outcome as MessageOutcome, retry } from '@malote/broker/consumer';
import { type AnyEnvelope, envelope } from '@malote/messages/envelope';
import { hasSubscriber } from '@malote/messages/routes';
import type { BlockListWriter } from '@malote/redis/block-list';
import type { Clock } from '@malote/runtime/clock';
import type { Metrics } from '@malote/runtime/metrics';
import { type Bloqueio, pedidoId } from '@malote/store/bloqueios';
import type { Store } from '@malote/store/connect';
import { blockEntities, chavesOf, type Outcome } from './block-entities.ts';
import { registerEntity } from './register-entity.ts';
import { renewToken } from './renew-token.ts';

export interface RequestDeps {
  store: Pick<Store, 'bloqueios' | 'entidades' | 'contadores'>;
  blockList: Pick<BlockListWriter, 'update'>;
  /** How long a list that could not be written may still be trusted by an edge. */
  listTrustedMs: number;
  clock: Clock;
  metrics: Metrics;
  publish: (message: AnyEnvelope) => Promise<unknown>;
  /** Tells callers who wait for this id to look at it now; neither waits nor throws. */
  nudge: (id: string) => void;
}

const TRIES = 5;
const AGAIN_MS = 5_000;

/**
 * Takes a request to its end: the entities changed, the edges told, the result stored. Its stored state alone decides what is left to do, so
 * a repeated message changes nothing, and one whose worker died goes on where that one stopped.
 */
export function requestHandler(deps: RequestDeps): Handler {
  const { store, nudge } = deps;
  const requests = deps.metrics.counter('entity_requests_total', 'Requests on entities that were finished', ['kind', 'outcome']);
  const rows = deps.metrics.counter('entity_rows_total', 'Result rows of requests to block or free', ['outcome']);
  /** Requests applied whose edges this process could not tell yet, since when. */
  const untold = new Map<string, number>();

  return async ({ id: messageId, payload }) => {
    if (!('pedidoId' in payload)) return dead('no message about a request on entities');
    const { conta, pedidoId: _id } = payload;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const pedido = await store.bloqueios.findById({ conta, id: pedidoId({ _id, conta }) });
      if (!pedido) return dead(`request ${_id} does not exist`);
      if (pedido.state === 'done') {
        nudge(_id);
        return done;
      }
      const outcome = await advance(pedido, messageId);
      if (outcome) return outcome;
    }
    return retry('the request was changed by somebody else again and again');
  };

  /** Undefined: somebody else was first, look again. */
  async function advance(pedido: Bloqueio, messageId: string): Promise<MessageOutcome | undefined> {
    const came = pedido.aplicadoEm ? pedido : await carryOut(pedido, deps);
    if (came === 'again') return undefined;
    const { result, entidadeId, recusa } = came;
    const told = pedido.kind !== 'bloqueio' || recusa !== undefined || (await tell(pedido));
    const change: Partial<Bloqueio> = { result, entidadeId, recusa, aplicadoEm: pedido.aplicadoEm ?? deps.clock.now() };
    if (!told) {
      const kept = pedido.aplicadoEm ? pedido : await store.bloqueios.transition(pedido, change);
      return kept && retry('the block list in Redis could not be written', AGAIN_MS);
    }
    const event = eventOf(pedido, came, { id: deps.clock.uuid(), at: deps.clock.now(), causationId: messageId });
    const message = event && hasSubscriber(event) ? { message: event } : {};
    const finished = await store.bloqueios.transition(
      pedido,
      { ...change, state: 'done', nextAt: undefined },
      { consumed: messageId, ...message },
    );
    if (!finished) return undefined;
    untold.delete(pedido._id);
    nudge(pedido._id);
    count(pedido, came);
    if (message.message) await deps.publish(message.message);
    return done;
  }

  /** True once no edge takes an older list for the truth. */
  async function tell(pedido: Bloqueio): Promise<boolean> {
    const { conta, _id } = pedido;
    if (await deps.blockList.update({ conta, chaves: chavesOf(pedido) })) return true;
    const now = deps.clock.monotonic();
    const since = untold.get(_id) ?? now;
    untold.set(_id, since);
    return now - since > deps.listTrustedMs;
  }

  function count({ kind }: Bloqueio, { result = [], recusa }: Outcome): void {
    requests.inc({ kind, outcome: recusa?.codigo ?? 'ok' });
    for (const { mensagem } of result) rows.inc({ outcome: mensagem ?? 'Entidade nao encontrada' });
  }
}

function eventOf(
  { _id, conta, comando, trace }: Bloqueio,
  { recusa }: Outcome,
  facts: { id: string; at: Date; causationId: string },
): AnyEnvelope | undefined {
  if (recusa || (comando !== 'entity.block' && comando !== 'entity.unblock')) return undefined;
  return envelope(`${comando}ed`, { pedidoId: _id, conta }, { ...facts, traceparent: trace, correlationId: _id }) as AnyEnvelope;
}

async function carryOut(pedido: Bloqueio, { store, clock }: RequestDeps): Promise<Outcome | 'again'> {
  const { kind, cadastro, entidade } = pedido;
  if (kind === 'bloqueio') return blockEntities(pedido, { entidades: store.entidades, clock });
  if (kind === 'cadastro' && cadastro) return registerEntity({ ...pedido, cadastro }, { ...store, clock });
  if (kind === 'token' && entidade !== undefined) return renewToken({ ...pedido, entidade }, store);
  throw new RangeError(`request ${pedido._id} of kind ${kind} does not say what it is about`);
}
