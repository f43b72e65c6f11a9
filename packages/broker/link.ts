import type { Duplex } from 'node:stream';
import type { Clock } from '@malote/runtime/clock';
import { asError, errorMessage } from '@malote/runtime/errors';
import type { Logger } from '@malote/runtime/logger';
import { within } from '@malote/runtime/within';
import { type ChannelModel, connect } from 'amqplib';
import { createBackOff, pause } from './back-off.ts';
import { assertTopology, type Topology } from './topology.ts';

/** One AMQP connection that comes back by itself. Nothing on it does: channels are kept by kept-channel.ts. */
export interface Link {
  /** The connection while it is usable, its topology asserted. */
  model(): ChannelModel | undefined;
  /** Why RabbitMQ refuses publishes on this connection, while it does. */
  blocked(): string | undefined;
  /** Calls back at every connect, at once when already connected. */
  onUp(listener: (model: ChannelModel) => void): void;
  onBlocked(listener: () => void): void;
  /** Declares the topology unless that was done on this connection and not doubted since. */
  ensureTopology(): Promise<void>;
  /** Something declared may be gone (queue deleted, exchange not found): the next ensureTopology declares again. */
  doubtTopology(): void;
  close(): Promise<void>;
}

export interface LinkOptions {
  url: string;
  /** Shown in RabbitMQ's management as the connection's name. */
  name: string;
  log: Logger;
  clock: Clock;
  topology: Topology;
  heartbeatS: number;
  onLost(): void;
  onBlockedChange(isBlocked: boolean): void;
}

const CONNECT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2000;
const BACK_OFF_MS = { min: 100, max: 5000 };

/** Connects in the background and never gives up until closed; nothing is thrown when RabbitMQ is down. */
export function createLink(options: LinkOptions): Link {
  const { log, clock, name } = options;
  const url = withHeartbeat(options.url, options.heartbeatS);
  const stopping = new AbortController();
  const upListeners: ((model: ChannelModel) => void)[] = [];
  const blockedListeners: (() => void)[] = [];
  const backOff = createBackOff(clock, BACK_OFF_MS.min, BACK_OFF_MS.max);
  let current: ChannelModel | undefined;
  let topologyDone: Promise<void> | undefined;
  let blockedBecause: string | undefined;
  let lastFailure = '';

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await oneConnection();
      } catch (thrown) {
        const failure = errorMessage(thrown);
        // One line per kind of failure: a broker that is down for an hour is not news each second.
        if (failure !== lastFailure) log.warn({ connection: name, err: asError(thrown) }, 'broker connection failed, trying again');
        lastFailure = failure;
      }
      if (stopping.signal.aborted) return;
      options.onLost();
      await pause(backOff.next(), stopping.signal);
    }
  }

  /** Returns when the connection has ended; throws when it could not be made usable. */
  async function oneConnection(): Promise<void> {
    const model = await connect(url, { noDelay: true, timeout: CONNECT_TIMEOUT_MS, clientProperties: { connection_name: name } });
    let failure: Error | undefined;
    const ended = new Promise<void>((resolve) => model.once('close', () => resolve()));
    model.on('error', (error) => {
      failure = error;
    });
    model.on('blocked', (reason) => setBlocked(reason));
    model.on('unblocked', () => setBlocked(undefined));
    try {
      topologyDone = declare(model);
      await topologyDone;
      if (stopping.signal.aborted) return;
      current = model;
      lastFailure = '';
      backOff.reset();
      log.info({ connection: name }, 'broker connected');
      for (const listener of upListeners) listener(model);
      await Promise.race([ended, aborted(stopping.signal)]);
    } finally {
      current = undefined;
      topologyDone = undefined;
      setBlocked(undefined);
      await end(model);
    }
    if (!stopping.signal.aborted) log.warn({ connection: name, err: failure }, 'broker connection lost');
  }

  async function declare(model: ChannelModel): Promise<void> {
    const channel = await model.createChannel();
    // The pending call rejects with the same error; without a listener it would end the process.
    channel.on('error', () => {});
    await assertTopology(channel, options.topology);
    await channel.close();
  }

  function setBlocked(reason: string | undefined): void {
    if (blockedBecause === reason) return;
    blockedBecause = reason;
    options.onBlockedChange(reason !== undefined);
    if (reason === undefined) return;
    log.warn({ connection: name, reason }, 'broker refuses publishes');
    for (const listener of blockedListeners) listener();
  }

  const running = run();
  return {
    model: () => current,
    blocked: () => blockedBecause,
    onUp(listener) {
      upListeners.push(listener);
      if (current) listener(current);
    },
    onBlocked: (listener) => blockedListeners.push(listener),
    async ensureTopology() {
      if (!current) throw new Error('broker not connected');
      topologyDone ??= declare(current);
      const mine = topologyDone;
      try {
        await mine;
      } catch (thrown) {
        if (topologyDone === mine) topologyDone = undefined;
        throw thrown;
      }
    },
    doubtTopology() {
      topologyDone = undefined;
    },
    async close() {
      stopping.abort();
      // A connection attempt under way cannot be called off; it ends by its own timeout.
      await within(running, CLOSE_TIMEOUT_MS, undefined);
    },
  };
}

function withHeartbeat(address: string, heartbeatS: number): string {
  const url = new URL(address);
  url.searchParams.set('heartbeat', String(heartbeatS));
  return url.href;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
}

/** Closes in good order when the other side answers, and lets go of the socket in any case: amqplib only half-closes it. */
async function end(model: ChannelModel): Promise<void> {
  try {
    await within(model.close(), CLOSE_TIMEOUT_MS, undefined);
  } catch {
    // Already closed: the usual case after a loss.
  }
  (model.connection as unknown as { stream: Duplex }).stream.destroy();
}
