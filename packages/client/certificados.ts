import type { Answer, Call } from './call.ts';
import type { Signalled } from './client.ts';
import type { components } from './contract.data.ts';
import { search } from './pages.ts';

type Schemas = components['schemas'];
export type Certificado = Schemas['Certificado'];
export type CertificadoDescrito = Schemas['CertificadoDescrito'];

/** A certificate A1 to install. */
export interface CertificadoPosting extends Signalled {
  /** CNPJ or CPF, without mask. */
  empresa: string;
  /** The whole .pfx or .p12 file. */
  pfx: Uint8Array;
  senha: string;
  /** `hom`: one that ICP-Brasil does not vouch for is taken as well, for homologação only. */
  ambiente?: 'hom' | 'prod';
}

export interface CertificadoCalls {
  /** The certificate in use, those before it, and what the authorisers said last; MaloteProblem `certificado-ausente` when there is none. */
  certificado(ref: { empresa: string } & Signalled): Promise<CertificadoDescrito>;
  /** The same after a test at each authoriser; waits for it. */
  testarCertificado(ref: { empresa: string; ambiente?: 'hom' | 'prod' } & Signalled): Promise<CertificadoDescrito>;
  /** Says what would be installed and changes nothing; MaloteProblem `cadastro-recusado` whose fault says why not. */
  conferirCertificado(posting: CertificadoPosting): Promise<Certificado>;
  /** Puts it to use for the next documents; those under way end with the one that signed them. */
  instalarCertificado(posting: CertificadoPosting): Promise<Certificado>;
}

/** The hub itself waits so long for what the authorisers say. */
const HUB_WAITS_MS = 10_000;
/** More bytes than fit into the arguments of one call. */
const CHUNK = 8_192;

export function certificadoCalls({ call }: { call(path: string, what?: Partial<Call>): Promise<Answer> }): CertificadoCalls {
  const pathOf = (empresa: string) => `/api/empresas/${encodeURIComponent(empresa)}/certificado`;
  const post = async ({ empresa, pfx, senha, ambiente, signal }: CertificadoPosting, simular?: 'true') => {
    const body = JSON.stringify({ conteudo: base64(pfx), senha });
    const headers = { 'content-type': 'application/json' };
    const query = search({ simular, ambiente }, ['simular', 'ambiente']);
    return JSON.parse((await call(pathOf(empresa) + query, { method: 'POST', headers, body, signal })).text) as Certificado;
  };
  return {
    certificado: async ({ empresa, signal }) => JSON.parse((await call(pathOf(empresa), { signal })).text),
    async testarCertificado({ empresa, ambiente, signal }) {
      const query = search({ testar: 'true', ambiente }, ['testar', 'ambiente']);
      return JSON.parse((await call(pathOf(empresa) + query, { signal, waitMs: HUB_WAITS_MS })).text);
    },
    conferirCertificado: (posting) => post(posting, 'true'),
    instalarCertificado: (posting) => post(posting),
  };
}

/** Without Buffer, which a browser does not have. */
function base64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(binary);
}
