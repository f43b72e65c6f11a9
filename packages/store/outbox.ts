import type { AnyEnvelope } from '@malote/messages/envelope';
import { Schema } from 'mongoose';

/**
 * A message that is part of its document's state. The write that adds it also leases it to its writer, who publishes at once; it is pulled
 * by the next transition of the document, or by the sweep, which takes over entries whose lease ran out. The same message may therefore go
 * out twice, with the same id: consumers are idempotent by state.
 */
export interface OutboxEntry {
  id: string;
  message: AnyEnvelope;
  leaseUntil: Date;
}

export const outboxSchema = new Schema(
  {
    id: { type: String, required: true },
    message: { type: Schema.Types.Mixed, required: true },
    leaseUntil: { type: Date, required: true },
  },
  { _id: false },
);

/** The entry for a message that its writer publishes itself before `leaseMs` are over. */
export function leasedEntry(message: AnyEnvelope, now: Date, leaseMs: number): OutboxEntry {
  return { id: message.id, message, leaseUntil: new Date(now.getTime() + leaseMs) };
}
