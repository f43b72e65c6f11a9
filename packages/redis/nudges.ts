import type { Redis } from './connect.ts';

/** Somebody's interest in one document, until `close()`. */
export interface Nudge {
  /**
   * Resolves at the next nudge, after `ms`, or when the signal aborts, whichever is first; a nudge that came since the last wait counts.
   * Never rejects. A nudge is no fact: it only says that looking at the database is worth while now.
   */
  wait(ms: number, signal?: AbortSignal): Promise<'nudged' | 'timeout' | 'aborted'>;
  close(): void;
}

export interface NudgeSubscriber {
  /** At once, Redis or not: without it no nudge comes, and the caller looks by itself. */
  subscribe(documentId: string): Nudge;
  /** Channels with somebody waiting. */
  channels(): number;
  close(): void;
}

export interface NudgeDeps {
  /** An open connection; the subscriber makes one more like it, the publisher uses it as it is. */
  redis: Redis;
  prefix: string;
}

const channelOf = (prefix: string, documentId: string) => `${prefix}doc:${documentId}`;

/** Tells whoever waits that a document has changed. Best effort: it neither waits nor fails, and while Redis is away it does nothing. */
export function nudgePublisher({ redis, prefix }: NudgeDeps): (documentId: string) => void {
  return (documentId) => {
    if (redis.status !== 'ready') return;
    redis.publish(channelOf(prefix, documentId), '1').catch(() => {});
  };
}

/**
 * One subscriber connection for a process, its channels shared by everybody who waits for the same document. When the connection comes
 * back it subscribes anew and wakes everybody, since a nudge may have been missed meanwhile.
 */
export function nudgeSubscriber({ redis, prefix }: NudgeDeps): NudgeSubscriber {
  const waiting = new Map<string, Set<() => void>>();
  // Our own list is the truth: the library repeats only subscriptions that Redis had confirmed before the connection broke.
  const connection = redis.duplicate({ autoResubscribe: false });
  // Said once by the connection this one is made from.
  connection.on('error', () => {});
  const wake = (channel: string) => {
    for (const nudge of waiting.get(channel) ?? []) nudge();
  };
  connection.on('message', wake);
  connection.on('ready', () => {
    const channels = [...waiting.keys()];
    if (channels.length === 0) return;
    connection.subscribe(...channels).then(() => channels.forEach(wake), ignore);
  });

  function join(channel: string, nudge: () => void): void {
    const others = waiting.get(channel);
    if (others) return void others.add(nudge);
    waiting.set(channel, new Set([nudge]));
    // Refused at once while the connection is away; 'ready' makes up for it.
    connection.subscribe(channel).catch(ignore);
  }

  function leave(channel: string, nudge: () => void): void {
    const others = waiting.get(channel);
    if (!others?.delete(nudge) || others.size > 0) return;
    waiting.delete(channel);
    connection.unsubscribe(channel).catch(ignore);
  }

  return {
    subscribe(documentId) {
      const channel = channelOf(prefix, documentId);
      let pending = false;
      let resolve: (() => void) | undefined;
      const nudge = () => {
        pending = true;
        resolve?.();
      };
      join(channel, nudge);
      return {
        async wait(ms, signal) {
          if (signal?.aborted) return 'aborted';
          if (!pending) await new Promise<void>((done) => (resolve = withTimer(done, ms, signal)));
          resolve = undefined;
          const nudged = pending;
          pending = false;
          if (signal?.aborted) return 'aborted';
          return nudged ? 'nudged' : 'timeout';
        },
        close: () => leave(channel, nudge),
      };
    },
    channels: () => waiting.size,
    close: () => connection.disconnect(),
  };
}

/** `done`, called once: by the function returned, by the timer or by the signal; the other two are taken down. */
function withTimer(done: () => void, ms: number, signal: AbortSignal | undefined): () => void {
  const finish = () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', finish);
    done();
  };
  const timer = setTimeout(finish, ms);
  signal?.addEventListener('abort', finish, { once: true });
  return finish;
}

function ignore(): void {}
