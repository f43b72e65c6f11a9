import { type Redis, redisReady } from '@malote/redis/connect';
import type { Check } from '@malote/runtime/health';

export interface ReadinessDeps {
  store: { ready(): Promise<true | string> };
  redis: Redis;
}

/** What must be there to take documents: the database on a migrated schema, and sessions. Not the broker: the outbox waits for it. */
export function edgeChecks({ store, redis }: ReadinessDeps): Record<string, Check> {
  return { mongodb: () => store.ready(), redis: () => redisReady(redis) };
}
