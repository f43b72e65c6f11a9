import { eventoKind } from '@malote/fiscal/evento/kinds';
import { stateAfter } from '@malote/fiscal/evento/state-after';
import { type AnyEnvelope, envelope } from '@malote/messages/envelope';
import { hasSubscriber } from '@malote/messages/routes';
import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { Store } from '@malote/store/connect';
import type { Cancelamento, Documento } from '@malote/store/documento';
import { payloadOf } from '@malote/store/documentos';
import type { Evento } from '@malote/store/evento';

export interface ApplyDeps {
  store: Store;
  clock: Clock;
  publish: (message: AnyEnvelope) => Promise<unknown>;
}

/**
 * Gives the document the state that all its registered eventos make, whichever of them was registered last: order of arrival is nothing.
 * Its own retorno stays, so that its proc XML is still served. May run twice.
 */
export async function applyEvento(evento: Evento, cause: { id: string; log: Logger }, { store, clock, publish }: ApplyDeps): Promise<void> {
  for (;;) {
    const documento = await store.documentos.findById(evento.documentoId);
    if (!documento) throw new Error(`documento ${evento.documentoId} of evento ${evento._id} does not exist`);
    const registered = (await store.eventos.listOf(evento)).filter(({ state }) => state === 'registered').sort(bySequence);
    const by = registered.find(({ modelo, tpEvento }) => eventoKind(modelo, tpEvento)?.cancela);
    if (stateAfter(registered) !== 'cancelled' || !by || isCancelledBy(documento, by)) return;
    if (documento.state !== 'authorized' && documento.state !== 'cancelled') {
      cause.log.error({ state: documento.state }, 'a document that is not authorised was cancelled at SEFAZ: its state stays');
      return;
    }
    const message = cancelledMessage(documento, by, { id: clock.uuid(), at: clock.now(), causationId: cause.id });
    const out = hasSubscriber(message) ? message : undefined;
    const change = { state: 'cancelled' as const, cancelamento: cancelamentoOf(by) };
    const after = await store.documentos.transition(documento, change, out ? { message: out } : {});
    if (!after) continue;
    if (out) await publish(out);
    cause.log.info({ chave: documento.chave, cStat: change.cancelamento.cStat }, 'document.cancelled');
    return;
  }
}

function bySequence(a: Evento, b: Evento): number {
  return a.nSeqEvento - b.nSeqEvento || a.tpEvento.localeCompare(b.tpEvento);
}

function isCancelledBy({ state, cancelamento }: Documento, { tpEvento, nSeqEvento }: Evento): boolean {
  return state === 'cancelled' && cancelamento?.tpEvento === tpEvento && cancelamento.nSeqEvento === nSeqEvento;
}

function cancelamentoOf({ tpEvento, nSeqEvento, retorno }: Evento): Cancelamento {
  const { cStat = '', xMotivo = '', nProt, dhRegistro } = retorno ?? {};
  return { tpEvento, nSeqEvento, cStat, xMotivo, ...(nProt ? { nProt } : {}), ...(dhRegistro ? { dhRegistro } : {}) };
}

function cancelledMessage(documento: Documento, { retorno }: Evento, facts: { id: string; at: Date; causationId: string }): AnyEnvelope {
  const { chave, trace, _id } = documento;
  const payload = { ...payloadOf(documento), ...(chave ? { chave } : {}), ...(retorno ? { cStat: retorno.cStat } : {}) };
  return envelope('document.cancelled', payload, { ...facts, traceparent: trace, correlationId: _id }) as AnyEnvelope;
}
