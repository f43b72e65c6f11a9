import type { TestContext } from 'node:test';
import { createVhost, testStack } from '@malote/devstack/devstack';
import { callManagement, deleteVhost } from '@malote/devstack/management-api';
import { type AnyEnvelope, envelope } from '@malote/messages/envelope';
import { type Clock, systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { type Channel, connect, type GetMessage } from 'amqplib';
import { type Broker, type BrokerOptions, connectBroker } from '../connection.ts';
import type { Topology } from '../topology.ts';

export const QUEUE = 'test.work';

/** One work queue for every command, and a ladder short enough to wait for. */
export const TOPOLOGY: Topology = {
  queues: [{ name: QUEUE, bindings: [{ exchange: 'commands', pattern: 'document.#' }] }],
  retrySteps: [
    { name: '150ms', ms: 150 },
    { name: '400ms', ms: 400 },
  ],
  deliveryLimit: 20,
};

/** A vhost of this test's own, with what a test looks at from outside of the package. */
export interface TestVhost {
  url: string;
  port: number;
  /** The same vhost through a proxy's port. */
  urlVia(port: number): string;
  broker(options?: Partial<BrokerOptions>): Broker;
  /** A plain channel, as another client would have; its connection ends with the test. */
  rawChannel(): Promise<Channel>;
  /** Takes all messages out of a queue. */
  drain(queue: string): Promise<GetMessage[]>;
  management(path: string): Promise<unknown>;
  logLines(): Record<string, unknown>[];
}

let vhosts = 0;

export async function testVhost(t: TestContext, stackAddress?: Awaited<ReturnType<typeof testStack>>): Promise<TestVhost> {
  const stack = stackAddress ?? (await testStack());
  const vhost = `broker-${process.pid}-${++vhosts}`;
  const url = await createVhost(stack, vhost);
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({
    service: 'test',
    level: 'debug',
    destination: { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  });
  const closers: (() => Promise<unknown>)[] = [];
  // The vhost last: deleting it under an open connection can keep that connection's close from ever being answered.
  t.after(async () => {
    await Promise.allSettled(closers.map((close) => close()));
    await deleteVhost(stack, vhost);
  });
  const rawChannel = async (): Promise<Channel> => {
    const model = await connect(url, { noDelay: true });
    model.on('error', () => {});
    closers.push(() => model.close());
    return model.createChannel();
  };
  return {
    url,
    port: Number(new URL(url).port),
    urlVia: (port) => Object.assign(new URL(url), { port: String(port) }).href,
    broker(options = {}) {
      const broker = connectBroker({ url, name: 'test', log, clock: systemClock, topology: TOPOLOGY, ...options });
      closers.push(() => broker.close({ timeoutMs: 1000 }));
      return broker;
    },
    rawChannel,
    async drain(queue) {
      const channel = await rawChannel();
      const taken: GetMessage[] = [];
      for (let message = await channel.get(queue, { noAck: true }); message; message = await channel.get(queue, { noAck: true }))
        taken.push(message);
      return taken;
    },
    async management(path) {
      const { status, text } = await callManagement(stack, 'GET', path.replace('{vhost}', vhost));
      if (status !== 200) throw new Error(`management answered ${status}: ${text}`);
      return JSON.parse(text);
    },
    logLines: () => lines,
  };
}

/** The n-th command; its id is `m<n>`. */
export function command(n: number): AnyEnvelope {
  const documentId = `11222333000181.2.55.43.001.${String(n).padStart(9, '0')}`;
  return envelope(
    'document.emit',
    { documentId, conta: 'conta-teste', empresa: '11222333000181', familia: 'nfe', autorizador: 'SVRS', fila: 'lote' },
    {
      id: `m${n}`,
      at: systemClock.now(),
      correlationId: documentId,
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    },
  );
}

/** A clock whose time of day can be moved. */
export function movableClock(): Clock & { offsetMs: number } {
  const clock = { ...systemClock, offsetMs: 0, now: () => new Date(systemClock.now().getTime() + clock.offsetMs) };
  return clock;
}
