import type { Answer, Call } from './call.ts';
import type { Signalled } from './client.ts';
import type { components } from './contract.data.ts';

type Schemas = components['schemas'];
/** What a scope says of contingência, and what holds in it. */
export type Contingencia = Schemas['Contingencia'];
/** What a policy may say; what it leaves out is inherited. */
export type PoliticaContingencia = Schemas['PoliticaContingencia'];

/** Whose policy: the account's where nothing is said, that of a UF, or a company's. */
export type ContingenciaRef = { uf?: never; empresa?: never } | { uf: string; empresa?: never } | { empresa: string; uf?: never };

/** Emission while SEFAZ does not answer. */
export interface ContingenciaCalls {
  contingencia(ref?: ContingenciaRef & Signalled): Promise<Contingencia>;
  /** In the place of the scope's whole policy; MaloteProblem `politica-invalida` with every fault. */
  putContingencia(politica: PoliticaContingencia, ref?: ContingenciaRef & Signalled): Promise<Contingencia>;
  /** The wider scopes hold from then on. One that is not there is no problem. */
  removeContingencia(ref?: ContingenciaRef & Signalled): Promise<void>;
}

export function contingenciaCalls({ call }: { call(path: string, what?: Partial<Call>): Promise<Answer> }): ContingenciaCalls {
  const json = async <T>(path: string, what: Partial<Call> = {}) => JSON.parse((await call(path, what)).text) as T;
  const sent = <T>(method: 'POST' | 'PUT', path: string, body: object, signal: AbortSignal | undefined) =>
    json<T>(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal });
  return {
    contingencia: ({ signal, ...ref } = {}) => json(politicaPath(ref), { signal }),
    putContingencia: (politica, { signal, ...ref } = {}) => sent('PUT', politicaPath(ref), politica, signal),
    async removeContingencia({ signal, ...ref } = {}) {
      await call(politicaPath(ref), { method: 'DELETE', signal });
    },
  };
}

const CONTA = '/api/conta/contingencia';

function politicaPath({ uf, empresa }: ContingenciaRef): string {
  if (empresa !== undefined) return `/api/empresas/${encodeURIComponent(empresa)}/contingencia`;
  return uf === undefined ? CONTA : `${CONTA}/uf/${encodeURIComponent(uf)}`;
}
