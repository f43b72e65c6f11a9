import assert from 'node:assert/strict';
import { type Client, createClient, type Docs, type Documento } from '@malote/client/client';
import { readPfx } from '@malote/sefaz/pfx';
import { issueCompanyPfx, type Validity } from '@malote/testkit/certificates';
import { eventually } from '@malote/testkit/eventually';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { type SampleNfeOptions, sampleNfe } from '@malote/testkit/sample-nfe';
import type { Hub } from './hub.ts';

/** What the edge says of a document. */
export type DocumentView = Documento;

/** One customer as an ERP sees the hub: an account with a company, signed in. */
export interface Customer {
  hub: Hub;
  conta: string;
  token: string;
  secret: string;
  /** Of raw calls; the client has its own. */
  session: string;
  client: Client;
  docs: Docs;
  cnpj: string;
  path: string;
  note(options: Partial<SampleNfeOptions> & { numero: number }): string;
  post(xml: string, headers?: Record<string, string>): Promise<Response>;
  /** Posts a note, once; rejects when it was not accepted. */
  emit(options: Partial<SampleNfeOptions> & { numero: number }): Promise<DocumentView>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  view(numero: number, serie?: number): Promise<DocumentView>;
  untilStatus(numero: number, status: string, timeoutMs?: number, serie?: number): Promise<DocumentView>;
}

export interface CustomerOptions {
  cnpj: string;
  ie?: string;
  uf?: NonNullable<SampleNfeOptions['uf']>;
  /** What its path and its notes are; 55 unless told otherwise. */
  modelo?: '55' | '65';
  /** Of the certificate. */
  validity?: Validity;
}

const SENHA = 'Senha çã 123';
const FINAL = new Set(['Autorizada', 'Rejeitada', 'Denegada', 'Cancelada', 'Arquivo inválido', 'Conflito']);

/** Creates account, company and certificate in the store, and signs in over HTTP. */
export async function newCustomer(
  hub: Hub,
  { cnpj, ie = '110042490114', uf = 'SP', validity = {}, modelo = '55' }: CustomerOptions,
): Promise<Customer> {
  const { store } = hub;
  const { _id: conta } = await store.contas.create({ nome: `Cliente ${cnpj}` });
  const { token, secret } = await store.credenciais.create({ conta });
  await store.empresas.put({ conta, documento: cnpj, uf, ie, razaoSocial: 'Comercial Exemplo Ltda' });
  await installCertificate(hub, { conta, cnpj, validity });

  const session = await signIn(hub, token, secret);
  const client = clientOf(hub, { token, secret });
  const docs = { empresa: cnpj, ambiente: 'hom', modelo } as const;
  const path = `/api/empresas/${cnpj}/docs/hom/${modelo}`;
  const headers = { 'x-auth-token': session };
  const get = (where: string, more: Record<string, string> = {}) => fetch(`${hub.url()}${where}`, { headers: { ...headers, ...more } });
  const post = (xml: string, more: Record<string, string> = {}) =>
    fetch(`${hub.url()}${path}`, { method: 'POST', body: xml, headers: { ...headers, 'content-type': 'application/xml', ...more } });
  const note = (options: Partial<SampleNfeOptions> & { numero: number }) =>
    (modelo === '65' ? sampleNfce : sampleNfe)({ cnpj, ie, uf, serie: 1, dhEmi: hub.now(), ...options });
  const view = (numero: number, serie = 1) => client.documento({ ...docs, ano: hub.now().getFullYear(), serie, numero });
  return {
    ...{ hub, conta, token, secret, session, client, docs, cnpj, path, note, post, get, view },
    emit: (options) => client.emit({ ...docs, xml: note(options) }),
    async untilStatus(numero, status, timeoutMs = 20_000, serie = 1) {
      return eventually(
        async () => {
          const now = await view(numero, serie);
          if (now.status === status) return now;
          const stop = FINAL.has(now.status) ? 'ended' : 'is still';
          throw new Error(`note ${numero} ${stop} ${now.status}: ${JSON.stringify(now.faults)} ${now.codigoStatus ?? ''}`);
        },
        { timeoutMs },
      );
    },
  };
}

/** A client that finds the edge wherever it was started last, and repeats nothing: a test sees every answer. */
function clientOf(hub: Hub, credential: { token: string; secret: string }): Client {
  const url = 'http://hub';
  const fetchThere = (input: unknown, init?: RequestInit) => fetch(String(input).replace(url, hub.url()), init);
  return createClient({ ...credential, url, retries: 0, fetch: fetchThere as typeof fetch });
}

/** A new A1 of the company, used from its next document on. */
export async function installCertificate(
  { store, ca }: Pick<Hub, 'store' | 'ca'>,
  { conta, cnpj, validity = {} }: { conta: string; cnpj: string; validity?: Validity },
): Promise<void> {
  const { pfx } = issueCompanyPfx(ca, { cnpj, razaoSocial: 'COMERCIAL EXEMPLO LTDA', senha: SENHA, ...validity });
  const { key: _key, certDer: _certDer, tipo: _tipo, keyPem, certPem, chainPem, ...info } = readPfx(pfx, SENHA);
  const certificado = await store.certificados.put({ conta, empresa: cnpj }, info, { keyPem, certPem, chainPem });
  await store.empresas.useCertificado({ conta, documento: cnpj }, certificado);
}

/** As old clients do: the 36 characters after the first 14 of the text answer. */
export async function signIn(hub: Hub, token: string, secret: string): Promise<string> {
  const answer = await fetch(`${hub.url()}/session`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${token}:${secret}`).toString('base64')}` },
  });
  assert.equal(answer.status, 200);
  return (await answer.text()).slice(14, 50);
}
