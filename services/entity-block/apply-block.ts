import { chaveEntidade } from '@malote/fiscal/model/chave-entidade';
import type { Bloqueio, LinhaBloqueio, LinhaResultado } from '@malote/store/bloqueios';
import type { EntidadeDoPedido, HistoricoEntidade, MudancaEntidade, TokenGuardado } from '@malote/store/entidades';

/** A request to block or free. */
export type PedidoBloqueio = Pick<Bloqueio, '_id' | 'seq' | 'rows' | 'contrato' | 'quem'>;

export interface ApplyFacts {
  now: Date;
  newToken(owner: EntidadeDoPedido): TokenGuardado;
}

export interface Applied {
  /** In the order of the rows, those of one row by Entidade. */
  result: LinhaResultado[];
  /** One per entity that this request has not been applied to yet. */
  mudancas: MudancaEntidade[];
}

/**
 * What a request makes of the entities it names, one row after the other. The result is the same whether none, some or all of them have been
 * changed by an earlier delivery of it: entities made by a later request are left out, and those it was applied to are told of, not changed.
 */
export function applyBlock(pedido: PedidoBloqueio, entidades: readonly EntidadeDoPedido[], facts: ApplyFacts): Applied {
  const byChave = groupByChave(pedido, entidades);
  const work = new Map<string, Work>();
  const result = (pedido.rows ?? []).flatMap((row, index) => {
    const matches = byChave.get(chaveOf(row)) ?? [];
    if (matches.length === 0) return [notFound(row)];
    return matches.map((entidade) => {
      if (!entidade.aplicada) applyRow(workOn(work, entidade), row, { pedido, linha: index + 1, facts });
      const tokenPor = work.get(entidade._id)?.set.tokenPor ?? entidade.tokenPor;
      const issued = tokenPor?.pedido === pedido._id && tokenPor.linha === index + 1;
      return found(row, entidade, issued);
    });
  });
  const mudancas = [...work.values()].map(({ entidade: { _id, version }, set, historico }) => ({ _id, version, set, historico }));
  return { result, mudancas };
}

/** The rows that the answer will have. */
export function countResult(pedido: PedidoBloqueio, entidades: readonly EntidadeDoPedido[]): number {
  const byChave = groupByChave(pedido, entidades);
  return (pedido.rows ?? []).reduce((sum, row) => sum + Math.max(1, byChave.get(chaveOf(row))?.length ?? 0), 0);
}

export function chaveOf({ documento, uf, ie }: LinhaBloqueio): string {
  return chaveEntidade({ documento, uf, ie });
}

function groupByChave({ seq }: PedidoBloqueio, entidades: readonly EntidadeDoPedido[]): Map<string, EntidadeDoPedido[]> {
  return Map.groupBy(
    entidades.filter(({ seqInicial }) => seqInicial <= seq),
    ({ chave }) => chave,
  );
}

interface Work {
  entidade: EntidadeDoPedido;
  set: MudancaEntidade['set'];
  historico: HistoricoEntidade[];
}

function workOn(all: Map<string, Work>, entidade: EntidadeDoPedido): Work {
  const known = all.get(entidade._id);
  if (known) return known;
  const fresh: Work = { entidade, set: {}, historico: [] };
  all.set(entidade._id, fresh);
  return fresh;
}

function applyRow(work: Work, row: LinhaBloqueio, context: { pedido: PedidoBloqueio; linha: number; facts: ApplyFacts }): void {
  const { entidade, set, historico } = work;
  const { pedido, linha, facts } = context;
  const { _id, seq, contrato, quem } = pedido;
  const { parametro } = row;
  historico.push({ em: facts.now, pedido: _id, linha, quem, parametro, ...(contrato === undefined ? {} : { contrato }) });
  // What was asked later holds, though it was applied earlier.
  if (entidade.seq <= seq) Object.assign(set, { bloqueada: parametro === 1, seq, ...(contrato === undefined ? {} : { contrato }) });
  if (parametro === 1 || entidade.ativadaEm || set.ativadaEm) return;
  set.ativadaEm = facts.now;
  if (entidade.tokenHash === undefined) Object.assign(set, facts.newToken(entidade), { tokenPor: { pedido: _id, linha, seq } });
}

function echo({ tipopessoa, documento, ie, uf }: LinhaBloqueio): Pick<LinhaResultado, 'CNPJ' | 'CPF' | 'IE' | 'UF'> {
  return { CNPJ: tipopessoa === 2 ? documento : '', CPF: tipopessoa === 1 ? documento : '', IE: ie, UF: uf };
}

function found(row: LinhaBloqueio, { _id, entidade, idEmpresa }: EntidadeDoPedido, issued: boolean): LinhaResultado {
  return {
    ...echo(row),
    IDEMPRESA: idEmpresa ?? '',
    Entidade: entidade,
    OK: true,
    mensagem: row.parametro === 1 ? 'Cliente bloqueado' : 'Cliente liberado',
    // The page's own spelling of "no error".
    error: 'null',
    ...(issued ? { tokenDe: _id } : {}),
  };
}

function notFound(row: LinhaBloqueio): LinhaResultado {
  return { ...echo(row), IDEMPRESA: '', Entidade: '', OK: false, mensagem: null, error: 'Entidade nao encontrada.' };
}
