import { createHash } from 'node:crypto';
import type { GetMessage } from 'amqplib';
import { HEADER, readTryCount } from './message.ts';
import { RETRY_PREFIX } from './topology.ts';

/** A message of the queue `dead` as a person looks at it. */
export interface DeadMessage {
  /** The message id; `sha256-…` of the body when it has none. Several messages may have the same. */
  id: string;
  type: string | undefined;
  /** The document it is about, as far as the message says. */
  documentId: string | undefined;
  /** The queue it failed in and goes back to. */
  queue: string;
  reason: string;
  /** Tries by a handler; RabbitMQ's redeliveries are not counted. */
  attempts: number;
  deadAt: Date | undefined;
  /** How often it was put back by hand before. */
  replays: number;
  stack: string | undefined;
  headers: Record<string, unknown>;
  /** The envelope when the body is JSON, else its text. */
  body: unknown;
}

/** Header that survives the ways of a message, unlike those that begin with `x-`. */
export const REPLAYS = 'replays';

/** What RabbitMQ writes about a dead-lettering of its own. */
interface Death {
  queue: string;
  reason: string;
  time: Date | undefined;
}

export function readDeadMessage(message: GetMessage): DeadMessage {
  const { properties, fields, content } = message;
  const headers = (properties.headers ?? {}) as Record<string, unknown>;
  const death = ownDeath(headers);
  const queue = textOf(headers[HEADER.queue]) ?? death?.queue ?? fields.routingKey;
  const body = bodyOf(content);
  return {
    id: textOf(properties.messageId) ?? `sha256-${createHash('sha256').update(content).digest('hex').slice(0, 16)}`,
    type: textOf(properties.type) ?? textOf(member(body, 'type')),
    documentId: textOf(member(member(body, 'payload'), 'documentId')) ?? textOf(properties.correlationId),
    queue,
    reason: textOf(headers[HEADER.reason]) ?? byRabbitmq(death, queue),
    attempts: readTryCount(message).attempt,
    deadAt: dateOf(headers[HEADER.deadAt]) ?? death?.time,
    replays: Number(headers[REPLAYS] ?? 0) || 0,
    stack: textOf(headers[HEADER.stack]),
    headers,
    body,
  };
}

/** The death in a work queue (delivery limit): the newest entry of x-death that is no round on the ladder. */
function ownDeath(headers: Record<string, unknown>): Death | undefined {
  const deaths = Array.isArray(headers['x-death']) ? (headers['x-death'] as Record<string, unknown>[]) : [];
  const own = deaths.find(({ queue }) => typeof queue === 'string' && !queue.startsWith(RETRY_PREFIX));
  if (!own) return undefined;
  return { queue: String(own.queue), reason: String(own.reason), time: dateOf(own.time) };
}

function byRabbitmq(death: Death | undefined, queue: string): string {
  if (!death) return `no queue ${queue} when it came back from the ladder`;
  return death.reason === 'delivery_limit'
    ? 'delivered too often without an ack: its worker ended each time (delivery limit of RabbitMQ)'
    : `moved by RabbitMQ: ${death.reason}`;
}

function bodyOf(content: Buffer): unknown {
  const text = content.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** ISO text (ours) or AMQP's timestamp in seconds (RabbitMQ's). */
function dateOf(value: unknown): Date | undefined {
  const seconds = typeof value === 'number' ? value : member(value, 'value');
  const date = new Date(typeof seconds === 'number' ? seconds * 1000 : String(value ?? ''));
  return Number.isNaN(date.getTime()) ? undefined : date;
}
