import type { Store } from '@malote/store/connect';
import type { Documento } from '@malote/store/documento';
import Joi from 'joi';
import { unknownEmpresa } from '../accept-document.ts';
import { answerList } from '../conditional.ts';
import { contaOf, type Exchange } from '../exchange.ts';
import { pageQuery, rowsOf, writePage } from '../pages.ts';
import { listedDocumentSchema } from '../present-document.schema.ts';
import { locationOf, presentDocument } from '../present-document.ts';

export interface PendentesDeps {
  findEmpresa(query: { conta: string; documento: string }): Promise<{ _id: string } | undefined>;
  pendentes: Store['pendentes'];
}

export const pendentesQuery = pageQuery.append<{ pagina: number; ambiente?: 'hom' | 'prod' }>({
  ambiente: Joi.string().valid('hom', 'prod').empty('').description('Sem ele, os dois.'),
});

/** A row: the document without its XML, and since when it waits. */
export const pendenteSchema = listedDocumentSchema.append({ pendenteDesde: Joi.string().isoDate().required() });

/** GET of a company's notes that were handed over in contingência and are not authorised yet, in the order of emission. */
export function createListPendentes({ findEmpresa, pendentes }: PendentesDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const conta = contaOf(exchange);
    const { empresa = '' } = exchange.params;
    const { pagina, ambiente } = exchange.query as { pagina: number; ambiente?: 'hom' | 'prod' };
    if (!(await findEmpresa({ conta, documento: empresa }))) throw unknownEmpresa(exchange.params);
    const tpAmb = ambiente === undefined ? {} : ({ tpAmb: ambiente === 'prod' ? '1' : '2' } as const);
    const { total, documentos } = await pendentes({ conta, empresa, ...tpAmb, ...rowsOf(pagina) });
    answerList(exchange, writePage(total, documentos.map(presentPendente)));
  };
}

function presentPendente(documento: Documento): Record<string, unknown> {
  const { conteudo: _conteudo, ...row } = presentDocument(documento, undefined);
  return { ...row, documento: locationOf(documento), pendenteDesde: documento.pendenteDesde?.toISOString() ?? null };
}
