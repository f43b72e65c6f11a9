import { type Answer, type Call, pause } from './call.ts';
import type { Signalled } from './client.ts';
import type { components, operations } from './contract.data.ts';
import { MaloteUnavailable } from './errors.ts';
import { rowsOf, search } from './pages.ts';

type Schemas = components['schemas'];
export type PedidoBloqueio = Schemas['PedidoBloqueio'];
export type ResultadoBloqueio = Schemas['ResultadoBloqueio'];
export type Entidade = Schemas['Entidade'];
export type EntidadesPage = Schemas['Entidades'];
export type EntidadeRow = EntidadesPage['registros'][number];
/** CNPJ (`tipopessoa` 2) or CPF (1), IE and UF. */
export type Estabelecimento = Schemas['PedidoToken']['empresa'];
export type EntidadesFilter = Omit<NonNullable<operations['listarEntidades']['parameters']['query']>, 'pagina'>;

/** Of a contract system: what it blocks and frees. */
export interface EntidadeCalls {
  /** Blocks (`Parametro` 1) and frees (2); waits until it is done. MaloteProblem `requisicao-invalida` with every fault, and then nothing changed. */
  bloquear(pedido: PedidoBloqueio, options?: Signalled): Promise<ResultadoBloqueio>;
  /** The TOKEN of an entity; MaloteProblem `entidade-desconhecida` when there is none. */
  tokenDaEntidade(empresa: Estabelecimento, options?: Signalled): Promise<string>;
  /** A new TOKEN; the old one is worth nothing from then on. */
  renovarToken(empresa: Estabelecimento, options?: Signalled): Promise<string>;
  /** Every entity, by its number, page after page as they are read. */
  entidades(query?: EntidadesFilter & Signalled): AsyncGenerator<EntidadeRow, void, undefined>;
  /** One page of 20, from 1. */
  entidadesPage(query?: EntidadesFilter & Signalled & { pagina?: number }): Promise<EntidadesPage>;
  /** One of them with its history, by its 6 digits. */
  entidade(entidade: string, options?: Signalled): Promise<Entidade>;
}

/** The hub itself waits 10 s for a result before it says where it will be. */
const HUB_WAITS_MS = 10_000;
const ASK_EVERY_MS = 1_000;

export function entidadeCalls(deps: { call(path: string, what?: Partial<Call>): Promise<Answer>; timeoutMs: number }): EntidadeCalls {
  const { call, timeoutMs } = deps;
  const post = (path: string, json: unknown, { signal }: Signalled) =>
    call(path, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) },
      ...{ signal, waitMs: HUB_WAITS_MS },
    });
  const tokenOf = async (path: string, empresa: Estabelecimento, options: Signalled) => {
    const { status, text } = await post(path, { empresa }, options);
    // Done all the same, a little later: RestGetToken then tells it, and asking again would renew it once more.
    if (status === 202) throw new MaloteUnavailable('timeout', { status });
    return (JSON.parse(text) as { Token: string }).Token;
  };
  const entidadesPage: EntidadeCalls['entidadesPage'] = async ({ signal, ...query } = {}) => {
    const given = { ...query, bloqueado: query.bloqueado === undefined ? undefined : String(query.bloqueado) };
    return JSON.parse((await call(`/api/entidades${search(given, FILTERS)}`, { signal })).text) as EntidadesPage;
  };
  return {
    async bloquear(pedido, { signal } = {}) {
      let answer = await post('/rest/RestAtBlqEnt', pedido, { signal });
      const location = answer.headers.get('location') ?? '';
      for (let waited = 0; answer.status === 202; waited += ASK_EVERY_MS) {
        if (waited >= timeoutMs) throw new MaloteUnavailable('timeout', { status: 202 });
        await pause(ASK_EVERY_MS, signal);
        answer = await call(location, { signal });
      }
      return JSON.parse(answer.text) as ResultadoBloqueio;
    },
    tokenDaEntidade: (empresa, options = {}) => tokenOf('/rest/RestGetToken', empresa, options),
    renovarToken: (empresa, options = {}) => tokenOf('/rest/RestNewToken', empresa, options),
    entidades: (query = {}) => rowsOf((pagina) => entidadesPage({ ...query, pagina })),
    entidadesPage,
    async entidade(entidade, { signal } = {}) {
      return JSON.parse((await call(`/api/entidades/${encodeURIComponent(entidade)}`, { signal })).text) as Entidade;
    },
  };
}

const FILTERS = ['contrato', 'uf', 'bloqueado', 'pagina'] as const;
