import { UFS } from '@malote/fiscal/model/uf';
import type { Entidades } from '@malote/store/entidades';
import Joi from 'joi';
import { answerList } from './conditional.ts';
import { contaOf, type Exchange } from './exchange.ts';
import { pageQuery, rowsOf, writePage } from './pages.ts';
import { entidadeLocation, presentEntidade, presentHistorico } from './present-entidade.ts';
import { Problem } from './problems.ts';

export interface EntidadesDeps {
  entidades: Pick<Entidades, 'list' | 'find'>;
}

const blank = Joi.string().trim().valid('');

export const entidadesQuery = Joi.object({
  contrato: Joi.string().max(60).empty(blank).description('Só as que foram bloqueadas ou liberadas por último com este contrato.'),
  uf: Joi.string()
    .uppercase()
    .valid(...Object.keys(UFS))
    .empty(blank)
    .description('Só as desta UF.'),
  bloqueado: Joi.boolean().empty(blank).description('`true`: só as bloqueadas; `false`: só as outras.'),
}).concat(pageQuery);

/** GET of the account's entities, by Entidade. */
export function createListEntidades({ entidades }: EntidadesDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const { contrato, uf, bloqueado, pagina } = exchange.query as { contrato?: string; uf?: string; bloqueado?: boolean; pagina: number };
    const conta = contaOf(exchange);
    const found = await entidades.list({ conta, contrato, uf, bloqueada: bloqueado, ...rowsOf(pagina) });
    const rows = found.entidades.map((row) => ({ ...presentEntidade(row), caminho: entidadeLocation(row) }));
    answerList(exchange, writePage(found.total, rows));
  };
}

/** GET of one entity, with its history. */
export function createShowEntidade({ entidades }: EntidadesDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const { entidade: number = '' } = exchange.params;
    const conta = contaOf(exchange);
    const found = await entidades.find({ conta, entidade: number });
    if (!found) throw new Problem('entidade-desconhecida', `A conta não tem a entidade ${number}.`);
    answerList(exchange, { ...presentEntidade(found), historico: presentHistorico(found.historico, conta) });
  };
}
