import type { AnyEnvelope } from '@malote/messages/envelope';
import type { Idempotencia } from '@malote/store/idempotencia';
import { contaOf, type Exchange } from './exchange.ts';
import { type Claimed, claimKey } from './idempotency.ts';
import type { Problem } from './problems.ts';
import type { Waits } from './wait.ts';

export interface ReceiveDeps {
  waits: Waits;
  keys: Idempotencia;
  /** Sends the command to the broker; failing is allowed, the outbox has it. */
  publish(message: AnyEnvelope): Promise<unknown>;
}

/** What is stored, or was already. `message` is its command, leased to the caller, when something was written. */
export interface Received<T> {
  outcome: 'accepted' | 'replaced' | 'same' | 'conflict';
  record: T;
  message?: AnyEnvelope | undefined;
}

/** A request that SEFAZ will decide on (a document, an event, an inutilização), read and checked. */
export interface Reception<T> {
  /** The caller's Idempotency-Key, and what it stands for: a record or a kind of record, and the content. */
  key: string | undefined;
  target: string;
  fingerprint: string;
  /** Of the record, where it is known before it is stored. */
  id?: string;
  bytes: number;
  /** Asked when the key is repeated: the record that its first use made, if it may not be made again. */
  earlier(): Promise<T | undefined>;
  /** One majority write: the record and its first command together, or the present state of what is already there. */
  accept(responderAte: Date | undefined): Promise<Received<T>>;
  conflict(present: T): Problem;
  /** `watch`: whose end is waited for from then on, if it is that of another record. */
  read(id: string, watch: (id: string) => void): Promise<T | undefined>;
  isFinal(record: T): boolean;
  /** Not final, but waiting longer would bring nothing. */
  endsWait?(record: T): boolean;
  tagsOf(record: T): Record<string, unknown>;
  locationOf(record: T): string;
  present(record: T): Promise<Record<string, unknown>>;
}

/** Stores what was received, waits if the caller asks for it, and answers 200 with the final state or 202 with the present one. */
export async function receive<T extends { _id: string; state: string }>(
  deps: ReceiveDeps,
  exchange: Exchange,
  reception: Reception<T>,
): Promise<void> {
  const { key, target, fingerprint, isFinal } = reception;
  const conta = contaOf(exchange);
  const claimed = key === undefined ? undefined : await claimKey(deps.keys, { conta, key, documento: target, fingerprint });
  const wait = deps.waits.begin(exchange, reception.id);
  try {
    // Before its command is out, else the end could come before anybody listens.
    const watch = (record: T) => {
      if (reception.id === undefined) wait?.watch(record._id);
    };
    const earlier = claimed?.repeated ? await reception.earlier() : undefined;
    if (earlier) watch(earlier);
    const accepted = earlier ?? (await store(deps, exchange, reception, { claimed, responderAte: wait?.responderAte, watch }));
    const over = (record: T) => isFinal(record) || reception.endsWait?.(record) === true;
    const record = wait ? await wait.until(accepted, () => reception.read(accepted._id, wait.watch), over) : accepted;
    const { res } = exchange;
    res.location(reception.locationOf(record));
    res.status(isFinal(record) ? 200 : 202).json(await reception.present(record));
  } finally {
    wait?.close();
  }
}

interface Storing<T> {
  claimed: Claimed | undefined;
  responderAte: Date | undefined;
  watch(record: T): void;
}

/** The record, stored with its first command now or earlier. @throws Problem when its identity holds something else */
async function store<T extends { _id: string; state: string }>(
  deps: ReceiveDeps,
  exchange: Exchange,
  reception: Reception<T>,
  { claimed, responderAte, watch }: Storing<T>,
): Promise<T> {
  const { outcome, record, message } = await reception.accept(responderAte);
  exchange.tag(reception.tagsOf(record));
  if (outcome === 'conflict') {
    await claimed?.release();
    throw reception.conflict(record);
  }
  watch(record);
  const { log } = exchange;
  // Not awaited: the command is in the record's outbox already, so the answer depends on the broker neither for truth nor for time.
  if (message) {
    deps.publish(message).then(
      (result) => log.debug({ msg_id: message.id, result }, 'command published'),
      (error: unknown) => log.warn({ err: error, msg_id: message.id }, 'command not published, the sweep will'),
    );
  }
  log.info({ outcome, state: record.state, bytes: reception.bytes }, 'document received');
  return record;
}
