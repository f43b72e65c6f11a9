import type { Logger } from '@malote/runtime/logger';
import { Redis } from 'ioredis';

export type { Redis };

/**
 * Connects in the background and keeps trying (at most 2 s apart). While the server is away every command fails at once: a caller gets its
 * 503 quickly, and nothing queues up in memory to be run later on behalf of somebody who has gone.
 */
export function connectRedis(url: string, log: Logger): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectTimeout: 5_000,
    // Not commandTimeout, which gives the command up but keeps the connection: a peer that vanished without FIN or RST would be waited for
    // as long as TCP retransmits, and an overdue connection is not to be trusted with the next answer.
    socketTimeout: 2_000,
    retryStrategy: (attempt) => Math.min(100 * 2 ** Math.min(attempt, 5), 2_000),
  });
  let down = false;
  redis.on('error', (error) => {
    if (!down) log.warn({ err: error }, 'redis unavailable');
    down = true;
  });
  redis.on('ready', () => {
    if (down) log.info('redis back');
    down = false;
  });
  return redis;
}

/** For readiness: true, or the reason. */
export async function redisReady(redis: Redis): Promise<true | string> {
  if (redis.status !== 'ready') return `redis ${redis.status}`;
  try {
    await redis.ping();
    return true;
  } catch (error) {
    return whyAway(error);
  }
}

/** Why a command failed, in words for people: what ioredis says of a lost connection is about its own settings. */
export function whyAway(error: unknown): string {
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  if (name === 'MaxRetriesPerRequestError') return 'redis connection lost';
  return message.startsWith('Stream isn') ? 'redis not connected' : message;
}
