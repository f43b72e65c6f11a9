import type { SecureVersion } from 'node:tls';

/** How TLS has to be spoken with a host. */
export interface HostProfile {
  minVersion: SecureVersion;
  maxVersion: SecureVersion;
  /** OpenSSL cipher list; Node's default when absent. */
  ciphers?: string;
}

const DEFAULT: HostProfile = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' };

/** These ask for the client certificate by renegotiation, after the request: TLS 1.3 has no renegotiation. */
const RENEGOTIATION = [
  'nfe.sefaz.ba.gov.br',
  'hnfe.sefaz.ba.gov.br',
  '.fazenda.sp.gov.br',
  '.sefazvirtual.fazenda.gov.br',
  '.nfe.fazenda.gov.br',
  '.cte.fazenda.gov.br',
  'homologacao.sefaz.mt.gov.br',
];

/** These offer only CBC or DHE suites (TLS 1.2), kept in reach whatever the default list of a later Node leaves out. */
const OLD_CIPHERS = ['nfe.sefaz.ba.gov.br', 'hnfe.sefaz.ba.gov.br', '.sefaz.go.gov.br', '.sefa.pr.gov.br', '.fazenda.pr.gov.br'];
const WITH_CBC_AND_DHE = 'ECDHE+AESGCM:DHE+AESGCM:ECDHE+AES:DHE+AES:RSA+AESGCM:RSA+AES:!aNULL:!eNULL';

/** The profile of a host name (public reports of September 2026; hosts not listed speak TLS 1.2 or 1.3 without special needs). */
export function hostProfile(host: string): HostProfile {
  const name = host.toLowerCase();
  return {
    ...DEFAULT,
    ...(RENEGOTIATION.some((pattern) => matches(name, pattern)) ? { maxVersion: 'TLSv1.2' as const } : {}),
    ...(OLD_CIPHERS.some((pattern) => matches(name, pattern)) ? { ciphers: `TLS_AES_256_GCM_SHA384:${WITH_CBC_AND_DHE}` } : {}),
  };
}

/** `.example.org` means every host under it. */
const matches = (name: string, pattern: string) => (pattern.startsWith('.') ? name.endsWith(pattern) : name === pattern);
