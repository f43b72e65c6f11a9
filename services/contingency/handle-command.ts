import { dead, done, type Handler } from '@malote/broker/consumer';
import type { Envelope } from '@malote/messages/envelope';
import type { Modes } from './modes.ts';

export interface CommandDeps {
  modes: Pick<Modes, 'tell'>;
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
    return dead('no command about a mode');
  };
}
