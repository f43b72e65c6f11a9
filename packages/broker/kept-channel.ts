import type { Clock } from '@malote/runtime/clock';
import { asError, errorMessage } from '@malote/runtime/errors';
import type { Logger } from '@malote/runtime/logger';
import { answered, within } from '@malote/runtime/within';
import type { Channel, ChannelModel } from 'amqplib';
import { createBackOff, pause } from './back-off.ts';
import type { Link } from './link.ts';

/** One channel that is opened again, and set up whole, after each loss of itself or of its connection. */
export interface KeptChannel<C extends Channel> {
  /** The usable channel. */
  current(): C | undefined;
  /** False once the channel of that generation is lost: what it delivered can no longer be acked. True during its set-up already. */
  isAlive(generation: number): boolean;
  /** Gives the channel up and opens another (consumer cancelled by the broker). */
  lose(generation: number, reason: string): void;
  /** No channel is opened any more; the present one stays for what is still running. */
  stopRebuilding(): void;
  close(): Promise<void>;
}

export interface KeptChannelOptions<C extends Channel> {
  link: Link;
  /** For the log: `publisher`, or the queue's name. */
  name: string;
  log: Logger;
  clock: Clock;
  open(model: ChannelModel): Promise<C>;
  /** Runs on every new channel (qos, consume, listeners) after the topology is there; a throw makes another channel. */
  setUp(channel: C, generation: number): Promise<void>;
  onChange?(isOpen: boolean): void;
}

const BACK_OFF_MS = { min: 100, max: 5000 };
const CLOSE_TIMEOUT_MS = 2000;
/** An answer may never come (consume on a quorum queue without a leader), and whoever waits for it would be silent for good. */
export const ANSWER_TIMEOUT_MS = 10_000;
/** Dozens of quorum queues may have to be made first. */
const TOPOLOGY_TIMEOUT_MS = 60_000;
/** A channel that cannot be set up is an alarm after this many tries, and again after as many: about every minute when nothing is answered. */
const ALARM_AFTER = 5;

export function keepChannel<C extends Channel>(options: KeptChannelOptions<C>): KeptChannel<C> {
  const { link, log, name } = options;
  const stopping = new AbortController();
  const backOff = createBackOff(options.clock, BACK_OFF_MS.min, BACK_OFF_MS.max);
  let generation = 0;
  let current: C | undefined;
  let lastFailure = '';
  let failures = 0;

  async function build(model: ChannelModel): Promise<void> {
    while (!stopping.signal.aborted && link.model() === model) {
      const mine = ++generation;
      let channel: C | undefined;
      try {
        await answered(link.ensureTopology(), TOPOLOGY_TIMEOUT_MS, 'declaring the topology');
        channel = await answered(options.open(model), ANSWER_TIMEOUT_MS, 'opening a channel');
        channel.on('error', (error) => log.warn({ channel: name, err: error }, 'broker channel failed'));
        channel.once('close', () => lose(mine, 'channel closed'));
        await answered(options.setUp(channel, mine), ANSWER_TIMEOUT_MS, 'setting a channel up');
        // Lost again, or replaced, while it was being set up.
        if (generation !== mine || stopping.signal.aborted) return void dispose(channel);
        current = channel;
        lastFailure = '';
        failures = 0;
        backOff.reset();
        options.onChange?.(true);
        return;
      } catch (thrown) {
        if (generation !== mine) return;
        // Before the channel is closed: its own close event must not start a second build.
        generation += 1;
        if (channel) void dispose(channel);
        link.doubtTopology();
        const failure = errorMessage(thrown);
        if (failure !== lastFailure) log.warn({ channel: name, err: asError(thrown) }, 'broker channel could not be set up, trying again');
        lastFailure = failure;
        failures += 1;
        if (failures % ALARM_AFTER === 0)
          log.error({ alarm: 'broker-channel', channel: name, tries: failures, reason: failure }, 'broker channel cannot be set up');
      }
      await pause(backOff.next(), stopping.signal);
    }
  }

  function lose(lost: number, reason: string): void {
    if (lost !== generation) return;
    generation += 1;
    const channel = current;
    current = undefined;
    if (channel) {
      options.onChange?.(false);
      void dispose(channel);
    }
    const model = link.model();
    if (stopping.signal.aborted || !model) return;
    link.doubtTopology();
    log.info({ channel: name, reason }, 'broker channel lost, opening another');
    // The channels of a lost connection close before the connection itself does: after the pause the link knows.
    void pause(backOff.next(), stopping.signal).then((waited) => (waited ? build(model) : undefined));
  }

  link.onUp((model) => void build(model));
  return {
    current: () => current,
    isAlive: (asked) => asked === generation,
    lose,
    stopRebuilding: () => stopping.abort(),
    async close() {
      stopping.abort();
      generation += 1;
      const channel = current;
      current = undefined;
      if (channel) await dispose(channel);
    },
  };
}

async function dispose(channel: Channel): Promise<void> {
  try {
    await within(channel.close(), CLOSE_TIMEOUT_MS, undefined);
  } catch {
    // Already closed.
  }
}
