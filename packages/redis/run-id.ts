import type { Redis } from './connect.ts';

export interface RunIdTracker {
  /** Of the server at the other end of the present connection; undefined without one, or while it has not been asked. */
  current(): string | undefined;
}

const trackers = new WeakMap<Redis, RunIdTracker>();

/** The id that a Redis server gives itself at each start: what it tells from one that came back with older data. */
export function trackRunId(redis: Redis): RunIdTracker {
  const known = trackers.get(redis) ?? startTracker(redis);
  trackers.set(redis, known);
  return known;
}

function startTracker(redis: Redis): RunIdTracker {
  let connection = 0;
  let runId: string | undefined;
  const ask = () => {
    const asked = ++connection;
    runId = undefined;
    redis.info('server').then(
      (info) => {
        if (asked === connection) runId = /^run_id:(\w+)/m.exec(info)?.[1];
      },
      // Lost meanwhile: the next connection is asked again.
      () => {},
    );
  };
  redis.on('ready', ask);
  redis.on('close', () => {
    connection += 1;
    runId = undefined;
  });
  if (redis.status === 'ready') ask();
  return { current: () => runId };
}
