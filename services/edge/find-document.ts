import type { Documento } from '@malote/store/documento';
import type { ComConteudo, Finders } from '@malote/store/find-documento';
import { answeredUnchanged } from './conditional.ts';
import { contaOf, type Exchange } from './exchange.ts';
import { composeProc, hasProc, ledgerOf, presentDocument, procXmlOf, statusOf, tpAmbOf } from './present-document.ts';
import { Problem } from './problems.ts';
import type { Params } from './routing.ts';

export type FindDeps = Finders & { readConteudo(ref: string): Promise<Buffer | undefined> };

/** The document that a path names, with the means to read its `conteudo`. */
export interface Located {
  documento: Documento;
  readConteudo: FindDeps['readConteudo'];
}

/** `withBytes`: the answer is going to show the content, so it is read in the same round trip. */
export type Locate = (exchange: Exchange, options?: { withBytes: boolean }) => Promise<Located>;

/** Which document of the path's company and ambiente is meant. */
export type DocumentRef = { chave: string } | { ano: number; serie: number; numero: number };

/**
 * The document of a path by number or by key. One that does not exist and one of another account, company, model or environment answer
 * alike (404): existence is not revealed.
 */
export function createLocate(deps: FindDeps): Locate {
  const find = async (conta: string, params: Params, withBytes: boolean): Promise<Located | undefined> => {
    const { empresa = '', codModelo = '', chaveAcesso } = params;
    const tpAmb = tpAmbOf(params);
    if (chaveAcesso) {
      const where = { conta, chave: chaveAcesso, tpAmb };
      return withBytes ? readTogether(await deps.readByChave(where)) : readApart(await deps.findByChave(where));
    }
    const ano = fullYear(params.ano ?? '');
    const where = { conta, emitente: empresa, tpAmb, modelo: codModelo, ano, serie: Number(params.serie), numero: Number(params.numero) };
    return withBytes ? readTogether(await deps.readByNumero(where)) : readApart(await deps.findByNumero(where));
  };
  const readTogether = (found: ComConteudo | undefined): Located | undefined =>
    found && { documento: found.documento, readConteudo: found.conteudo };
  const readApart = (documento: Documento | undefined): Located | undefined => documento && { documento, readConteudo: deps.readConteudo };

  return async (exchange, { withBytes } = { withBytes: false }) => {
    const { params, req } = exchange;
    const conta = contaOf(exchange);
    // Who has a version already will mostly hear that it is the current one.
    const found = await find(conta, params, withBytes && req.get('if-none-match') === undefined);
    const documento = own(exchange, found?.documento, params.codModelo);
    return { readConteudo: deps.readConteudo, ...found, documento };
  };
}

/** The document of a path that has only its key. */
export function locateByChave(deps: Pick<FindDeps, 'findByChave'>, exchange: Exchange): Promise<Documento> {
  const { chaveAcesso: chave = '' } = exchange.params;
  return locateOwn({ ...deps, findByNumero: async () => undefined }, exchange, { chave, modelo: chave.slice(20, 22) });
}

/** The document that is meant, if the account of the call emitted it as the company of the path. @throws Problem 404 else */
export async function locateOwn(
  deps: Pick<FindDeps, 'findByNumero' | 'findByChave'>,
  exchange: Exchange,
  { modelo, ...ref }: DocumentRef & { modelo: string },
): Promise<Documento> {
  const conta = contaOf(exchange);
  const { empresa = '' } = exchange.params;
  const tpAmb = tpAmbOf(exchange.params);
  const documento =
    'chave' in ref
      ? await deps.findByChave({ conta, chave: ref.chave, tpAmb })
      : await deps.findByNumero({ conta, emitente: empresa, tpAmb, modelo, ...ref });
  return own(exchange, documento, modelo);
}

/** The document that was found, if it is of the account of the call and of the company and ambiente of the path. @throws Problem 404 else */
function own(exchange: Exchange, documento: Documento | undefined, modelo: string | undefined): Documento {
  const { empresa } = exchange.params;
  const isOwn =
    documento?.conta === contaOf(exchange) &&
    documento.empresa === empresa &&
    documento.modelo === modelo &&
    documento.tpAmb === tpAmbOf(exchange.params);
  if (!documento || !isOwn) throw new Problem('documento-desconhecido', 'Não há documento com esta identificação nesta conta.');
  exchange.tag({ doc: documento._id, ...(documento.chave ? { chave: documento.chave } : {}) });
  return documento;
}

/** GET of a document. */
export function createShowDocument(locate: Locate): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const { documento, readConteudo } = await locate(exchange, { withBytes: true });
    if (answeredUnchanged(exchange, documento, 'json')) return;
    exchange.res.json(presentDocument(documento, await procXmlOf(documento, readConteudo)));
  };
}

/** GET of the proc XML: signed bytes and protocolo as they were signed and received. */
export function createShowXml(locate: Locate): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const { documento, readConteudo } = await locate(exchange, { withBytes: true });
    if (!hasProc(documento)) {
      throw new Problem('xml-indisponivel', `O documento não tem XML processado: o status é "${statusOf(documento)}".`, {
        ...(documento.retorno ? { cStat: documento.retorno.cStat, xMotivo: documento.retorno.xMotivo } : {}),
      });
    }
    if (answeredUnchanged(exchange, documento, 'xml')) return;
    const xml = await composeProc(documento, readConteudo);
    exchange.res.set('Content-Type', 'application/xml; charset=utf-8').send(Buffer.from(xml, 'utf8'));
  };
}

/** GET of the attempt ledger: every call made for the document, oldest first. */
export function createShowAttempts(locate: Locate): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const { documento } = await locate(exchange);
    if (answeredUnchanged(exchange, documento, 'tentativas')) return;
    exchange.res.json({
      chaveAcesso: documento.chave ?? null,
      status: statusOf(documento),
      tentativas: ledgerOf(documento),
    });
  };
}

/** 2026 of `2026` or `26`: both forms are accepted in both families of paths. */
export function fullYear(ano: string): number {
  return ano.length === 2 ? 2000 + Number(ano) : Number(ano);
}
