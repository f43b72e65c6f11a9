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
    const documento = found?.documento;
    const own =
      documento?.conta === conta &&
      documento.empresa === params.empresa &&
      documento.modelo === params.codModelo &&
      documento.tpAmb === tpAmbOf(params);
    if (!found || !own) throw new Problem('documento-desconhecido', 'Não há documento com esta identificação nesta conta.');
    exchange.tag({ doc: documento._id, ...(documento.chave ? { chave: documento.chave } : {}) });
    return found;
  };
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
function fullYear(ano: string): number {
  return ano.length === 2 ? 2000 + Number(ano) : Number(ano);
}
