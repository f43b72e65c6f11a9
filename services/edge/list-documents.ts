import type { Documento } from '@malote/store/documento';
import type { Listing } from '@malote/store/listing';
import { unknownEmpresa } from './accept-document.ts';
import { answerList } from './conditional.ts';
import { contaOf, type Exchange } from './exchange.ts';
import type { DocumentsQuery } from './list-documents.query.ts';
import { rowsOf, writePage } from './pages.ts';
import { locationOf, presentDocument, tpAmbOf } from './present-document.ts';

export interface ListDeps {
  findEmpresa(query: { conta: string; documento: string }): Promise<{ _id: string } | undefined>;
  listDocuments: Listing['page'];
}

/** GET of the documents of a company, ambiente and model, in the order of arrival. */
export function createListDocuments({ findEmpresa, listDocuments }: ListDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const { params } = exchange;
    const { empresa = '', codModelo = '' } = params;
    const conta = contaOf(exchange);
    const { pagina, status, de, ate, serie } = exchange.query as unknown as DocumentsQuery;
    if (!(await findEmpresa({ conta, documento: empresa }))) throw unknownEmpresa(params);
    const query = { conta, empresa, tpAmb: tpAmbOf(params), modelo: codModelo, states: status, de, ate, serie } as const;
    const { total, documentos } = await listDocuments(query, rowsOf(pagina));
    answerList(exchange, writePage(total, documentos.map(presentRow)));
  };
}

/** The document object without its XML, which a list does not read: leaving `conteudo` out says so, null would say that there is none. */
function presentRow(documento: Documento): Record<string, unknown> {
  const { conteudo: _conteudo, ...row } = presentDocument(documento, undefined);
  return { ...row, documento: locationOf(documento) };
}
