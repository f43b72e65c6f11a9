import { type AnyEnvelope, isMessageType, MESSAGE_VERSIONS } from '@malote/messages/envelope';
import type { Message, Options } from 'amqplib';

/** A message whose body is not an envelope this process can handle. */
export type Undecodable = { kind: 'malformed' | 'unknown-type' | 'newer-version' | 'older-version'; reason: string };

/** How often and since when a message is being tried; `firstAt` is set by the first retry. */
export interface TryCount {
  attempt: number;
  firstAt: Date | undefined;
}

export const HEADER = {
  attempt: 'x-attempt',
  firstAt: 'x-first-at',
  reason: 'x-reason',
  stack: 'x-stack',
  queue: 'x-queue',
  deadAt: 'x-dead-at',
} as const;

const MAX_HEADER = 4000;

/** Body and AMQP properties of an envelope. */
export function encode(envelope: AnyEnvelope, appId: string): { content: Buffer; properties: Options.Publish & { messageId: string } } {
  return {
    content: Buffer.from(JSON.stringify(envelope)),
    properties: {
      messageId: envelope.id,
      correlationId: envelope.correlationId,
      type: envelope.type,
      appId,
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      timestamp: Math.floor(Date.parse(envelope.at) / 1000),
      headers: {
        traceparent: envelope.traceparent,
        'message-version': envelope.version,
        ...(envelope.causationId === undefined ? {} : { 'causation-id': envelope.causationId }),
      },
    },
  };
}

/** The envelope in a body; takes the present version of its type and the one before. */
export function decode(content: Buffer): AnyEnvelope | Undecodable {
  const body = parse(content);
  if (!isEnvelopeShaped(body)) return { kind: 'malformed', reason: 'the body is not a message envelope' };
  const { type, version } = body;
  if (!isMessageType(type)) return { kind: 'unknown-type', reason: `unknown message type ${type}` };
  const present = MESSAGE_VERSIONS[type];
  if (version > present) return { kind: 'newer-version', reason: `${type} version ${version} is newer than ${present}` };
  if (version < present - 1) return { kind: 'older-version', reason: `${type} version ${version} is older than ${present - 1}` };
  return body as AnyEnvelope;
}

export function isUndecodable(decoded: AnyEnvelope | Undecodable): decoded is Undecodable {
  return 'kind' in decoded;
}

export function readTryCount(message: Message): TryCount {
  const headers = message.properties.headers ?? {};
  const attempt = Number(headers[HEADER.attempt] ?? 1);
  const firstAt = new Date(String(headers[HEADER.firstAt] ?? ''));
  return {
    attempt: Number.isInteger(attempt) && attempt > 0 ? attempt : 1,
    firstAt: Number.isNaN(firstAt.getTime()) ? undefined : firstAt,
  };
}

/**
 * The properties of a delivered message for publishing it again. RabbitMQ's own `x-` headers (x-death, x-delivery-count…) are
 * left behind: they would grow with every round, and how they count differs between its versions.
 */
export function propertiesAgain(
  message: Message,
  messageId: string,
  headers: Record<string, unknown>,
): Options.Publish & { messageId: string } {
  const { correlationId, type, appId, contentType, contentEncoding, timestamp } = message.properties;
  const kept = Object.entries(message.properties.headers ?? {}).filter(([name]) => !name.startsWith('x-'));
  return {
    ...present({ correlationId, type, appId, contentType, contentEncoding, timestamp }),
    messageId,
    headers: { ...Object.fromEntries(kept), ...present(headers) },
  };
}

/** Cut so that the headers stay far below the frame size. */
export function headerText(text: string): string {
  return text.length > MAX_HEADER ? `${text.slice(0, MAX_HEADER)}…` : text;
}

function parse(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString('utf8'));
  } catch {
    return undefined;
  }
}

function isEnvelopeShaped(body: unknown): body is { type: string; version: number } {
  if (typeof body !== 'object' || body === null) return false;
  const fields = body as Record<string, unknown>;
  const texts = ['id', 'type', 'at', 'correlationId', 'traceparent'].every((name) => typeof fields[name] === 'string');
  return texts && Number.isInteger(fields.version) && typeof fields.payload === 'object' && fields.payload !== null;
}

function present(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));
}
