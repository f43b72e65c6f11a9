import type { AnyEnvelope } from '@malote/messages/envelope';
import { type Bloqueio, type Bloqueios, type ConteudoPedido, pedidoId } from '@malote/store/bloqueios';
import { contaOf, type Exchange, quemOf } from '../exchange.ts';
import type { Waits } from '../wait.ts';

export interface AskWorkerDeps {
  bloqueios: Pick<Bloqueios, 'insert' | 'findById'>;
  /** Sends the command to the broker; failing is allowed, the outbox has it. */
  publish(message: AnyEnvelope): Promise<unknown>;
  waits: Pick<Waits, 'hold'>;
  /** How long a call waits for the worker; the contract says 10. */
  tssWaitS: number;
}

/**
 * Stores what is asked of the entities with its command, and waits for the entity-block worker, the only one who writes them. What comes back
 * is `done`, or still `received` when the time is up: it will be done all the same.
 */
export async function askWorker(deps: AskWorkerDeps, exchange: Exchange, asked: ConteudoPedido): Promise<Bloqueio> {
  const conta = contaOf(exchange);
  const { log } = exchange;
  const who = { conta, quem: quemOf(exchange), traceparent: exchange.trace.traceparent };
  const { pedido, message } = await deps.bloqueios.insert({ ...who, ...asked });
  const id = pedidoId(pedido);
  exchange.tag({ pedido: id });
  // Before its command is out, else the end could come before anybody listens.
  const wait = deps.waits.hold(exchange, pedido._id, deps.tssWaitS);
  try {
    deps.publish(message).then(
      (result) => log.debug({ msg_id: message.id, result }, 'command published'),
      (error: unknown) => log.warn({ err: error, msg_id: message.id }, 'command not published, the sweep will'),
    );
    return await wait.until(
      pedido,
      () => deps.bloqueios.findById({ conta, id }),
      ({ state }) => state === 'done',
    );
  } finally {
    wait.close();
  }
}
