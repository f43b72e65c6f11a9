import type { Channel } from 'amqplib';

/** Queues, exchanges and bindings that correctness depends on; what an operator tunes (lengths, lower limits) are policies. */
export interface Topology {
  queues: readonly {
    name: string;
    bindings: readonly { exchange: 'commands' | 'events'; pattern: string }[];
    singleActiveConsumer?: boolean;
    lossy?: boolean;
  }[];
  /** The ladder, shortest first. A name stands for its delay for ever: a declared queue cannot change its TTL. */
  retrySteps: readonly { name: string; ms: number }[];
  /** Deliveries of one message without an ack before RabbitMQ itself moves it to `dead`; a net for crash loops only. */
  deliveryLimit: number;
  /** Test switch: leaves `work` without its alternate exchange, so that a message for a vanished queue blocks its ladder step. */
  withoutAlternateExchange?: boolean;
}

export const DEAD = 'dead';
export const WORK = 'work';

export const RETRY_PREFIX = 'retry.';

export function retryName(step: { name: string }): string {
  return `${RETRY_PREFIX}${step.name}`;
}

interface ExchangeSpec {
  name: string;
  type: 'topic' | 'fanout' | 'direct';
  arguments: Record<string, unknown>;
}

interface QueueSpec {
  name: string;
  arguments: Record<string, unknown>;
}

interface BindingSpec {
  source: string;
  destination: string;
  key: string;
}

/**
 * RabbitMQ falls back to at-most-once silently when the overflow is not reject-publish, and retries for ever (holding up
 * the whole queue) when the dead-letter exchange does not route.
 */
function deadLetteringTo(exchange: string): Record<string, unknown> {
  return { 'x-dead-letter-exchange': exchange, 'x-dead-letter-strategy': 'at-least-once', 'x-overflow': 'reject-publish' };
}

/** Without a worker for it such a queue stays small: a minute's messages, the oldest dropped first. */
const LOSSY = { 'x-message-ttl': 60_000, 'x-max-length': 10_000, 'x-overflow': 'drop-head' };

/** RabbitMQ 4 limits deliveries to 20 by default, also for an operator who only looks at the dead messages; -1 is unknown to 3.10. */
const NO_DELIVERY_LIMIT = 1_000_000;

function specify(topology: Topology): { exchanges: ExchangeSpec[]; queues: QueueSpec[]; bindings: BindingSpec[] } {
  const quorum = { 'x-queue-type': 'quorum' };
  const toWork = topology.withoutAlternateExchange ? {} : { 'alternate-exchange': DEAD };
  return {
    exchanges: [
      { name: DEAD, type: 'fanout', arguments: {} },
      { name: WORK, type: 'direct', arguments: toWork },
      { name: 'commands', type: 'topic', arguments: {} },
      { name: 'events', type: 'topic', arguments: {} },
      ...topology.retrySteps.map((step) => ({ name: retryName(step), type: 'fanout' as const, arguments: {} })),
    ],
    queues: [
      { name: DEAD, arguments: { ...quorum, 'x-delivery-limit': NO_DELIVERY_LIMIT } },
      ...topology.retrySteps.map((step) => ({
        name: retryName(step),
        arguments: { ...quorum, 'x-message-ttl': step.ms, ...deadLetteringTo(WORK) },
      })),
      ...topology.queues.map((queue) => ({
        name: queue.name,
        arguments: {
          ...{ ...quorum, 'x-delivery-limit': topology.deliveryLimit, ...(queue.lossy ? LOSSY : deadLetteringTo(DEAD)) },
          ...(queue.singleActiveConsumer ? { 'x-single-active-consumer': true } : {}),
        },
      })),
    ],
    bindings: [
      { source: DEAD, destination: DEAD, key: '' },
      ...topology.retrySteps.map((step) => ({ source: retryName(step), destination: retryName(step), key: '' })),
      ...topology.queues.flatMap((queue) => [
        // The ladder returns a message by the name of its queue, which is its routing key there.
        { source: WORK, destination: queue.name, key: queue.name },
        ...queue.bindings.map(({ exchange, pattern }) => ({ source: exchange, destination: queue.name, key: pattern })),
      ]),
    ],
  };
}

/**
 * Declares everything; idempotent. Use a throw-away channel: RabbitMQ closes it (406) when something exists with other
 * arguments, and the call then rejects.
 */
export async function assertTopology(channel: Channel, topology: Topology): Promise<void> {
  const { exchanges, queues, bindings } = specify(topology);
  for (const { name, type, arguments: args } of exchanges) await channel.assertExchange(name, type, { durable: true, arguments: args });
  for (const { name, arguments: args } of queues) await channel.assertQueue(name, { durable: true, arguments: args });
  for (const { source, destination, key } of bindings) await channel.bindQueue(destination, source, key);
}

/** The same as the `definitions.json` that RabbitMQ imports at boot, for operators who provision the vhost themselves. */
export function topologyAsDefinitions(topology: Topology, vhost: string): Record<string, unknown> {
  const { exchanges, queues, bindings } = specify(topology);
  return {
    exchanges: exchanges.map((exchange) => ({ ...exchange, vhost, durable: true, auto_delete: false, internal: false })),
    queues: queues.map((queue) => ({ ...queue, vhost, durable: true, auto_delete: false })),
    bindings: bindings.map(({ source, destination, key }) => ({
      source,
      vhost,
      destination,
      destination_type: 'queue',
      routing_key: key,
      arguments: {},
    })),
  };
}
