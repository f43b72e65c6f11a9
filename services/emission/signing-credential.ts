import type { Fault } from '@malote/fiscal/fault';
import type { Clock } from '@malote/runtime/clock';
import type { Store } from '@malote/store/connect';
import type { Empresa } from '@malote/store/empresas';
import { validityFault } from './certificate-validity.ts';
import type { Credentials, SigningCredential } from './credentials.ts';

export type CredentialResult = { ok: true; empresa: Empresa; credential: SigningCredential } | { ok: false; fault: Fault };

/** The company's certificate, or why nothing can be signed with it now. */
export async function signingCredential(
  { conta, empresa: documento }: { conta: string; empresa: string },
  { store, credentials, clock }: { store: Store; credentials: Credentials; clock: Clock },
): Promise<CredentialResult> {
  const empresa = await store.empresas.find({ conta, documento });
  const credential = empresa && (await credentials.of(empresa));
  if (!credential) return { ok: false, fault: SEM_CERTIFICADO };
  const outOfDate = validityFault(credential, clock.now());
  return outOfDate ? { ok: false, fault: outOfDate } : { ok: true, empresa, credential };
}

const SEM_CERTIFICADO: Fault = {
  code: 'sem-certificado',
  path: '',
  message:
    'A empresa não tem certificado A1 neste hub. Nada foi enviado e o número está livre: instale o certificado (`malote certificate put`) ' +
    'e envie de novo.',
  norm: 'MOC 7.0, certificado digital do emitente',
};
