import type { MessagePayloads, MessageType } from './types.ts';

/**
 * What travels on the broker. Ids and routing facts only: the XML stays in the database (claim check), and no secret is ever put here.
 * `id` is the message id (equal on every repeat of the same message), `correlationId` the id of the document (of the inutilização or the request on entities, which have none), `causationId` the id of the message
 * that led to this one, `traceparent` a W3C trace context, `at` an ISO instant.
 */
export interface Envelope<T extends MessageType = MessageType> {
  id: string;
  type: T;
  version: number;
  at: string;
  correlationId: string;
  causationId?: string;
  traceparent: string;
  payload: MessagePayloads[T];
}

/** Any message of the catalogue: narrows its payload by `type`. */
export type AnyEnvelope = { [T in MessageType]: Envelope<T> }[MessageType];

/** Facts that the caller injects: this package has neither clock nor randomness. */
export interface EnvelopeFacts {
  id: string;
  at: Date;
  traceparent: string;
  correlationId: string;
  causationId?: string;
}

/** Builds a message at the current version of its type. */
export function envelope<T extends MessageType>(type: T, payload: MessagePayloads[T], facts: EnvelopeFacts): Envelope<T> {
  return {
    id: facts.id,
    type,
    version: MESSAGE_VERSIONS[type],
    at: facts.at.toISOString(),
    correlationId: facts.correlationId,
    ...(facts.causationId === undefined ? {} : { causationId: facts.causationId }),
    traceparent: facts.traceparent,
    payload,
  };
}

/**
 * The version this release writes. A consumer takes N and N−1; a newer one is retried (a rolling upgrade is under way) and given up after
 * an hour; a field may be added within a version, never changed or removed.
 */
export const MESSAGE_VERSIONS: Record<MessageType, number> = {
  'document.emit': 1,
  'document.reconcile': 1,
  'document.authorized': 1,
  'document.rejected': 1,
  'document.denied': 1,
  'document.cancelled': 1,
  'document.invalid': 1,
  'document.conflicted': 1,
  'evento.register': 1,
  'evento.registered': 1,
  'evento.rejected': 1,
  'inutilizacao.request': 1,
  'inutilizacao.registered': 1,
  'inutilizacao.rejected': 1,
  'entity.block': 1,
  'entity.unblock': 1,
  'entity.register': 1,
  'entity.renew-token': 1,
  'entity.blocked': 1,
  'entity.unblocked': 1,
  'certificate.test': 1,
  'certificate.expiring': 1,
  'document.issued': 1,
  'sefaz.call': 1,
  'contingency.evaluate': 1,
  'contingency.order': 1,
  'contingency.drill': 1,
  'contingencia.entered': 1,
  'contingencia.left': 1,
};

/** True when the text names a message of the catalogue. */
export function isMessageType(type: string): type is MessageType {
  return Object.hasOwn(MESSAGE_VERSIONS, type);
}
