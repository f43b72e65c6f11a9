import type { Metrics } from '@malote/runtime/metrics';

/** What the broker package counts; without a registry nothing is counted. */
export interface BrokerMetrics {
  published(exchange: string, result: string, seconds: number): void;
  consumed(queue: string, outcome: string, seconds: number): void;
  inFlight(queue: string, change: 1 | -1): void;
  reconnected(connection: string): void;
  blocked(isBlocked: boolean): void;
}

const SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

export function brokerMetrics(metrics: Metrics | undefined): BrokerMetrics {
  if (!metrics) return { published() {}, consumed() {}, inFlight() {}, reconnected() {}, blocked() {} };
  const published = metrics.histogram('broker_publish_seconds', 'Publishes, from the call to the result', ['exchange', 'result'], SECONDS);
  const consumed = metrics.histogram(
    'broker_handle_seconds',
    'Messages handled, from the delivery to the ack',
    ['queue', 'outcome'],
    SECONDS,
  );
  const inFlight = metrics.gauge('broker_in_flight', 'Messages in work', ['queue']);
  const reconnects = metrics.counter('broker_reconnects_total', 'Connections lost and tried again', ['connection']);
  const blocked = metrics.gauge('broker_blocked', '1 while RabbitMQ refuses publishes (memory or disk alarm)');
  return {
    published: (exchange, result, seconds) => published.observe({ exchange, result }, seconds),
    consumed: (queue, outcome, seconds) => consumed.observe({ queue, outcome }, seconds),
    inFlight: (queue, change) => inFlight.inc({ queue }, change),
    reconnected: (connection) => reconnects.inc({ connection }),
    blocked: (isBlocked) => blocked.set(isBlocked ? 1 : 0),
  };
}
