import type { AnyEnvelope } from '@malote/messages/envelope';
import { routeOf } from '@malote/messages/routes';
import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { Metrics } from '@malote/runtime/metrics';
import { brokerMetrics } from './broker-metrics.ts';
import { type ConsumeOptions, type Consumer, createConsumer, type Handler } from './consumer.ts';
import { type QueueDepth, readDepths } from './depths.ts';
import { createLink } from './link.ts';
import { encode } from './message.ts';
import { createPublisher, type PublishResult } from './publisher.ts';
import type { Topology } from './topology.ts';

export type { PublishResult } from './publisher.ts';

export interface BrokerOptions {
  url: string;
  /** Of the process: shown in RabbitMQ's management, written into each message as appId. */
  name: string;
  log: Logger;
  clock: Clock;
  topology: Topology;
  metrics?: Metrics;
  /** Longest wait for a confirm. */
  publishTimeoutMs?: number;
  heartbeatS?: number;
}

export interface Broker {
  /** See PublishResult; never throws, never waits for a connection. `route` overrules the routing table. */
  publish(envelope: AnyEnvelope, route?: { exchange: string; key: string }): Promise<PublishResult>;
  /** Consumes from now on, through every loss of channel, queue or connection, until stopped. */
  consume(queue: string, handler: Handler, options?: ConsumeOptions): Consumer;
  /** No consumer takes a new message until resumed, those made meanwhile included; what is running goes on, publishing too. */
  pauseConsuming(): Promise<void>;
  resumeConsuming(): Promise<void>;
  /** False before the first connection, and when publisher or a consumer has been away for over 30 s. */
  ready(): boolean;
  state(): BrokerState;
  /** See depths.ts. Throws when there is no connection. */
  queueDepths(options?: { timeoutMs: number }): Promise<QueueDepth[]>;
  /** Stops consuming, waits for running handlers and confirms (at most `timeoutMs`), closes. A repeated call waits for the first. */
  close(options?: { timeoutMs: number }): Promise<void>;
}

export interface BrokerState {
  publishing: boolean;
  /** RabbitMQ's reason while it refuses publishes. */
  blocked: string | undefined;
  publishesInFlight: number;
  consumers: { queue: string; consuming: boolean; inFlight: number }[];
}

const PUBLISH_TIMEOUT_MS = 10_000;
/** amqplib notices silence after two to three intervals: 12 to 18 s. */
const HEARTBEAT_S = 6;
const UNREADY_AFTER_MS = 30_000;
const CLOSE_TIMEOUT_MS = 10_000;
const DEPTHS_TIMEOUT_MS = 2_000;

/**
 * Returns at once and connects in the background; a broker that is down shows in `ready` and `unknown` results only.
 * Throws for an address that is no URL and for a topology without a retry step.
 */
export function connectBroker(options: BrokerOptions): Broker {
  if (options.topology.retrySteps.length === 0) throw new Error('the topology has no retry step');
  const { url, name, log, clock, topology, heartbeatS = HEARTBEAT_S } = options;
  const metrics = brokerMetrics(options.metrics);
  const presence = createPresence(clock);
  const consumers: Consumer[] = [];
  let paused = false;
  // Two connections: RabbitMQ stops reading from one that publishes too much, and acks must not wait behind that.
  const [publishing, consuming] = (['publish', 'consume'] as const).map((role) =>
    createLink({
      url,
      name: `${name}/${role}`,
      log,
      clock,
      topology,
      heartbeatS,
      onLost: () => metrics.reconnected(role),
      onBlockedChange: (isBlocked) => metrics.blocked(isBlocked),
    }),
  ) as [ReturnType<typeof createLink>, ReturnType<typeof createLink>];
  const publisher = createPublisher({
    link: publishing,
    log,
    clock,
    metrics,
    timeoutMs: options.publishTimeoutMs ?? PUBLISH_TIMEOUT_MS,
    onChange: presence.part('publisher'),
  });

  let closed: Promise<void> | undefined;
  async function closeAll(timeoutMs: number): Promise<void> {
    const begun = clock.monotonic();
    await Promise.all(consumers.map((consumer) => consumer.stop(timeoutMs)));
    await publisher.close(Math.max(0, timeoutMs - (clock.monotonic() - begun)));
    await Promise.all([publishing.close(), consuming.close()]);
  }

  return {
    publish(envelope, route) {
      return publisher.send({ ...(route ?? routeOf(envelope)), ...encode(envelope, name) });
    },
    consume(queue, handler, consumeOptions) {
      const doubtTopology = () => {
        publishing.doubtTopology();
        void publishing.ensureTopology().catch((err) => log.warn({ err }, 'topology could not be declared'));
      };
      const deps = { link: consuming, publisher, doubtTopology, topology, log, clock, metrics, onChange: presence.part(queue), paused };
      const consumer = createConsumer(deps, queue, handler, consumeOptions);
      consumers.push(consumer);
      return consumer;
    },
    async pauseConsuming() {
      paused = true;
      await Promise.all(consumers.map((consumer) => consumer.pause()));
    },
    async resumeConsuming() {
      paused = false;
      await Promise.all(consumers.map((consumer) => consumer.resume()));
    },
    ready: () => presence.allWithin(UNREADY_AFTER_MS),
    state: () => ({
      publishing: publisher.isOpen(),
      blocked: publishing.blocked(),
      publishesInFlight: publisher.inFlight(),
      consumers: consumers.map((each) => ({ queue: each.queue, consuming: each.isConsuming(), inFlight: each.inFlight() })),
    }),
    async queueDepths({ timeoutMs } = { timeoutMs: DEPTHS_TIMEOUT_MS }) {
      const model = publishing.model();
      if (!model) throw new Error('not connected');
      return readDepths(model, topology, timeoutMs, clock.monotonic);
    },
    close({ timeoutMs } = { timeoutMs: CLOSE_TIMEOUT_MS }) {
      closed ??= closeAll(timeoutMs);
      return closed;
    },
  };
}

/** Who is there, and since when not. */
function createPresence(clock: Clock) {
  const awaySince = new Map<string, number>();
  return {
    part(name: string): (isThere: boolean) => void {
      awaySince.set(name, Number.NEGATIVE_INFINITY);
      return (isThere) => {
        if (isThere) awaySince.delete(name);
        else if (!awaySince.has(name)) awaySince.set(name, clock.monotonic());
      };
    },
    allWithin: (ms: number) => [...awaySince.values()].every((since) => clock.monotonic() - since <= ms),
  };
}
