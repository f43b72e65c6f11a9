import { errorMessage } from '@malote/runtime/errors';
import { answered, within } from '@malote/runtime/within';
import type { Channel, ChannelModel } from 'amqplib';
import { DEAD, retryName, type Topology } from './topology.ts';

/** What RabbitMQ says of one queue. What is delivered and not acked yet it tells only by its management API. */
export interface QueueDepth {
  queue: string;
  kind: 'work' | 'retry' | 'dead';
  /** Absent when the queue could not be asked (gone, or without a leader). */
  ready?: number;
  consumers?: number;
  /** Why there are no numbers. */
  problem?: string;
}

const CLOSE_TIMEOUT_MS = 500;

/**
 * Asks for every queue of the topology by passive declare, on a channel of its own: a queue that is gone closes the channel, and nothing else
 * may be on it. Within `timeoutMs`; what was not answered by then is said to be so.
 */
export async function readDepths(model: ChannelModel, topology: Topology, timeoutMs: number, now: () => number): Promise<QueueDepth[]> {
  const begun = now();
  const left = () => Math.max(1, timeoutMs - (now() - begun));
  const queues: Pick<QueueDepth, 'queue' | 'kind'>[] = [
    { queue: DEAD, kind: 'dead' },
    ...topology.retrySteps.map((step) => ({ queue: retryName(step), kind: 'retry' as const })),
    ...topology.queues.map(({ name }) => ({ queue: name, kind: 'work' as const })),
  ];
  const depths: QueueDepth[] = [];
  let channel: Channel | undefined;
  for (const asked of queues) {
    try {
      channel ??= await open(model, left());
      const { messageCount, consumerCount } = await answered(channel.checkQueue(asked.queue), left(), asked.queue);
      depths.push({ ...asked, ready: messageCount, consumers: consumerCount });
    } catch (thrown) {
      depths.push({ ...asked, problem: (thrown as { code?: unknown }).code === 404 ? 'gone' : errorMessage(thrown) });
      // A channel that owes an answer, or was closed by one, cannot be asked again.
      if (channel) void dispose(channel);
      channel = undefined;
    }
  }
  if (channel) await dispose(channel);
  return depths;
}

async function open(model: ChannelModel, timeoutMs: number): Promise<Channel> {
  const channel = await answered(model.createChannel(), timeoutMs, 'opening a channel');
  // The call that fails rejects with the same error.
  channel.on('error', () => {});
  return channel;
}

async function dispose(channel: Channel): Promise<void> {
  try {
    await within(channel.close(), CLOSE_TIMEOUT_MS, undefined);
  } catch {
    // Closed already.
  }
}
