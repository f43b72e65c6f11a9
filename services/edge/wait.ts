import type { Nudge, NudgeSubscriber } from '@malote/redis/nudges';
import type { Clock } from '@malote/runtime/clock';
import type { Metrics } from '@malote/runtime/metrics';
import type { Exchange } from './exchange.ts';
import { waitSeconds } from './prefer.ts';

/** Looked at this often while no nudge comes: Redis may be away, or the nudge lost with its sender. */
const LOOK_EVERY_MS = 500;
/** Kept for writing the answer, so that it is with the caller when its time is up. */
const ANSWER_MS = 100;

/** A caller's wait for the final state of one record (`Prefer: wait=N`, RFC 7240 §4.3). */
export interface Wait {
  /** The caller's deadline, to be stored with the record: it hastens the work. */
  responderAte: Date;
  /**
   * Reads again until `isFinal`, and answers the record as it was last seen: final, or at the deadline, or because the caller has gone or
   * the process ends. A read that fails is made again: what was accepted is never answered with an error.
   */
  until<T>(present: T, read: () => Promise<T | undefined>, isFinal: (present: T) => boolean): Promise<T>;
  /** Listens for this record's nudges instead, where its id was not known when the wait began or another record is waited for now. */
  watch(id: string): void;
  /** To be called in any case. */
  close(): void;
}

export interface Waits {
  /**
   * Begins the wait that a call asks for and says so in the answer (`Preference-Applied`); undefined when it asks for none. To be called
   * before the record is written, else its end could come before anybody listens. Without an id nobody listens until `watch`.
   */
  begin(exchange: Pick<Exchange, 'req' | 'res'>, id: string | undefined): Wait | undefined;
  /** Begins the wait that a service promises of itself, whatever the caller prefers. */
  hold(exchange: Pick<Exchange, 'res'>, id: string, seconds: number): Wait;
  /** Ends every wait under way at once, and those that begin later: the process is about to end. */
  end(): void;
}

export function createWaits(deps: { nudges: Pick<NudgeSubscriber, 'subscribe'>; clock: Clock; metrics: Metrics; maxS: number }): Waits {
  const { nudges, clock, maxS } = deps;
  const gauge = deps.metrics.gauge('http_waits', 'Callers waiting for a final state (Prefer: wait)');
  const underWay = new Set<AbortController>();
  let ended = false;

  function open(res: Exchange['res'], id: string | undefined, seconds: number): Wait {
    const over = new AbortController();
    const abort = () => over.abort();
    if (ended || res.closed) abort();
    res.once('close', abort);
    underWay.add(over);
    gauge.inc();
    let watched = id;
    let nudge = id === undefined ? undefined : nudges.subscribe(id);
    return {
      responderAte: new Date(clock.now().getTime() + seconds * 1000),
      until: waiting({ nudge: () => nudge, clock, deadline: clock.monotonic() + seconds * 1000 - ANSWER_MS, over: over.signal }),
      watch(record) {
        if (record === watched) return;
        watched = record;
        nudge?.close();
        nudge = nudges.subscribe(record);
      },
      close() {
        nudge?.close();
        res.off('close', abort);
        if (underWay.delete(over)) gauge.dec();
      },
    };
  }

  return {
    begin({ req, res }, id) {
      const seconds = waitSeconds(req.get('prefer'), maxS);
      if (seconds === undefined) return undefined;
      res.set('Preference-Applied', `wait=${seconds}`);
      return open(res, id, seconds);
    },
    hold: ({ res }, id, seconds) => open(res, id, seconds),
    end() {
      ended = true;
      for (const over of underWay) over.abort();
    },
  };
}

function waiting(wait: { nudge: () => Nudge | undefined; clock: Clock; deadline: number; over: AbortSignal }): Wait['until'] {
  const { nudge, clock, deadline, over } = wait;
  const left = () => deadline - clock.monotonic();
  return async (first, read, isFinal) => {
    let present = first;
    while (!isFinal(present) && left() > 0) {
      const listening = nudge();
      if (!listening) throw new Error('a wait without a record to watch');
      await listening.wait(Math.min(LOOK_EVERY_MS, left()), over);
      if (over.aborted) break;
      present = (await within(read(), left() + ANSWER_MS / 2, over)) ?? present;
    }
    return present;
  };
}

/** What `read` brings; undefined when it fails, takes longer than `ms`, or nobody wants it any more. */
async function within<T>(read: Promise<T | undefined>, ms: number, over: AbortSignal): Promise<T | undefined> {
  let giveUp = () => {};
  const none = new Promise<undefined>((resolve) => {
    giveUp = () => resolve(undefined);
  });
  const timer = setTimeout(giveUp, ms);
  over.addEventListener('abort', giveUp);
  try {
    return await Promise.race([read.catch(() => undefined), none]);
  } finally {
    clearTimeout(timer);
    over.removeEventListener('abort', giveUp);
  }
}
