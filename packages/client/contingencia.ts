import type { Answer, Call } from './call.ts';
import type { Ambiente, Documento, DocumentoRef, Signalled } from './client.ts';
import type { components } from './contract.data.ts';
import { rowsOf, search } from './pages.ts';

type Schemas = components['schemas'];
/** What a scope says of contingência, and what holds in it. */
export type Contingencia = Schemas['Contingencia'];
/** What a policy may say; what it leaves out is inherited. */
export type PoliticaContingencia = Schemas['PoliticaContingencia'];
/** A mode in force: of the hub, of an order or of a drill. */
export type SituacaoContingencia = Schemas['SituacaoContingencia'];
export type OrdemContingencia = Schemas['OrdemContingencia'];
export type Simulacao = Schemas['Simulacao'];
export type PedidoSimulacao = Schemas['PedidoSimulacao'];
/** A drill and a page of its notes. */
export type RelatorioSimulacao = Schemas['RelatorioSimulacao'];

export type PendentesPage = Schemas['Pendentes'];
/** A note that was handed over and is not authorised yet. */
export type Pendente = PendentesPage['registros'][number];
/** How each service of SEFAZ answers, made of real traffic. */
export type SituacaoSefaz = Schemas['SituacaoSefaz'];

interface PendentesQuery extends Signalled {
  /** CNPJ or CPF, without mask. */
  empresa: string;
  /** Both where none is said. */
  ambiente?: Ambiente;
}

/** Whose policy: the account's where nothing is said, that of a UF, or a company's. */
export type ContingenciaRef = { uf?: never; empresa?: never } | { uf: string; empresa?: never } | { empresa: string; uf?: never };

/** Emission while SEFAZ does not answer. */
export interface ContingenciaCalls {
  contingencia(ref?: ContingenciaRef & Signalled): Promise<Contingencia>;
  /** In the place of the scope's whole policy; MaloteProblem `politica-invalida` with every fault. */
  putContingencia(politica: PoliticaContingencia, ref?: ContingenciaRef & Signalled): Promise<Contingencia>;
  /** The wider scopes hold from then on. One that is not there is no problem. */
  removeContingencia(ref?: ContingenciaRef & Signalled): Promise<void>;
  /** The modes in force for the account. */
  situacaoContingencia(query?: { uf?: string; modelo?: '55' | '65' } & Signalled): Promise<SituacaoContingencia[]>;
  /** An order for this account alone; `AUTOMATICO` takes it back. Whether it holds already is said by `conta.ordem`. */
  ordenarContingencia(ordem: OrdemContingencia, options?: Signalled): Promise<SituacaoContingencia>;
  /** Begins a drill in homologação, or ends it (0 minutes). */
  simularContingencia(pedido: PedidoSimulacao, options?: Signalled): Promise<Simulacao>;
  simulacoes(options?: Signalled): Promise<Simulacao[]>;
  /** What happened to each note of a drill; one page of 20, from 1. */
  simulacao(id: string, options?: { pagina?: number } & Signalled): Promise<RelatorioSimulacao>;
  /** A company's notes that are still to be transmitted or corrected, in the order of emission. */
  pendentes(query: PendentesQuery): AsyncGenerator<Pendente, void, undefined>;
  /** One page of 20, from 1. */
  pendentesPage(query: PendentesQuery & { pagina?: number }): Promise<PendentesPage>;
  /**
   * The correction of a note that was handed over and refused: its XML without signature. The same again answers its present state.
   * MaloteProblem `correcao-recusada` names each field that may not change.
   */
  corrigir(ref: Extract<DocumentoRef, { chave: string }> & { xml: string | Uint8Array; wait?: number } & Signalled): Promise<Documento>;
  situacaoSefaz(options?: Signalled): Promise<SituacaoSefaz>;
}

export function contingenciaCalls({ call }: { call(path: string, what?: Partial<Call>): Promise<Answer> }): ContingenciaCalls {
  const json = async <T>(path: string, what: Partial<Call> = {}) => JSON.parse((await call(path, what)).text) as T;
  const sent = <T>(method: 'POST' | 'PUT', path: string, body: object, signal: AbortSignal | undefined) =>
    json<T>(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal, waitMs: ORDER_WAIT_MS });
  const pendentesPage: ContingenciaCalls['pendentesPage'] = ({ signal, empresa, ...query }) =>
    json(`${politicaPath({ empresa })}/pendentes${search(query, ['ambiente', 'pagina'])}`, { signal });
  return {
    contingencia: ({ signal, ...ref } = {}) => json(politicaPath(ref), { signal }),
    putContingencia: (politica, { signal, ...ref } = {}) => sent('PUT', politicaPath(ref), politica, signal),
    async removeContingencia({ signal, ...ref } = {}) {
      await call(politicaPath(ref), { method: 'DELETE', signal });
    },
    async situacaoContingencia({ signal, ...query } = {}) {
      const path = `${CONTA}/situacao${search(query, ['uf', 'modelo'])}`;
      return (await json<{ situacoes: SituacaoContingencia[] }>(path, { signal })).situacoes;
    },
    ordenarContingencia: (ordem, { signal } = {}) => sent('POST', `${CONTA}/situacao`, ordem, signal),
    simularContingencia: (pedido, { signal } = {}) => sent('POST', `${CONTA}/simulacao`, pedido, signal),
    async simulacoes({ signal } = {}) {
      return (await json<{ simulacoes: Simulacao[] }>(`${CONTA}/simulacao`, { signal })).simulacoes;
    },
    pendentes: (query) => rowsOf((pagina) => pendentesPage({ ...query, pagina })),
    pendentesPage,
    corrigir({ empresa, ambiente, modelo, chave, xml, wait, signal }) {
      const path = `/api/empresas/${encodeURIComponent(empresa)}/docs/${ambiente}/${modelo}/${encodeURIComponent(chave)}/correcao`;
      const headers = { 'content-type': 'application/xml', ...(wait === undefined ? {} : { prefer: `wait=${wait}` }) };
      return json(path, { method: 'PUT', headers, body: xml, signal, waitMs: (wait ?? 0) * 1000 });
    },
    situacaoSefaz: ({ signal } = {}) => json('/api/sefaz/situacao', { signal }),
    simulacao: (id, { signal, pagina } = {}) =>
      json(`${CONTA}/simulacao/${encodeURIComponent(id)}${search({ pagina }, ['pagina'])}`, { signal }),
  };
}

/** An order waits so long until it holds. */
const ORDER_WAIT_MS = 10_000;
const CONTA = '/api/conta/contingencia';

function politicaPath({ uf, empresa }: ContingenciaRef): string {
  if (empresa !== undefined) return `/api/empresas/${encodeURIComponent(empresa)}/contingencia`;
  return uf === undefined ? CONTA : `${CONTA}/uf/${encodeURIComponent(uf)}`;
}
