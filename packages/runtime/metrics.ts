import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type { Counter, Gauge, Histogram } from 'prom-client';

/** One registry per process; names are given without the `malote_` prefix, and asking twice for a name gives the same metric. */
export interface Metrics {
  registry: Registry;
  counter<L extends string = string>(name: string, help: string, labels?: readonly L[]): Counter<L>;
  /** `buckets` in the unit of the name's suffix (`_seconds`). */
  histogram<L extends string = string>(name: string, help: string, labels?: readonly L[], buckets?: number[]): Histogram<L>;
  gauge<L extends string = string>(name: string, help: string, labels?: readonly L[]): Gauge<L>;
}

const PREFIX = 'malote_';

/** Every sample carries the label `service`; Node's own process metrics are included. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry, prefix: PREFIX });
  function once<M>(name: string, make: (fullName: string) => M): M {
    const fullName = PREFIX + name;
    return (registry.getSingleMetric(fullName) as M | undefined) ?? make(fullName);
  }
  return {
    registry,
    counter: <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
      once(name, (fullName) => new Counter<L>({ name: fullName, help, labelNames, registers: [registry] })),
    histogram: <L extends string>(name: string, help: string, labelNames: readonly L[] = [], buckets?: number[]) =>
      once(
        name,
        (fullName) => new Histogram<L>({ name: fullName, help, labelNames, registers: [registry], ...(buckets ? { buckets } : {}) }),
      ),
    gauge: <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
      once(name, (fullName) => new Gauge<L>({ name: fullName, help, labelNames, registers: [registry] })),
  };
}
