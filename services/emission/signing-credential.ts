import type { Fault } from '@malote/fiscal/fault';
import type { Clock } from '@malote/runtime/clock';
import type { Store } from '@malote/store/connect';
import type { Empresa } from '@malote/store/empresas';
import { validityFault } from './certificate-validity.ts';
import type { Credentials, SigningCredential } from './credentials.ts';

export type CredentialResult = { ok: true; empresa: Empresa; credential: SigningCredential } | { ok: false; fault: Fault };

/** The company's certificate, or why nothing can be signed with it now. */
export async function signingCredential(
  { conta, empresa: documento, tpAmb }: { conta: string; empresa: string; tpAmb: '1' | '2' },
  { store, credentials, clock }: { store: Store; credentials: Credentials; clock: Clock },
): Promise<CredentialResult> {
  const empresa = await store.empresas.find({ conta, documento });
  const credential = empresa && (await credentials.of(empresa));
  if (!credential) return { ok: false, fault: SEM_CERTIFICADO };
  if (credential.ambiente === 'hom' && tpAmb === '1') return { ok: false, fault: SO_HOMOLOGACAO };
  const outOfDate = validityFault(credential, clock.now());
  return outOfDate ? { ok: false, fault: outOfDate } : { ok: true, empresa, credential };
}

const SO_HOMOLOGACAO: Fault = {
  code: 'certificado-so-homologacao',
  path: '',
  message:
    'O certificado A1 da empresa não é da ICP-Brasil e foi instalado só para homologação. Nada foi enviado e o número está livre: ' +
    'instale o certificado de produção (`malote certificate put`) e envie de novo.',
  norm: 'Rejeição 285',
};

const SEM_CERTIFICADO: Fault = {
  code: 'sem-certificado',
  path: '',
  message:
    'A empresa não tem certificado A1 neste hub. Nada foi enviado e o número está livre: instale o certificado (`malote certificate put`) ' +
    'e envie de novo.',
  norm: 'MOC 7.0, certificado digital do emitente',
};
