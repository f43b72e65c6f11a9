import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { SefazCredential } from '@malote/sefaz/client';
import type { Store } from '@malote/store/connect';
import type { Empresa } from '@malote/store/empresas';

/** A company's A1, ready to sign and to open connections. */
export interface SigningCredential extends SefazCredential {
  /** Of the stored certificate. */
  id: string;
  key: KeyObject;
  certDer: Buffer;
  /** CNPJ or CPF the certificate was issued to. */
  documento: string;
  notBefore: Date;
  notAfter: Date;
  /** Set: good for this ambiente only. */
  ambiente?: 'hom';
}

export interface Credentials {
  /** The certificate the company uses now, or undefined when it has none. */
  of(empresa: Pick<Empresa, '_id' | 'conta' | 'certificado' | 'version'>): Promise<SigningCredential | undefined>;
  /** One that the company has or had, or undefined when it is gone. */
  byId(owner: { conta: string; empresa: string }, id: string): Promise<SigningCredential | undefined>;
}

/** Decoding a key costs more than signing with it, so each certificate is opened once; this bounds what a hub of many companies keeps. */
const MAX_OPEN = 2_000;

/**
 * Opens certificates by id: a new certificate is a new id, so a change is seen with the company's next document. What the same certificate may
 * be used for can change as well: the one in use is opened again when the company's version has grown.
 */
export function createCredentials(store: Pick<Store, 'certificados'>): Credentials {
  const open = new Map<string, Promise<SigningCredential | undefined>>();
  const once = (key: string, owner: { conta: string; empresa: string }, id: string) => {
    const known = open.get(key) ?? load(store, owner, id);
    // Re-inserted: the map's first key is the one used longest ago.
    open.delete(key);
    open.set(key, known);
    known.catch(() => open.delete(key));
    const oldest = open.keys().next().value;
    if (open.size > MAX_OPEN && oldest !== undefined) open.delete(oldest);
    return known;
  };
  return {
    async of({ _id: empresa, conta, certificado: id, version }) {
      return id ? once(`${id} ${conta} ${version}`, { conta, empresa }, id) : undefined;
    },
    byId: (owner, id) => once(`${id} ${owner.conta}`, owner, id),
  };
}

async function load(
  store: Pick<Store, 'certificados'>,
  owner: { conta: string; empresa: string },
  id: string,
): Promise<SigningCredential | undefined> {
  const row = await store.certificados.open(owner, id);
  if (!row) return undefined;
  const { keyPem, certPem, chainPem, thumbprint, documento, notBefore, notAfter, ambiente } = row;
  const certDer = new X509Certificate(certPem).raw;
  const dates = { notBefore, notAfter, ...(ambiente ? { ambiente } : {}) };
  return { id, key: createPrivateKey(keyPem), keyPem, certPem, chainPem, certDer, thumbprint, documento, ...dates };
}
