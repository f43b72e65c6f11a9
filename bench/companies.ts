import { readPfx } from '@malote/sefaz/pfx';
import type { Store } from '@malote/store/connect';
import { type Ca, issueCompanyPfx } from '@malote/testkit/certificates';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { type SampleNfeOptions, sampleNfe } from '@malote/testkit/sample-nfe';

/** A company with its account, signed in, whose notes cost next to nothing to make. */
export interface Company {
  conta: string;
  cnpj: string;
  session: string;
  path: string;
  /** The whole POST of its next note. */
  nextPost(): Buffer;
  /** A GET of a path. */
  get(path: string): Buffer;
}

type SampleUf = NonNullable<SampleNfeOptions['uf']>;

/** UFs with authorisers of their own, SVRS twice, and SVAN, as the soak has them. */
const UFS: SampleUf[] = ['SP', 'SP', 'MG', 'RS', 'PR', 'SC', 'CE', 'MA'];
export const IE = '110042490114';

export interface CompanyHost {
  store: Store;
  ca: Ca;
  url: string;
  now: () => Date;
}

/** Accounts with one company each, spread over the authorisers. `prefer` goes with every POST. */
export function createCompanies(host: CompanyHost, count: number, prefer?: string): Promise<Company[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const { store } = host;
      const cnpj = sampleCnpj(index);
      const uf = UFS[index % UFS.length] as SampleUf;
      const { _id: conta } = await store.contas.create({ nome: `Cliente ${cnpj}` });
      const { token, secret } = await store.credenciais.create({ conta });
      await store.empresas.put({ conta, documento: cnpj, uf, ie: IE, razaoSocial: 'Comercial Exemplo Ltda' });
      const { pfx } = issueCompanyPfx(host.ca, { cnpj, razaoSocial: 'COMERCIAL EXEMPLO LTDA', senha: 'bench' });
      const { key: _key, certDer: _certDer, tipo: _tipo, keyPem, certPem, chainPem, ...info } = readPfx(pfx, 'bench');
      const certificado = await store.certificados.put({ conta, empresa: cnpj }, info, { keyPem, certPem, chainPem });
      await store.empresas.useCertificado({ conta, documento: cnpj }, certificado);
      const session = await signIn(host.url, token, secret);
      return companyOf({ conta, cnpj, uf, session, dhEmi: host.now(), prefer });
    }),
  );
}

/** The client side of a company that exists. */
export function companyOf(facts: {
  conta: string;
  cnpj: string;
  uf: SampleUf;
  session: string;
  dhEmi: Date;
  prefer?: string | undefined;
}): Company {
  const { conta, cnpj, uf, session, dhEmi, prefer } = facts;
  const path = `/api/empresas/${cnpj}/docs/hom/55`;
  const headers = `Host: bench\r\nx-auth-token: ${session}\r\n`;
  const more = `content-type: application/xml\r\n${prefer === undefined ? '' : `Prefer: ${prefer}\r\n`}`;
  const [before = '', after = ''] = sampleNfe({ cnpj, ie: IE, uf, serie: 1, numero: 0, dhEmi }).split('<nNF>0</nNF>');
  const fixed = Buffer.byteLength(before) + Buffer.byteLength(after) + '<nNF></nNF>'.length;
  let numero = 0;
  return {
    ...{ conta, cnpj, session, path },
    nextPost() {
      const number = String(++numero);
      const length = fixed + number.length;
      return Buffer.from(
        `POST ${path} HTTP/1.1\r\n${headers}${more}content-length: ${length}\r\n\r\n${before}<nNF>${number}</nNF>${after}`,
      );
    },
    get: (where) => Buffer.from(`GET ${where} HTTP/1.1\r\n${headers}\r\n`),
  };
}

export async function signIn(url: string, token: string, secret: string): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${token}:${secret}`).toString('base64')}`;
  const answer = await fetch(`${url}/session`, { method: 'POST', headers: { authorization } });
  if (!answer.ok) throw new Error(`POST /session: ${answer.status} ${await answer.text()}`);
  return (await answer.text()).slice(14, 50);
}

/** Takes the companies in turn. */
export function inTurn<T>(items: readonly T[]): () => T {
  let n = 0;
  return () => items[n++ % items.length] as T;
}
