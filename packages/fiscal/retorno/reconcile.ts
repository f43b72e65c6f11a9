import type { Protocolo, Retorno } from './read-retorno.ts';

/**
 * - `adopt`: SEFAZ holds our bytes (same key, same digest): take its protocolo, whatever the class (authorized, cancelled, denied)
 * - `conflict`: the number is there with another key or other content: stop, a person decides; never adopt, never renumber
 * - `absent`: SEFAZ does not know the key (217)
 * - `ambiguous`: the answer proves nothing (unreadable, unknown code, no digest): ask again
 * - `unanswered`: the question itself was refused or not taken (paused, throttled, certificate …): ask again later
 */
export type Reconciliation = 'adopt' | 'conflict' | 'absent' | 'ambiguous' | 'unanswered';

/** Compares a protocolo with what was signed: `digest` is the base64 SHA-1 of our Signature's Reference. */
export function compareProtocolo(ours: { chave: string; digest: string }, protocolo: Protocolo): 'same' | 'other' | 'unproved' {
  if (protocolo.chave !== ours.chave) return 'other';
  if (protocolo.digVal === undefined) return 'unproved';
  return protocolo.digVal === ours.digest ? 'same' : 'other';
}

/** What the answer to a consult by key means for the document (steps 2–6 after a lost answer; MOC 7.0 Anexo III 2.3.3). */
export function reconcile(ours: { chave: string; digest: string }, retorno: Retorno): Reconciliation {
  if (retorno.kind !== 'document') return 'ambiguous';
  switch (retorno.class) {
    case 'authorized':
    case 'cancelled':
    case 'denied': {
      const compared = retorno.protocolo ? compareProtocolo(ours, retorno.protocolo) : 'unproved';
      return compared === 'same' ? 'adopt' : compared === 'other' ? 'conflict' : 'ambiguous';
    }
    case 'duplicate':
      return 'conflict';
    case 'not-found':
      return 'absent';
    case 'unavailable':
    case 'svc':
    case 'throttled':
    case 'certificate':
    case 'schema':
    case 'rejected':
    case 'service-status':
      return 'unanswered';
    case 'in-process':
    case 'internal':
    case 'unknown':
    case 'registered':
    case 'closed':
    case 'inutilizado':
    case 'processed':
    case 'found':
    case 'empty':
      return 'ambiguous';
    default:
      return retorno.class satisfies never;
  }
}
