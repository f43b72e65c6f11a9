import { dead, done, type Handler } from '@malote/broker/consumer';
import type { Envelope } from '@malote/messages/envelope';
import type { Modes } from './modes.ts';

export interface CommandDeps {
  modes: Pick<Modes, 'tell' | 'order' | 'drill'>;
  /** Tells callers who wait for this order or drill to look at it now; neither waits nor throws. */
  nudge: (pedidoId: string) => void;
}

/** Handles what changes modes. The stored state alone decides what is left to do, so a repeated message changes nothing. */
export function commandHandler({ modes, nudge }: CommandDeps): Handler {
  return async (received) => {
    const { id, traceparent, type } = received;
    const cause = { id, traceparent };
    if (type === 'contingency.evaluate') {
      const key = (received as Envelope<'contingency.evaluate'>).payload;
      await modes.tell(key, { kind: 'clock' }, cause);
      return done;
    }
    if (type === 'contingency.order') {
      const order = (received as Envelope<'contingency.order'>).payload;
      await modes.order(order, cause);
      nudge(order.pedidoId);
      return done;
    }
    if (type === 'contingency.drill') {
      const drill = (received as Envelope<'contingency.drill'>).payload;
      if (drill.ambiente !== 'hom') return dead('a drill is for homologação only');
      await modes.drill(drill, cause);
      nudge(drill.pedidoId);
      return done;
    }
    return dead('no command about a mode');
  };
}
