import type { AmbienteName } from '@malote/fiscal/contingencia/situacao';
import type { Autorizador } from '@malote/fiscal/model/autorizador';
import type { Uf } from '@malote/fiscal/model/uf';
import type { Clock } from '@malote/runtime/clock';
import type { Logger } from '@malote/runtime/logger';
import type { SefazCredential } from '@malote/sefaz/client';
import type { Store } from '@malote/store/connect';

/** A company's certificate to make a status call with. */
export interface StatusCredential {
  id: string;
  conta: string;
  empresa: string;
  credential: SefazCredential;
}

export interface StatusCredentials {
  /** Undefined: no company of the UF has one that may be used. */
  pick(where: { uf: Uf; ambiente: AmbienteName; autorizador: Autorizador }): Promise<StatusCredential | undefined>;
  /** The authoriser did not take it: others come first for a day. */
  refused(id: string): void;
}

/** Companies looked at; a UF with more has one among them whose certificate works. */
const MAX_EMPRESAS = 200;
const REFUSED_MS = 86_400_000;

/** Certificates in turn, so that no company bears all the calls and one that is refused does not keep the hub blind. */
export function createStatusCredentials(deps: {
  store: Pick<Store, 'empresas' | 'certificados' | 'consumo'>;
  clock: Clock;
  log: Logger;
}): StatusCredentials {
  const { store, clock, log } = deps;
  const usedAt = new Map<string, number>();
  const refusedAt = new Map<string, number>();
  const isRefused = (id: string) => clock.monotonic() - (refusedAt.get(id) ?? Number.NEGATIVE_INFINITY) < REFUSED_MS;
  const rank = (id = '') => (isRefused(id) ? Number.MAX_VALUE : (usedAt.get(id) ?? Number.NEGATIVE_INFINITY));
  return {
    refused: (id) => void refusedAt.set(id, clock.monotonic()),
    async pick({ uf, ambiente, autorizador }) {
      const empresas = await store.empresas.comCertificado(uf, MAX_EMPRESAS);
      const inTurn = empresas.sort((a, b) => rank(a.certificado) - rank(b.certificado));
      for (const { conta, _id: empresa, certificado: id } of inTurn) {
        const opened =
          id &&
          (await store.certificados
            .open({ conta, empresa }, id)
            .catch((err) => void log.warn({ err, empresa }, 'certificate cannot be opened')));
        if (!opened) continue;
        const now = clock.now();
        if (opened.notBefore > now || opened.notAfter < now || (opened.ambiente === 'hom' && ambiente === 'prod')) continue;
        // Abusive use (656): SEFAZ answers nothing of that company, and each try makes it longer.
        if (await store.consumo.restingUntil({ cnpj: empresa, autorizador })) continue;
        usedAt.set(id, clock.monotonic());
        const { keyPem, certPem, chainPem, thumbprint } = opened;
        return { id, conta, empresa, credential: { keyPem, certPem, chainPem, thumbprint } };
      }
      return undefined;
    },
  };
}
