import { dead, done, type Handler } from '@malote/broker/consumer';
import type { Envelope } from '@malote/messages/envelope';
import type { Modes } from './modes.ts';

export interface CommandDeps {
  modes: Pick<Modes, 'tell' | 'order' | 'drill'>;
}

/** Handles what changes modes. The stored state alone decides what is left to do, so a repeated message changes nothing. */
export function commandHandler({ modes }: CommandDeps): Handler {
  return async (received) => {
    const { id, traceparent, type } = received;
    const cause = { id, traceparent };
    if (type === 'contingency.evaluate') {
      const key = (received as Envelope<'contingency.evaluate'>).payload;
      await modes.tell(key, { kind: 'clock' }, cause);
      return done;
    }
    if (type === 'contingency.order') {
      await modes.order((received as Envelope<'contingency.order'>).payload, cause);
      return done;
    }
    if (type === 'contingency.drill') {
      const drill = (received as Envelope<'contingency.drill'>).payload;
      if (drill.ambiente !== 'hom') return dead('a drill is for homologação only');
      await modes.drill(drill, cause);
      return done;
    }
    return dead('no command about a mode');
  };
}
