import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createCa, issueClientPem } from '@malote/testkit/certificates';
import type { SigningCertificate } from '../xml/sign.ts';

export interface TestCertificate extends SigningCertificate {
  certPem: string;
  caPem: string;
}

/** A company certificate of a CA made on the spot. */
export function testCertificate(): TestCertificate {
  const ca = createCa();
  const { certPem, keyPem } = issueClientPem(ca, { cnpj: '11222333000181', razaoSocial: 'Empresa de Teste' });
  return { key: createPrivateKey(keyPem), certDer: new X509Certificate(certPem).raw, certPem, caPem: ca.certPem };
}
