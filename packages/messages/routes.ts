import { type Autorizador, autorizadoresOf } from '@malote/fiscal/model/autorizador';
import type { Familia } from '@malote/fiscal/model/modelo';
import type { AnyEnvelope } from './envelope.ts';
import type { Fila, MessageType } from './types.ts';

export type WorkExchange = 'commands' | 'events';

/** A work queue and what feeds it. */
export interface QueueRoute {
  name: string;
  bindings: { exchange: WorkExchange; pattern: string }[];
  /** One consumer at a time, over all processes; the next one takes over when it goes. With a prefetch of 1: the messages one after the other. */
  singleActiveConsumer?: boolean;
  /** For messages that are worth nothing later: they go after a minute or when too many wait, and never to `dead`. */
  lossy?: boolean;
}

/** The waiting queues for transient faults; hours and days are `nextAt` in the database, never here. */
export const RETRY_STEPS = [
  { name: '5s', ms: 5_000 },
  { name: '30s', ms: 30_000 },
  { name: '2m', ms: 120_000 },
] as const;

/** A net for crash loops only: an ordinary retry goes through the ladder and never raises the delivery count. */
export const DELIVERY_LIMIT = 20;

/** Families that have a worker. A family joins with its own handlers, so that no queue exists without a consumer. */
const EMISSION_FAMILIAS: readonly Familia[] = ['nfe'];
const FILAS: readonly Fila[] = ['agora', 'lote'];

/** Which exchange a type goes to: an imperative verb is a command, a past participle an event. */
const EXCHANGE_OF: Record<MessageType, WorkExchange> = {
  'document.emit': 'commands',
  'document.reconcile': 'commands',
  'document.authorized': 'events',
  'document.rejected': 'events',
  'document.denied': 'events',
  'document.cancelled': 'events',
  'document.invalid': 'events',
  'document.conflicted': 'events',
  'evento.register': 'commands',
  'evento.registered': 'events',
  'evento.rejected': 'events',
  'inutilizacao.request': 'commands',
  'inutilizacao.registered': 'events',
  'inutilizacao.rejected': 'events',
  'entity.block': 'commands',
  'entity.unblock': 'commands',
  'entity.register': 'commands',
  'entity.renew-token': 'commands',
  'entity.blocked': 'events',
  'entity.unblocked': 'events',
  'certificate.test': 'commands',
  'certificate.expiring': 'events',
  'document.issued': 'events',
  'sefaz.call': 'events',
  'contingency.evaluate': 'commands',
  'contingency.order': 'commands',
  'contingency.drill': 'commands',
  'contingencia.entered': 'events',
  'contingencia.left': 'events',
};

/** The queue of one bulkhead: one authoriser that hangs fills its own queue and no other's. */
export function emissionQueue(familia: Familia, autorizador: Autorizador, fila: Fila): string {
  return `emission.${familia}.${autorizador}.${fila}`;
}

/** What an authoriser of documents gets; the national environment (AN) gets eventos only. */
const SUBJECTS = ['document', 'evento', 'inutilizacao', 'certificate'] as const;
const EVENTOS_AT_AN: readonly Familia[] = ['nfe'];

/** All work queues of the emission service. */
export function emissionQueues(): QueueRoute[] {
  return EMISSION_FAMILIAS.flatMap((familia) => [
    ...autorizadoresOf(familia).flatMap((autorizador) => bulkhead(familia, autorizador, SUBJECTS)),
    ...(EVENTOS_AT_AN.includes(familia) ? bulkhead(familia, 'AN', ['evento']) : []),
  ]);
}

function bulkhead(familia: Familia, autorizador: Autorizador, subjects: readonly string[]): QueueRoute[] {
  return FILAS.map((fila) => ({
    name: emissionQueue(familia, autorizador, fila),
    bindings: subjects.map((subject) => ({ exchange: 'commands' as const, pattern: `${subject}.*.${familia}.${autorizador}.${fila}` })),
  }));
}

/** Requests on entities, one after the other: the writer of block state is one. */
export const ENTITY_BLOCK_QUEUE: QueueRoute = {
  name: 'entity-block',
  bindings: [{ exchange: 'commands', pattern: 'entity.*' }],
  singleActiveConsumer: true,
};

/** What changes modes, one message after the other: the writer of modes is one. */
export const CONTINGENCY_QUEUE: QueueRoute = {
  name: 'contingency',
  bindings: [{ exchange: 'commands', pattern: 'contingency.*' }],
  singleActiveConsumer: true,
};

/** What all processes see of SEFAZ. */
export const OBSERVATIONS_QUEUE: QueueRoute = {
  name: 'contingency.observations',
  bindings: [{ exchange: 'events', pattern: 'sefaz.call' }],
  singleActiveConsumer: true,
  lossy: true,
};

/** The whole topology that correctness depends on; every process asserts it on every connect. */
export const TOPOLOGY = {
  queues: [...emissionQueues(), ENTITY_BLOCK_QUEUE, CONTINGENCY_QUEUE, OBSERVATIONS_QUEUE],
  retrySteps: RETRY_STEPS,
  deliveryLimit: DELIVERY_LIMIT,
};

/** Exchange and routing key of a message: its type, followed by the bulkhead where it has one. */
export function routeOf({ type, payload }: AnyEnvelope): { exchange: WorkExchange; key: string } {
  const bulkhead = 'fila' in payload ? [payload.familia, payload.autorizador, payload.fila] : [];
  return { exchange: EXCHANGE_OF[type], key: [type, ...bulkhead].join('.') };
}

/** False when no queue of the topology would get the message: it is then not written to an outbox, where it could never be delivered. */
export function hasSubscriber(message: AnyEnvelope, queues: readonly QueueRoute[] = TOPOLOGY.queues): boolean {
  const { exchange, key } = routeOf(message);
  return queues.some((queue) => queue.bindings.some((binding) => binding.exchange === exchange && matches(binding.pattern, key)));
}

/** AMQP topic match: `*` is one word, `#` any number of words. */
function matches(pattern: string, key: string): boolean {
  const walk = (p: string[], k: string[]): boolean => {
    const [head, ...rest] = p;
    if (head === undefined) return k.length === 0;
    if (head === '#') return walk(rest, k) || (k.length > 0 && walk(p, k.slice(1)));
    return k.length > 0 && (head === '*' || head === k[0]) && walk(rest, k.slice(1));
  };
  return walk(pattern.split('.'), key.split('.'));
}
