import { setTimeout as pause } from 'node:timers/promises';
import { errorMessage } from '@malote/runtime/errors';
import { within } from '@malote/runtime/within';
import { type Channel, type ChannelModel, type ConfirmChannel, connect, type GetMessage } from 'amqplib';
import { type DeadMessage, REPLAYS, readDeadMessage } from './dead-message.ts';
import { propertiesAgain } from './message.ts';
import { DEAD, WORK } from './topology.ts';

export type { DeadMessage } from './dead-message.ts';

/** All that are given must hold. */
export interface DeadFilter {
  id?: string;
  queue?: string;
  type?: string;
}

export interface DeadList {
  /** Oldest first. */
  messages: DeadMessage[];
  /** In the queue, whatever the filter. */
  total: number;
  /** False when the limit ended the search before the end of the queue. */
  complete: boolean;
}

export interface ReplayReport {
  /** In their work queue again, and no longer in `dead`. */
  replayed: DeadMessage[];
  /** Still in `dead`, and why. */
  kept: { message: DeadMessage; why: 'queue-gone' | 'unroutable' }[];
  /** In `dead` when it began. */
  total: number;
}

/** The queue `dead` for a person. Errors: DeadQueueBusy, DeadQueueMissing, else of the connection. */
export interface DeadLetters {
  /** Leaves everything as it is. */
  list(filter?: DeadFilter, limit?: number): Promise<DeadList>;
  /**
   * Puts what matches back into the work queue it failed in, as a first attempt with the same message id, and then takes it out of `dead`:
   * each only after RabbitMQ confirmed it, so that an interruption can double a message and never lose one. What dies again meanwhile waits
   * for the next replay.
   */
  replay(filter?: DeadFilter): Promise<ReplayReport>;
  close(): Promise<void>;
}

/** Somebody else is looking at or replaying dead messages: what they hold, nobody else sees. */
export class DeadQueueBusy extends Error {
  override name = 'DeadQueueBusy';
}

/** The virtual host has no queue `dead`: no service ever connected to it. */
export class DeadQueueMissing extends Error {
  override name = 'DeadQueueMissing';
}

export interface DeadLettersOptions {
  url: string;
  /** Shown in RabbitMQ's management. */
  name: string;
  /** Longest wait for another user of `dead`, for a connection, for a confirm, and for messages to be given back to the queue, each. */
  timeoutMs?: number;
}

/** Exists while one person works on `dead`; RabbitMQ removes it with its connection. */
const LOCK = 'dead.operator';
const LOCK_RETRY_MS = 200;
const NOT_FOUND = 404;
const RESOURCE_LOCKED = 405;

export async function openDeadLetters({ url, name, timeoutMs = 10_000 }: DeadLettersOptions): Promise<DeadLetters> {
  const address = new URL(url);
  address.searchParams.set('heartbeat', '10');
  const model = await connect(address.href, { noDelay: true, timeout: timeoutMs, clientProperties: { connection_name: name } });
  // A loss shows as the failure of the call that is under way.
  model.on('error', () => {});
  try {
    await lock(model, timeoutMs);
  } catch (thrown) {
    await closeQuietly(model);
    throw thrown;
  }

  /** Gives every message of the moment to `visit` until it answers `stop`; what it did not ack (`kept`) returns to its place. */
  async function scan(visit: (message: GetMessage, channel: ConfirmChannel) => Promise<'kept' | 'acked' | 'stop'>): Promise<number> {
    const total = await countDead(model);
    const channel = await model.createConfirmChannel();
    channel.on('error', () => {});
    let kept = 0;
    try {
      for (let n = 0; n < total; n += 1) {
        const message = await getPatiently(channel, timeoutMs);
        if (!message) break;
        const verdict = await visit(message, channel);
        if (verdict !== 'acked') kept += 1;
        if (verdict === 'stop') break;
      }
    } finally {
      await closeQuietly(channel);
    }
    // A quorum queue takes its time to give them back, and the next look must find them.
    await until(async () => (await countDead(model)) >= kept, timeoutMs);
    return total;
  }

  return {
    async list(filter = {}, limit = Number.POSITIVE_INFINITY) {
      const messages: DeadMessage[] = [];
      let seen = 0;
      const total = await scan(async (message) => {
        seen += 1;
        const read = readDeadMessage(message);
        if (matches(read, filter)) messages.push(read);
        return messages.length < limit ? 'kept' : 'stop';
      });
      return { messages, total, complete: seen >= total };
    },
    async replay(filter = {}) {
      const report: Omit<ReplayReport, 'total'> = { replayed: [], kept: [] };
      const isThere = queueLookup(model);
      const total = await scan(async (message, channel) => {
        const read = readDeadMessage(message);
        if (!matches(read, filter)) return 'kept';
        const why = !(await isThere(read.queue))
          ? 'queue-gone'
          : (await publish(channel, message, read, timeoutMs))
            ? undefined
            : 'unroutable';
        if (why) {
          report.kept.push({ message: read, why });
          return 'kept';
        }
        channel.ack(message);
        report.replayed.push(read);
        return 'acked';
      });
      return { ...report, total };
    },
    close: () => closeQuietly(model),
  };
}

/** The next message; `false` only when there has been none for a while: those just given back are not there at once. */
async function getPatiently(channel: Channel, timeoutMs: number): Promise<GetMessage | false> {
  let message: GetMessage | false = false;
  await until(async () => {
    message = await channel.get(DEAD, { noAck: false });
    return message !== false;
  }, timeoutMs);
  return message;
}

const ASK_AGAIN_MS = 50;

/** Asks again until true; gives up after `timeoutMs`. */
async function until(isTrue: () => Promise<boolean>, timeoutMs: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += ASK_AGAIN_MS) {
    if (await isTrue()) return;
    await pause(ASK_AGAIN_MS);
  }
}

/** True when RabbitMQ confirmed it, false when no queue took it. Rejects when it stays unknown. */
async function publish(channel: ConfirmChannel, message: GetMessage, read: DeadMessage, timeoutMs: number): Promise<boolean> {
  let returned = false;
  // One message is in flight at a time, and its return comes before its confirm.
  const markReturned = (): void => {
    returned = true;
  };
  channel.on('return', markReturned);
  const properties = { ...propertiesAgain(message, read.id, { [REPLAYS]: read.replays + 1 }), persistent: true, mandatory: true };
  const confirmed = new Promise<'yes'>((resolve, reject) => {
    channel.publish(WORK, read.queue, message.content, properties, (failure) => (failure ? reject(failure) : resolve('yes')));
  });
  try {
    if ((await within(confirmed, timeoutMs, 'late')) === 'late') throw new Error(`RabbitMQ did not confirm message ${read.id}`);
    return !returned;
  } finally {
    channel.removeListener('return', markReturned);
  }
}

async function lock(model: ChannelModel, timeoutMs: number): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += LOCK_RETRY_MS) {
    const channel = await openChannel(model);
    try {
      await channel.assertQueue(LOCK, { exclusive: true, durable: false, autoDelete: false });
      return;
    } catch (thrown) {
      if (replyCode(thrown) !== RESOURCE_LOCKED) throw thrown;
      if (waitedMs >= timeoutMs) throw new DeadQueueBusy(errorMessage(thrown));
    }
    await pause(LOCK_RETRY_MS);
  }
}

async function countDead(model: ChannelModel): Promise<number> {
  const channel = await openChannel(model);
  try {
    const { messageCount } = await channel.checkQueue(DEAD);
    await closeQuietly(channel);
    return messageCount;
  } catch (thrown) {
    if (replyCode(thrown) === NOT_FOUND) throw new DeadQueueMissing(errorMessage(thrown));
    throw thrown;
  }
}

/** Whether a queue is there, asked once each. What is published to a vanished one would come back to `dead` without its history. */
function queueLookup(model: ChannelModel): (queue: string) => Promise<boolean> {
  const known = new Map<string, boolean>();
  return async (queue) => {
    const before = known.get(queue);
    if (before !== undefined) return before;
    const channel = await openChannel(model);
    let there = true;
    try {
      await channel.checkQueue(queue);
      await closeQuietly(channel);
    } catch (thrown) {
      if (replyCode(thrown) !== NOT_FOUND) throw thrown;
      there = false;
    }
    known.set(queue, there);
    return there;
  };
}

async function openChannel(model: ChannelModel): Promise<Channel> {
  const channel = await model.createChannel();
  // The call that fails rejects with the same error.
  channel.on('error', () => {});
  return channel;
}

function matches(message: DeadMessage, { id, queue, type }: DeadFilter): boolean {
  return (id ?? message.id) === message.id && (queue ?? message.queue) === message.queue && (type === undefined || type === message.type);
}

function replyCode(thrown: unknown): unknown {
  return (thrown as { code?: unknown } | null)?.code;
}

async function closeQuietly(closable: { close(): Promise<void> }): Promise<void> {
  try {
    await within(closable.close(), 2000, undefined);
  } catch {
    // Closed already; RabbitMQ returns what was not acked.
  }
}
