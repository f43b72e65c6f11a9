import type { Entidade, HistoricoEntidade } from '@malote/store/entidades';

/** Where an entity is shown. */
export const entidadeLocation = ({ entidade }: Pick<Entidade, 'entidade'>): string => `/api/entidades/${entidade}`;

/** An entity as a list shows it; never its TOKEN. */
export function presentEntidade(entidade: Entidade) {
  const { documento } = entidade;
  return {
    entidade: entidade.entidade,
    cnpj: documento.length === 14 ? documento : null,
    cpf: documento.length === 11 ? documento : null,
    ie: entidade.ie,
    uf: entidade.uf,
    idEmpresa: entidade.idEmpresa ?? null,
    nome: entidade.nome ?? null,
    contrato: entidade.contrato ?? null,
    bloqueada: entidade.bloqueada,
    ativadaEm: entidade.ativadaEm?.toISOString() ?? null,
    temToken: entidade.tokenHash !== undefined,
    criadaEm: entidade.createdAt.toISOString(),
    atualizadaEm: entidade.updatedAt.toISOString(),
  };
}

/** What was done to it, the latest first: who, when, by which contract and Parametro. */
export function presentHistorico(historico: readonly HistoricoEntidade[], conta: string) {
  return historico.toReversed().map(({ em, pedido, linha, quem, contrato, parametro }) => ({
    em: em.toISOString(),
    acao: parametro === 1 ? 'bloqueio' : 'liberacao',
    parametro,
    contrato: contrato ?? null,
    quem: { tipo: quem.tipo, id: quem.id ?? null, ip: quem.ip ?? null },
    pedido: pedido.startsWith(`${conta}.`) ? pedido.slice(conta.length + 1) : pedido,
    linha,
  }));
}
