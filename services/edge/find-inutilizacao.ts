import { codigoUf, isUf } from '@malote/fiscal/model/uf';
import type { Inutilizacao, Inutilizacoes } from '@malote/store/inutilizacao';
import { unknownEmpresa } from './accept-document.ts';
import { checkHasInutilizacao } from './accept-inutilizacao.ts';
import { answerXml } from './answer-xml.ts';
import { answeredUnchanged, answerList } from './conditional.ts';
import { contaOf, type Exchange } from './exchange.ts';
import { rowsOf, writePage } from './pages.ts';
import { tpAmbOf } from './present-document.ts';
import { hasProcInut, presentInutilizacao, procInutOf, statusOfInutilizacao } from './present-inutilizacao.ts';
import { Problem } from './problems.ts';

export interface FindInutilizacaoDeps {
  findEmpresa(query: { conta: string; documento: string }): Promise<{ _id: string } | undefined>;
  inutilizacoes: Pick<Inutilizacoes, 'findCovering' | 'list'>;
  readConteudo(ref: string): Promise<Buffer | undefined>;
}

type Handler = (exchange: Exchange) => Promise<void>;

/** GET of the inutilização that a number is in. */
export function createShowInutilizacao(deps: FindInutilizacaoDeps): Handler {
  return async (exchange) => {
    const inutilizacao = await locate(deps, exchange);
    if (answeredUnchanged(exchange, inutilizacao, 'json')) return;
    exchange.res.json(presentInutilizacao(inutilizacao, await procInutOf(inutilizacao, deps.readConteudo)));
  };
}

/** GET of its ProcInutNFe. */
export function createShowInutilizacaoXml(deps: FindInutilizacaoDeps): Handler {
  return async (exchange) => {
    const inutilizacao = await locate(deps, exchange);
    const detail = `A inutilização não tem XML processado: o status é "${statusOfInutilizacao(inutilizacao)}".`;
    await answerXml(exchange, inutilizacao, {
      unavailable: hasProcInut(inutilizacao) ? undefined : detail,
      compose: () => procInutOf(inutilizacao, deps.readConteudo),
    });
  };
}

/** GET of the inutilizações of a company in an ambiente, the latest first. */
export function createListInutilizacoes(deps: FindInutilizacaoDeps): Handler {
  return async (exchange) => {
    const { params, query } = exchange;
    const { empresa = '' } = params;
    const conta = contaOf(exchange);
    if (!(await deps.findEmpresa({ conta, documento: empresa }))) throw unknownEmpresa(params);
    const where = { conta, empresa, tpAmb: tpAmbOf(params), ...rowsOf(query.pagina as number) };
    const { total, inutilizacoes } = await deps.inutilizacoes.list(where);
    const rows = await Promise.all(inutilizacoes.map(async (row) => presentInutilizacao(row, await procInutOf(row, deps.readConteudo))));
    answerList(exchange, writePage(total, rows));
  };
}

/** What does not exist and what is of another account answer alike. */
async function locate(deps: FindInutilizacaoDeps, exchange: Exchange): Promise<Inutilizacao> {
  const { empresa = '', codModelo = '', uf = '', ano = '', serie, numero } = exchange.params;
  checkHasInutilizacao(codModelo);
  const found = await deps.inutilizacoes.findCovering({
    ...{ conta: contaOf(exchange), empresa, tpAmb: tpAmbOf(exchange.params), modelo: codModelo },
    ...{ cUF: cUfOf(uf), ano: ano.slice(-2), serie: Number(serie), numero: Number(numero) },
  });
  if (!found) {
    throw new Problem(
      'inutilizacao-desconhecida',
      `Nenhuma inutilização desta conta contém o número ${Number(numero)} da série ${Number(serie)}.`,
    );
  }
  exchange.tag({ inutilizacao: found._id });
  return found;
}

/** 35 of `SP`, `sp` or `35`; what is no UF has no inutilização. */
function cUfOf(uf: string): string {
  const sigla = uf.toUpperCase();
  return isUf(sigla) ? codigoUf(sigla) : uf;
}
