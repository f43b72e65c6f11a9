import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { SefazCredential } from '@malote/sefaz/client';
import type { Store } from '@malote/store/connect';
import type { Empresa } from '@malote/store/empresas';

/** A company's A1, ready to sign and to open connections. */
export interface SigningCredential extends SefazCredential {
  key: KeyObject;
  certDer: Buffer;
  /** CNPJ or CPF the certificate was issued to. */
  documento: string;
  notBefore: Date;
  notAfter: Date;
}

export interface Credentials {
  /** The certificate the company uses now, or undefined when it has none. */
  of(empresa: Empresa): Promise<SigningCredential | undefined>;
}

/** Decoding a key costs more than signing with it, so each certificate is opened once; this bounds what a hub of many companies keeps. */
const MAX_OPEN = 2_000;

/** Opens certificates by id: a new certificate is a new id, so a change is seen with the company's next document. */
export function createCredentials(store: Store): Credentials {
  const open = new Map<string, Promise<SigningCredential | undefined>>();
  return {
    async of(empresa) {
      const id = empresa.certificado;
      if (!id) return undefined;
      const known = open.get(id) ?? load(store, empresa, id);
      // Re-inserted: the map's first key is the one used longest ago.
      open.delete(id);
      open.set(id, known);
      known.catch(() => open.delete(id));
      const oldest = open.keys().next().value;
      if (open.size > MAX_OPEN && oldest !== undefined) open.delete(oldest);
      return known;
    },
  };
}

async function load(store: Store, empresa: Empresa, id: string): Promise<SigningCredential | undefined> {
  const row = await store.certificados.open({ conta: empresa.conta, empresa: empresa._id }, id);
  if (!row) return undefined;
  const { keyPem, certPem, chainPem, thumbprint, documento, notBefore, notAfter } = row;
  const certDer = new X509Certificate(certPem).raw;
  return { key: createPrivateKey(keyPem), keyPem, certPem, chainPem, certDer, thumbprint, documento, notBefore, notAfter };
}
