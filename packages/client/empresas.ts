import type { Answer, Call } from './call.ts';
import type { Ambiente, Signalled } from './client.ts';
import type { components } from './contract.data.ts';
import { MaloteProblem } from './errors.ts';
import { rowsOf, search } from './pages.ts';

type Schemas = components['schemas'];
export type Empresa = Schemas['Empresa'];
export type EmpresasPage = Schemas['Empresas'];
/** What may be given of a company. What `empresa` answers may be given back whole: the rest of it means nothing. */
export type CadastroEmpresa = Schemas['CadastroEmpresa'];
/** Without its code. */
export type Csc = Schemas['Csc'];
export type CadastroCsc = Schemas['CadastroCsc'];

/** One CSC of a company: each ambiente has its own. */
export interface CscRef {
  /** CNPJ or CPF, without mask. */
  empresa: string;
  ambiente: Ambiente;
  id: string;
}

/** The companies of the account and their CSC. */
export interface EmpresaCalls {
  /** Every company, by CNPJ or CPF, page after page as they are read. */
  empresas(options?: Signalled): AsyncGenerator<Empresa, void, undefined>;
  /** One page of 20, from 1. */
  empresasPage(options?: Signalled & { pagina?: number }): Promise<EmpresasPage>;
  empresa(documento: string, options?: Signalled): Promise<Empresa>;
  /**
   * Creates a company or replaces what is known of it: what is left out goes back to its default, the picture stays unless `logo` is given
   * (`null` takes it away). MaloteProblem `cadastro-recusado` with every fault.
   */
  putEmpresa(documento: string, cadastro: CadastroEmpresa, options?: Signalled): Promise<Empresa>;
  /** The active ones, without their codes; of both ambientes where none is said. */
  listCsc(where: Omit<CscRef, 'ambiente' | 'id'> & Partial<Pick<CscRef, 'ambiente'>> & Signalled): Promise<Csc[]>;
  /** Stores one; at most two are active per ambiente. The same again does no harm. */
  addCsc(csc: Pick<CscRef, 'empresa'> & CadastroCsc & Signalled): Promise<Csc>;
  /** Another code for one that there is. */
  replaceCsc(csc: CscRef & Pick<CadastroCsc, 'codigo'> & Signalled): Promise<Csc>;
  /** One that is not there any more is no problem. */
  removeCsc(csc: CscRef & Signalled): Promise<void>;
}

export function empresaCalls({ call }: { call(path: string, what?: Partial<Call>): Promise<Answer> }): EmpresaCalls {
  const json = async <T>(path: string, what: Partial<Call> = {}) => JSON.parse((await call(path, what)).text) as T;
  const sent = <T>(method: 'POST' | 'PUT', path: string, body: object, signal: AbortSignal | undefined) =>
    json<T>(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal });
  const empresasPage: EmpresaCalls['empresasPage'] = ({ signal, pagina } = {}) =>
    json(`/api/empresas${search({ pagina }, ['pagina'])}`, { signal });
  return {
    empresas: (options = {}) => rowsOf((pagina) => empresasPage({ ...options, pagina })),
    empresasPage,
    empresa: (documento, { signal } = {}) => json(empresaPath(documento), { signal }),
    putEmpresa: (documento, cadastro, { signal } = {}) => sent('PUT', empresaPath(documento), cadastro, signal),
    listCsc: ({ empresa, ambiente, signal }) => json(`${empresaPath(empresa)}/csc${search({ ambiente }, ['ambiente'])}`, { signal }),
    addCsc: ({ empresa, signal, ...csc }) => sent('POST', `${empresaPath(empresa)}/csc`, csc, signal),
    replaceCsc: ({ codigo, signal, ...ref }) => sent('PUT', cscPath(ref), { codigo }, signal),
    async removeCsc({ signal, ...ref }) {
      try {
        await call(cscPath(ref), { method: 'DELETE', signal });
      } catch (error) {
        // Removed already: by the same call, whose answer was lost, or by somebody else.
        if (!(error instanceof MaloteProblem && error.codigo === 'csc-desconhecido')) throw error;
      }
    },
  };
}

function empresaPath(documento: string): string {
  return `/api/empresas/${encodeURIComponent(documento)}`;
}

function cscPath({ empresa, ambiente, id }: CscRef): string {
  return `${empresaPath(empresa)}/csc/${encodeURIComponent(id)}?ambiente=${ambiente}`;
}
