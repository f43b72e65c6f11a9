import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { ConfirmChannel, Message, Options } from 'amqplib';
import type { BrokerMetrics } from './broker-metrics.ts';
import { keepChannel } from './kept-channel.ts';
import type { Link } from './link.ts';

/**
 * `confirmed`: RabbitMQ has it, durably. `unroutable`: no queue takes it, and it is not stored. `unknown`: it may or may not
 * be stored (not connected, blocked, refused, lost or late): publish again later with the same id.
 */
export type PublishResult = 'confirmed' | 'unroutable' | 'unknown';

export interface Outgoing {
  exchange: string;
  key: string;
  content: Buffer;
  properties: Options.Publish & { messageId: string };
}

export interface Publisher {
  /** Never throws and never waits for a connection: the outbox is the queue, not this process. */
  send(message: Outgoing): Promise<PublishResult>;
  isOpen(): boolean;
  inFlight(): number;
  /** Waits for the results still due, at most `timeoutMs`; what then remains is `unknown`. */
  close(timeoutMs: number): Promise<void>;
}

interface Pending {
  route: string;
  returned: boolean;
  settle(result: PublishResult): void;
}

/** More than this unconfirmed means RabbitMQ does not keep up; the rest stays where it is durable. */
const MAX_IN_FLIGHT = 5000;

export function createPublisher(options: {
  link: Link;
  log: Logger;
  clock: Clock;
  metrics: BrokerMetrics;
  timeoutMs: number;
  onChange(isOpen: boolean): void;
}): Publisher {
  const { link, log, clock, metrics } = options;
  const pending = new Set<Pending>();
  let closing = false;

  const kept = keepChannel<ConfirmChannel>({
    link,
    log,
    clock,
    name: 'publisher',
    open: (model) => model.createConfirmChannel(),
    onChange(isOpen) {
      options.onChange(isOpen);
      if (!isOpen) settleAll();
    },
    async setUp(channel) {
      channel.on('return', markReturned);
    },
  });
  link.onBlocked(settleAll);

  function settleAll(): void {
    for (const entry of pending) entry.settle('unknown');
  }

  /** The return comes before the confirm of the same message. Of several alike in flight all share its fate, so the first is as good as any. */
  function markReturned(message: Message): void {
    const route = routeKey(message.fields.exchange, message.fields.routingKey, message.properties.messageId);
    for (const entry of pending) {
      if (entry.route !== route || entry.returned) continue;
      entry.returned = true;
      return;
    }
  }

  function publish(channel: ConfirmChannel, message: Outgoing): Promise<PublishResult> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => entry.settle('unknown'), options.timeoutMs);
      const entry: Pending = {
        route: routeKey(message.exchange, message.key, message.properties.messageId),
        returned: false,
        settle(result) {
          clearTimeout(timer);
          pending.delete(entry);
          resolve(result);
        },
      };
      pending.add(entry);
      try {
        channel.publish(
          message.exchange,
          message.key,
          message.content,
          { ...message.properties, persistent: true, mandatory: true },
          (failure) => entry.settle(failure ? 'unknown' : entry.returned ? 'unroutable' : 'confirmed'),
        );
      } catch (thrown) {
        // The channel closed and its event has not been seen yet.
        log.debug({ err: thrown }, 'publish on a closed channel');
        entry.settle('unknown');
      }
    });
  }

  return {
    async send(message) {
      const begun = clock.monotonic();
      const channel = kept.current();
      const possible = channel && !closing && link.blocked() === undefined && pending.size < MAX_IN_FLIGHT;
      const result = possible ? await publish(channel, message) : 'unknown';
      metrics.published(message.exchange, result, (clock.monotonic() - begun) / 1000);
      return result;
    },
    isOpen: () => kept.current() !== undefined,
    inFlight: () => pending.size,
    async close(timeoutMs) {
      closing = true;
      kept.stopRebuilding();
      const timer = setTimeout(settleAll, timeoutMs);
      await Promise.all([...pending].map((entry) => settled(entry)));
      clearTimeout(timer);
      await kept.close();
    },
  };
}

function routeKey(exchange: string, key: string, messageId: unknown): string {
  return `${exchange}\n${key}\n${String(messageId)}`;
}

function settled(entry: Pending): Promise<void> {
  return new Promise((resolve) => {
    const { settle } = entry;
    entry.settle = (result) => {
      settle(result);
      resolve();
    };
  });
}
