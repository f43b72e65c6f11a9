import { type EmpresasDeps, findEmpresa, putEmpresa } from '@malote/administration/empresas';
import { Refused } from '@malote/administration/refused';
import { type RegisterEntityDeps, registerEntityBy } from '@malote/administration/register-entity';
import type { AnyEnvelope } from '@malote/messages/envelope';
import { answeredUnchanged, answerList } from './conditional.ts';
import { contaOf, type Exchange, quemOf } from './exchange.ts';
import { jsonBodyOf } from './json-body.ts';
import { rowsOf, writePage } from './pages.ts';
import { empresaLocation, presentEmpresa } from './present-empresa.ts';
import { Problem } from './problems.ts';

export interface PutEmpresaDeps {
  store: EmpresasDeps['store'] & RegisterEntityDeps['store'];
  publish(message: AnyEnvelope): Promise<unknown>;
}

type Handler = (exchange: Exchange) => Promise<void>;

/** GET of an account's companies. */
export function createListEmpresas({ store }: EmpresasDeps): Handler {
  return async (exchange) => {
    const { total, empresas } = await store.empresas.list({ conta: contaOf(exchange), ...rowsOf(exchange.query.pagina as number) });
    answerList(exchange, writePage(total, empresas.map(presentEmpresa)));
  };
}

/** GET of one. */
export function createShowEmpresa({ store }: EmpresasDeps): Handler {
  return async (exchange) => {
    const empresa = await findEmpresa({ store }, { conta: contaOf(exchange), documento: exchange.params.empresa ?? '' });
    if (answeredUnchanged(exchange, empresa, 'json')) return;
    exchange.res.json(presentEmpresa(empresa));
  };
}

/** PUT of one: created or replaced. */
export function createPutEmpresa({ store, publish }: PutEmpresaDeps): Handler {
  return async (exchange) => {
    const { empresa: documento = '' } = exchange.params;
    const where = { conta: contaOf(exchange), documento };
    const registerEntity = registerEntityBy({ store, publish, traceparent: exchange.trace.traceparent });
    const { empresa, created } = await putEmpresa({ store, registerEntity }, quemOf(exchange), where, jsonBodyOf(exchange)).catch(
      (error: unknown) => {
        if (error instanceof Refused && error.codigo === 'empresa-de-outra-conta') throw notYours(documento);
        throw error;
      },
    );
    exchange.res
      .status(created ? 201 : 200)
      .set('Location', empresaLocation(empresa))
      .json(presentEmpresa(empresa));
  };
}

/** As for every company that is not the account's; who asks is not told whose it is. */
function notYours(documento: string): Problem {
  const detail = `A empresa ${documento} não pode ser cadastrada nesta conta; se ela é sua, fale com quem opera este Malote.`;
  return new Problem('empresa-desconhecida', detail);
}
