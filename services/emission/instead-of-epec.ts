import type { Fact } from '@malote/fiscal/emission/lifecycle-state';
import { isFinal, mayBeRegistered, openRegistroAttempt } from '@malote/fiscal/registro/registro-state';
import type { Documento } from '@malote/store/documento';
import type { Evento } from '@malote/store/evento';
import { signedBytes, type TransmitDeps } from './call-sefaz.ts';
import { planAgain } from './plan-document.ts';
import { type PrepareDeps, type Prepared, readPosted, signAgain } from './prepare-document.ts';
import { epecOf, isWithdrawn, RETIRADO } from './registrar-epec.ts';

type InsteadDeps = PrepareDeps & TransmitDeps;

/**
 * A note whose EPEC provably never left the hub does not wait for it once the mode has changed: it is signed for what works now, with the same
 * number. In three steps, each taken up by the next run if its worker dies: the note says that its EPEC is not to be sent any more (from then
 * on nobody begins to send it, epecHindrance), the evento is withdrawn as it was read, and only then the note is signed again. Whoever began to
 * send the EPEC before goes first, and the note waits for it. Undefined: it goes on waiting. Never of a tpEmis that the ERP has chosen.
 */
export async function insteadOfEpec(documento: Documento, deps: InsteadDeps): Promise<Prepared | WithdrawalFact | undefined> {
  if (documento.tpEmisInformado !== '1') return undefined;
  const found = await epecOf(documento, deps.store);
  const evento = found?.chave === documento.chave ? found : undefined;
  if (!documento.contingencia?.epecRetirado) {
    const goes = evento && isUnsent(evento) && (await goesOtherwise(documento, deps));
    return goes ? { kind: 'epec-withdrawal', begun: true } : undefined;
  }
  if (evento && !isWithdrawn(evento)) {
    // Filtered on the version that was read.
    const change: Partial<Evento> = { state: 'rejected', faults: [RETIRADO], nextAt: undefined };
    const withdrawn = isUnsent(evento) && (await deps.store.eventos.transition(evento, change));
    if (!withdrawn) return { kind: 'epec-withdrawal', begun: false };
  }
  return signAgain(documento, await signedBytes(documento, deps), planAgain, deps);
}

type WithdrawalFact = Extract<Fact, { kind: 'epec-withdrawal' }>;

function isUnsent(evento: Evento): boolean {
  return !isFinal(evento.state) && !openRegistroAttempt(evento) && !mayBeRegistered(evento);
}

/** Whether the note could be issued in another way now. */
async function goesOtherwise(documento: Documento, deps: InsteadDeps): Promise<boolean> {
  const posted = readPosted(documento, await signedBytes(documento, deps), deps);
  const plan = posted && (await planAgain(documento, posted.nota, deps));
  return plan?.emite === true && plan.tpEmis !== documento.tpEmis;
}
