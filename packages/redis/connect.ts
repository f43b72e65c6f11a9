import { readFileSync } from 'node:fs';
import type { Logger } from '@malote/runtime/logger';
import { Redis, type RedisOptions } from 'ioredis';

export type { Redis };

const DEFAULT_PORT = 6379;

/**
 * Connects in the background and keeps trying (at most 2 s apart). While the server is away every command fails at once: a caller gets its
 * 503 quickly, and nothing queues up in memory to be run later on behalf of somebody who has gone.
 */
export function connectRedis(url: string, log: Logger): Redis {
  const redis = new Redis({
    ...addressOf(url),
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

/**
 * What an address says: `rediss://user:password@host:port/db?tlsCAFile=…`. Read here, because ioredis takes every parameter of an address as a
 * setting that counts before those of the program. Throws for a file that cannot be read.
 */
function addressOf(address: string): RedisOptions {
  const { protocol, hostname, port, username, password, pathname, searchParams } = new URL(address);
  const caFile = searchParams.get('tlsCAFile');
  const family = searchParams.get('family');
  // Said outright, so that no variable of Node can take it away.
  const tls = { rejectUnauthorized: true, ...(caFile ? { ca: readFileSync(caFile) } : {}) };
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || DEFAULT_PORT),
    db: Number(pathname.slice(1) || 0),
    ...(username ? { username: decodeURIComponent(username) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
    ...(family ? { family: Number(family) } : {}),
    ...(protocol === 'rediss:' ? { tls } : {}),
  };
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
