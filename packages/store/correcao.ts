import { UNATTENDED_MS } from '@malote/fiscal/emission/lifecycle';
import { openAttempt } from '@malote/fiscal/emission/lifecycle-state';
import type { AnyEnvelope } from '@malote/messages/envelope';
import { packEntrada } from './conteudos.ts';
import type { Documento } from './documento.ts';
import { leasedEntry } from './outbox.ts';
import { PROTECTED } from './protections.ts';
import { roundsWith } from './rodadas.ts';
import type { RepositoryOptions, Transition } from './transition.ts';

/** The correction of a note handed over in contingência that SEFAZ refused, checked by the edge (fiscal/contingencia/correcao.ts). */
export interface Correcao {
  conta: string;
  documentoId: string;
  /** Of the corrected document, as identity.ts makes it. */
  fingerprint: string;
  /** The body as received. */
  entrada: Uint8Array;
  /** What is printed changes (checkCorrecao): said until the note is authorised and after. */
  danfeAlterado: boolean;
  traceparent: string;
  responderAte?: Date;
}

export interface Corrected {
  /**
   * `same`: this very correction is already under way. `conflict`: the note is not one that may be corrected now: it was not handed over, or
   * was not refused, or a substitute took its place.
   */
  outcome: 'accepted' | 'same' | 'conflict';
  documento: Documento;
  /** Present when something was written: the command, already in the outbox and leased to the caller, who publishes it at once. */
  message?: AnyEnvelope;
}

/** True when a correction of the note may be taken: handed over in contingência and refused on transmission, by SEFAZ or by the hub. */
export function acceptsCorrection(documento: Pick<Documento, 'state' | 'attempts' | 'pendenteDesde' | 'contingencia' | 'substituidaPor'>) {
  const { state, pendenteDesde, contingencia, substituidaPor } = documento;
  if (!pendenteDesde || !contingencia || substituidaPor || openAttempt(documento)) return false;
  return state === 'rejected' || state === 'invalid';
}

export interface CorrectDeps extends RepositoryOptions {
  read(id: string): Promise<Documento | undefined>;
  transition: Transition<Documento>;
  command(documento: Documento, traceparent: string): AnyEnvelope;
}

/**
 * Takes a correction: the round that was refused is kept, the note is `received` again with the new body, and everything that makes its key
 * and its paper stays (tpEmis, cNF, chave, contingencia, pendenteDesde), as do the bytes last signed, which the correction is compared with
 * once more before it is signed. Undefined when the account has no such document.
 */
export async function correctDocumento(correcao: Correcao, deps: CorrectDeps): Promise<Corrected | undefined> {
  const { clock, leaseMs, protections = PROTECTED } = deps;
  const { documentoId, conta, fingerprint, danfeAlterado, traceparent, responderAte } = correcao;
  for (;;) {
    const documento = await deps.read(documentoId);
    if (documento?.conta !== conta) return undefined;
    if (!acceptsCorrection(documento)) {
      const same = documento.pendenteDesde && documento.fingerprint === fingerprint && documento.rodadas.length > 0;
      return { outcome: same ? 'same' : 'conflict', documento };
    }
    const now = clock.now();
    const message = deps.command(documento, traceparent);
    const { contingencia, danfeAlterado: before } = { ...documento, ...documento.contingencia };
    const change: Partial<Documento> = {
      ...{ state: 'received', fingerprint, entrada: await packEntrada(correcao.entrada), rodadas: roundsWith(documento) },
      ...{ attempts: [], faults: [], retorno: undefined, outraChave: undefined, consultas: 0, responderAte },
      contingencia: {
        ...(contingencia as NonNullable<typeof contingencia>),
        danfeAlterado: before === true || danfeAlterado,
        vez: undefined,
      },
      ...{ nextAt: new Date(now.getTime() + UNATTENDED_MS), nextAction: 'document.emit', trace: traceparent },
      outbox: [...documento.outbox, ...(protections.outbox ? [leasedEntry(message, now, leaseMs)] : [])],
    };
    const after = await deps.transition(documento, change);
    if (after) return { outcome: 'accepted', documento: after, message };
  }
}
