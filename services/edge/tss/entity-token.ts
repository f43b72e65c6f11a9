import type { Auditoria } from '@malote/store/auditoria';
import type { Entidade, Entidades } from '@malote/store/entidades';
import { bodyOf, contaOf, type Exchange, quemOf } from '../exchange.ts';
import { type AskWorkerDeps, askWorker } from './ask-worker.ts';
import { readEmpresa } from './read-empresa.ts';
import { readTssJson } from './tss-json.ts';

export interface TokenDeps extends AskWorkerDeps {
  entidades: Pick<Entidades, 'findByKey' | 'findById' | 'openToken'>;
  auditoria: Pick<Auditoria, 'append'>;
}

const UNKNOWN = 'Entidade nao encontrada.';

/** POST RestGetToken: the TOKEN of a company's entity, of several the first that has one. */
export function createGetToken(deps: TokenDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const found = await findEntities(deps, exchange);
    if (!found) return;
    const entidade = found.find(({ token }) => token) ?? found[0];
    if (!entidade) return refuse(exchange, 404, UNKNOWN);
    const token = deps.entidades.openToken(entidade);
    if (token === undefined) {
      return refuse(exchange, 404, `A entidade ${entidade.entidade} ainda não tem TOKEN: ele nasce na primeira liberação (Parametro 2).`);
    }
    await audit(deps, exchange, 'entidade.ver-token', entidade);
    exchange.res.json({ Token: token });
  };
}

/** POST RestNewToken: a new TOKEN in place of the one that RestGetToken answers; the old one is worth nothing from then on. */
export function createNewToken(deps: TokenDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const found = await findEntities(deps, exchange);
    if (!found) return;
    const entidade = found.find(({ token }) => token) ?? found[0];
    if (!entidade) return refuse(exchange, 404, UNKNOWN);
    const pedido = await askWorker(deps, exchange, { kind: 'token', entidade: entidade._id });
    await audit(deps, exchange, 'entidade.renovar-token', entidade);
    if (pedido.recusa) return refuse(exchange, 400, pedido.recusa.message);
    if (pedido.state !== 'done') {
      return refuse(exchange, 202, 'Requisição recebida e ainda em processamento; em instantes RestGetToken responde o TOKEN novo.');
    }
    const renewed = await deps.entidades.findById({ conta: contaOf(exchange), id: entidade._id });
    const token = renewed && deps.entidades.openToken(renewed);
    if (token === undefined) throw new Error(`entity ${entidade._id} has no token after its renewal`);
    exchange.res.json({ Token: token });
  };
}

/** The entities a request names, by Entidade; undefined when it was answered with what is wrong with it. */
async function findEntities({ entidades }: TokenDeps, exchange: Exchange): Promise<Entidade[] | undefined> {
  const json = readTssJson(bodyOf(exchange).bytes);
  const read = json.ok ? readEmpresa(json.value) : json;
  if (!read.ok) {
    refuse(exchange, 400, read.error);
    return undefined;
  }
  const { documento, uf, ie } = read.pessoa;
  return entidades.findByKey({ conta: contaOf(exchange), documento, uf, ie });
}

async function audit({ auditoria }: TokenDeps, exchange: Exchange, acao: string, { documento, entidade }: Entidade): Promise<void> {
  const fato = { conta: contaOf(exchange), quem: quemOf(exchange), acao, empresa: documento, alvo: entidade };
  await auditoria.append({ ...fato, resultado: 'ok' });
}

function refuse({ res }: Exchange, status: number, error: string): void {
  res.status(status).json({ Token: '', error });
}
