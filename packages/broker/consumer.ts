import type { AnyEnvelope } from '@malote/messages/envelope';
import type { Clock } from '@malote/runtime/clock';
import { errorMessage } from '@malote/runtime/errors';
import type { Logger } from '@malote/runtime/logger';
import { answered, within } from '@malote/runtime/within';
import type { Channel, ConsumeMessage } from 'amqplib';
import { createBackOff, pause } from './back-off.ts';
import type { BrokerMetrics } from './broker-metrics.ts';
import { ANSWER_TIMEOUT_MS, keepChannel } from './kept-channel.ts';
import type { Link } from './link.ts';
import { decode, HEADER, headerText, isUndecodable, propertiesAgain, readTryCount, type Undecodable } from './message.ts';
import { bounded, dead, type Outcome, outcomeOfThrow, pickStep, type RetryBounds, retry, type Tried } from './outcome.ts';
import type { Outgoing, Publisher } from './publisher.ts';
import { DEAD, retryName, type Topology } from './topology.ts';

export { dead, done, type Outcome, retry } from './outcome.ts';

export interface HandlerContext {
  now: Date;
  /** Carries trace, doc, conta, empresa, msg, attempt. */
  log: Logger;
  /** Aborted when the shutdown cannot wait any longer; not when the channel is lost (the work is finished, the ack dropped, the message comes again). */
  signal: AbortSignal;
  /** 1 at the first delivery; counts retries, not redeliveries. */
  attempt: number;
  /** A hint only: a repeat may come without it. */
  redelivered: boolean;
}

/** The same message may come twice, at the same time too: a handler must be idempotent by the state it finds. */
export type Handler = (envelope: AnyEnvelope, ctx: HandlerContext) => Promise<Outcome>;

export interface ConsumeOptions {
  /** Messages in work at a time. */
  prefetch?: number;
  maxAttempts?: number;
  maxAgeMs?: number;
}

export interface Consumer {
  queue: string;
  isConsuming(): boolean;
  inFlight(): number;
  /** Takes no new message until resumed; what is running goes on. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Takes no new message, waits for the running handlers up to `timeoutMs`, then aborts their signal and lets the rest be redelivered. */
  stop(timeoutMs: number): Promise<void>;
}

/** A newer version means a rolling upgrade is under way: the new process will take it. */
const NEWER_VERSION_MS = 3_600_000;
const DEFAULTS = { prefetch: 16, maxAttempts: 50, maxAgeMs: 86_400_000 };
const HAND_OVER_MS = { min: 200, max: 5000 };
const ABORT_GRACE_MS = 500;

export interface ConsumerDeps {
  link: Link;
  publisher: Publisher;
  /** Declares the topology again on the publishing side's next channel: the ladder itself was found missing. */
  doubtTopology(): void;
  topology: Topology;
  log: Logger;
  clock: Clock;
  metrics: BrokerMetrics;
  onChange(isConsuming: boolean): void;
  /** It begins paused. */
  paused: boolean;
}

/** See Broker.consume. The only place that acks. */
export function createConsumer(deps: ConsumerDeps, queue: string, handler: Handler, options: ConsumeOptions = {}): Consumer {
  const { clock, log, metrics, publisher } = deps;
  const { prefetch, maxAttempts, maxAgeMs } = { ...DEFAULTS, ...options };
  const aborting = new AbortController();
  const running = new Set<Promise<void>>();
  let stopping = false;
  let isCancelled = false;
  let consumerTag: string | undefined;
  let { paused } = deps;
  let changing: Promise<void> = Promise.resolve();
  let channelGeneration = 0;
  /** Generation whose channel got messages between a pause and its cancel; not begun, they return when it closes. */
  let refusedBy: number | undefined;

  const kept = keepChannel<Channel>({
    link: deps.link,
    name: queue,
    log,
    clock,
    open: (model) => model.createChannel(),
    onChange(isOpen) {
      deps.onChange(isOpen);
      // Paused or resumed while the channel was being set up.
      if (isOpen) void reconcile();
    },
    async setUp(channel, generation) {
      await channel.prefetch(prefetch);
      consumerTag = undefined;
      channelGeneration = generation;
      if (!paused) await consumeOn(channel, generation);
    },
  });

  async function consumeOn(channel: Channel, generation: number): Promise<void> {
    const consumed = await channel.consume(queue, (message) => {
      // A channel that was given up may still begin to deliver before it closes; what it brings comes again.
      if (!kept.isAlive(generation)) return;
      if (message === null) kept.lose(generation, 'consumer cancelled by the broker');
      else if (paused) refusedBy = generation;
      else if (!stopping) start(message, channel, generation);
    });
    consumerTag = consumed.consumerTag;
  }

  /** Consumes, or stops consuming, as `paused` says; one at a time, since a resume must not meet the cancel of the pause before it. */
  function reconcile(): Promise<void> {
    changing = changing.then(async () => {
      const channel = kept.current();
      if (!channel || stopping) return;
      const generation = channelGeneration;
      try {
        if (paused && consumerTag !== undefined) {
          const tag = consumerTag;
          consumerTag = undefined;
          await cancel(channel, tag);
          // Once nothing is left to ack on it, the channel goes, and RabbitMQ gives them to somebody else.
          if (refusedBy === generation) void Promise.all(running).then(() => kept.lose(generation, 'paused'));
        } else if (!paused && consumerTag === undefined && refusedBy !== generation) {
          await answered(consumeOn(channel, generation), ANSWER_TIMEOUT_MS, 'consuming again');
        }
      } catch (thrown) {
        kept.lose(generation, errorMessage(thrown));
      }
    });
    return changing;
  }

  function start(message: ConsumeMessage, channel: Channel, generation: number): void {
    metrics.inFlight(queue, 1);
    const work = handle(message, channel, generation)
      .catch((err) => {
        log.error({ queue, err }, 'message could not be settled');
        // Unacked for ever it would hold its place in the prefetch; redelivered too often it goes to dead by itself.
        kept.lose(generation, 'message could not be settled');
      })
      .finally(() => {
        metrics.inFlight(queue, -1);
        running.delete(work);
      });
    running.add(work);
  }

  async function handle(message: ConsumeMessage, channel: Channel, generation: number): Promise<void> {
    const begun = clock.monotonic();
    const { attempt, firstAt = clock.now() } = readTryCount(message);
    const decoded = decode(message.content);
    const messageLog = log.child({ queue, ...labels(message, decoded), attempt });
    const isAlive = () => kept.isAlive(generation);
    const outcome = isUndecodable(decoded) ? refusal(decoded) : await runHandler(decoded, message, attempt, messageLog);
    const tried: Tried = { attempt, ageMs: clock.now().getTime() - firstAt.getTime() };
    const bounds: RetryBounds = isUndecodable(decoded)
      ? { maxAttempts: Number.POSITIVE_INFINITY, maxAgeMs: NEWER_VERSION_MS }
      : { maxAttempts, maxAgeMs };
    const final = bounded(outcome, tried, bounds);
    const durationMs = Math.round(clock.monotonic() - begun);
    if (final.kind === 'dead') messageLog.error({ reason: final.reason, durationMs }, 'message dead');
    else if (final.kind === 'retry') messageLog.warn({ reason: final.reason, after: final.after, durationMs }, 'message to be tried again');
    const handedOver = final.kind === 'done' || (await handOver(elsewhere(message, final, attempt, firstAt), isAlive, messageLog));
    const acked = handedOver && isAlive() && ack(channel, message);
    metrics.consumed(queue, acked ? final.kind : 'lost', (clock.monotonic() - begun) / 1000);
  }

  async function runHandler(envelope: AnyEnvelope, message: ConsumeMessage, attempt: number, messageLog: Logger): Promise<Outcome> {
    const { redelivered } = message.fields;
    try {
      return await handler(envelope, { now: clock.now(), log: messageLog, signal: aborting.signal, attempt, redelivered });
    } catch (thrown) {
      messageLog.error({ err: thrown }, 'handler threw');
      return outcomeOfThrow(thrown);
    }
  }

  /** The message as it goes to the ladder or to `dead`, named by its queue, which is how it can come back. */
  function elsewhere(message: ConsumeMessage, outcome: Exclude<Outcome, { kind: 'done' }>, attempt: number, firstAt: Date): Outgoing {
    const isRetry = outcome.kind === 'retry';
    const messageId = typeof message.properties.messageId === 'string' ? message.properties.messageId : clock.uuid();
    const properties = propertiesAgain(message, messageId, {
      [HEADER.attempt]: isRetry ? attempt + 1 : attempt,
      [HEADER.firstAt]: firstAt.toISOString(),
      [HEADER.reason]: headerText(outcome.reason),
      ...(isRetry ? {} : { [HEADER.stack]: outcome.stack && headerText(outcome.stack) }),
      ...(isRetry ? {} : { [HEADER.queue]: queue, [HEADER.deadAt]: clock.now().toISOString() }),
    });
    const exchange = isRetry ? retryName(pickStep(deps.topology.retrySteps, attempt, outcome.after)) : DEAD;
    return { exchange, key: queue, content: message.content, properties };
  }

  /**
   * Publishes until RabbitMQ confirms; false when the delivering channel is lost (the message comes again anyway) or the
   * shutdown cannot wait. Closing the channel instead would return its neighbours too and raise their delivery count.
   */
  async function handOver(outgoing: Outgoing, isAlive: () => boolean, messageLog: Logger): Promise<boolean> {
    const backOff = createBackOff(clock, HAND_OVER_MS.min, HAND_OVER_MS.max);
    for (let tries = 1; isAlive() && !aborting.signal.aborted; tries += 1) {
      const result = await publisher.send(outgoing);
      if (result === 'confirmed') return true;
      if (tries === 1) messageLog.warn({ exchange: outgoing.exchange, result }, 'message not handed over yet');
      if (result === 'unroutable') deps.doubtTopology();
      await pause(backOff.next(), aborting.signal);
    }
    return false;
  }

  return {
    queue,
    isConsuming: () => !isCancelled && !paused && kept.current() !== undefined,
    inFlight: () => running.size,
    pause() {
      paused = true;
      return reconcile();
    },
    resume() {
      paused = false;
      return reconcile();
    },
    async stop(timeoutMs) {
      stopping = true;
      kept.stopRebuilding();
      await cancel(kept.current(), consumerTag);
      isCancelled = true;
      const all = () => Promise.all(running).then(() => true);
      if (!(await within(all(), timeoutMs, false))) {
        log.warn({ queue, inFlight: running.size }, 'handlers still running, their messages will be delivered again');
        aborting.abort(new Error('shutdown'));
        await within(all(), ABORT_GRACE_MS, false);
      }
      aborting.abort(new Error('shutdown'));
      await kept.close();
    },
  };
}

/** Only with the channel that delivered, and while it lives: an unknown delivery tag would close the channel for its neighbours. */
function ack(channel: Channel, message: ConsumeMessage): boolean {
  try {
    channel.ack(message);
    return true;
  } catch {
    return false;
  }
}

function refusal(undecodable: Undecodable): Outcome {
  return undecodable.kind === 'newer-version' ? retry(undecodable.reason) : dead(undecodable.reason);
}

async function cancel(channel: Channel | undefined, consumerTag: string | undefined): Promise<void> {
  if (!channel || consumerTag === undefined) return;
  try {
    await within(channel.cancel(consumerTag), 2000, undefined);
  } catch {
    // The channel is lost: nothing more comes from it.
  }
}

function labels(message: ConsumeMessage, decoded: AnyEnvelope | Undecodable): Record<string, unknown> {
  if (isUndecodable(decoded)) return { msg: message.properties.messageId, type: message.properties.type };
  const { payload } = decoded;
  const about = {
    ...('documentId' in payload ? { doc: payload.documentId, empresa: payload.empresa } : {}),
    ...('pedidoId' in payload ? { pedido: payload.pedidoId } : {}),
    ...('conta' in payload ? { conta: payload.conta } : {}),
    ...('uf' in payload ? { modelo: payload.modelo, uf: payload.uf, ambiente: payload.ambiente } : {}),
  };
  return { trace: decoded.traceparent.split('-')[1], ...about, msg: decoded.id, type: decoded.type };
}
