import type { AnyEnvelope } from '@malote/messages/envelope';
import type { Clock } from '@malote/runtime/clock';
import type { Collection } from 'mongoose';
import { leasedEntry, type OutboxEntry } from './outbox.ts';
import { PROTECTED, type StoreProtections } from './protections.ts';

/** A model, or anything else that has its collection: what runs on every record goes to the driver, since mongoose costs as much again. */
export interface HasCollection {
  collection: Collection;
}

/** A record that carries its own outbox and whose every change is filtered on its version. */
export interface Versioned {
  _id: string;
  version: number;
  outbox: OutboxEntry[];
}

/** What a transition writes besides the fields themselves. */
export interface TransitionExtras {
  /** The message being handled: its outbox entry has served and is pulled. */
  consumed?: string;
  /** A message to publish after the write. */
  message?: AnyEnvelope;
}

export interface RepositoryOptions {
  clock: Clock;
  leaseMs: number;
  protections?: StoreProtections;
}

/**
 * One update filtered on the version that was read. A key with the value undefined is removed.
 * @returns the record after it, or undefined when somebody else was first: reload and decide again.
 */
export type Transition<T> = (row: T, change: Partial<T>, extras?: TransitionExtras) => Promise<T | undefined>;

export function transitionOf<T extends Versioned>(
  { collection }: HasCollection,
  { clock, leaseMs, protections = PROTECTED }: RepositoryOptions,
): Transition<T> {
  return async (row, change, extras = {}) => {
    const now = clock.now();
    const outbox = outboxAfter(change.outbox ?? row.outbox, extras, now, leaseMs);
    const set: Record<string, unknown> = { updatedAt: now };
    const unset: Record<string, ''> = { dueSentAt: '' };
    for (const [key, value] of Object.entries({ ...change, outbox })) {
      if (value === undefined) unset[key] = '';
      else set[key] = value;
    }
    const after = await collection.findOneAndUpdate(
      { _id: row._id as never, ...(protections.version ? { version: row.version } : {}) },
      { $set: set, $unset: unset, $inc: { version: 1 } },
      { returnDocument: 'after', ignoreUndefined: true },
    );
    return (after as unknown as T | null) ?? undefined;
  };
}

function outboxAfter(entries: OutboxEntry[], extras: TransitionExtras, now: Date, leaseMs: number): OutboxEntry[] {
  const rest = entries.filter((entry) => entry.id !== extras.consumed);
  return extras.message ? [...rest, leasedEntry(extras.message, now, leaseMs)] : rest;
}

/** True for the error of an insert whose `_id` is taken. */
export function isDuplicateKey(error: unknown): boolean {
  return (error as { code?: unknown }).code === 11000;
}
