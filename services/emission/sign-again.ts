import { maySignAgain } from '@malote/fiscal/emission/lifecycle-state';
import type { Documento } from '@malote/store/documento';
import { signedBytes, type TransmitDeps } from './call-sefaz.ts';
import { LEAST_CALL_MS, offlinePlanOf, ondeEmite, replanOf } from './plan-document.ts';
import { type PrepareDeps, type Prepared, signAgain } from './prepare-document.ts';

type SignAgainDeps = PrepareDeps & TransmitDeps;

/**
 * What a signed note does instead of its first transmission, by what has become of mode and time since it was signed: `offline`, signed for
 * another form of emission, or held. Undefined: it is sent. Never of a note that may be at an authoriser, or whose form the ERP has chosen.
 */
export async function insteadOfSending(documento: Documento, deps: SignAgainDeps): Promise<Prepared | 'offline' | undefined> {
  const { tpEmisInformado, offlineApos } = documento;
  if (tpEmisInformado !== '1' || !maySignAgain(documento)) return undefined;
  if (offlineApos && offlineApos.getTime() - deps.clock.now().getTime() < LEAST_CALL_MS) return 'offline';
  // Signed for normal emission, with no mode to heed: nothing is read. Signed for the SVC, it goes back when the mode is over.
  if (documento.tpEmis === '1' && !(await deps.modos.vistos(ondeEmite(documento)))) return undefined;
  return signAgain(documento, await signedBytes(documento, deps), replanOf, deps);
}

/** The note signed for going off line, with its own number; undefined when its policy no longer allows it. */
export async function prepareOffline(documento: Documento, deps: SignAgainDeps): Promise<Prepared | undefined> {
  return signAgain(documento, await signedBytes(documento, deps), offlinePlanOf, deps);
}
