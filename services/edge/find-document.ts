import type { Documento } from '@malote/store/documento';
import type { Documentos } from '@malote/store/documentos';
import { answeredUnchanged } from './conditional.ts';
import { contaOf, type Exchange } from './exchange.ts';
import { composeProc, hasProc, ledgerOf, presentDocument, procXmlOf, statusOf, tpAmbOf } from './present-document.ts';
import { Problem } from './problems.ts';

export type FindDeps = Pick<Documentos, 'findByNumero' | 'findByChave'> & { readConteudo(ref: string): Promise<Buffer | undefined> };

export type Locate = (exchange: Exchange) => Promise<Documento>;

/**
 * The document of a path by number or by key. One that does not exist and one of another account, company, model or environment answer
 * alike (404): existence is not revealed.
 */
export function createLocate(deps: FindDeps): Locate {
  return async (exchange) => {
    const { params } = exchange;
    const conta = contaOf(exchange);
    const { empresa = '', codModelo = '', chaveAcesso } = params;
    const tpAmb = tpAmbOf(params);
    const documento = chaveAcesso
      ? await deps.findByChave({ conta, chave: chaveAcesso, tpAmb })
      : await deps.findByNumero({
          conta,
          emitente: empresa,
          tpAmb,
          modelo: codModelo,
          ano: fullYear(params.ano ?? ''),
          serie: Number(params.serie),
          numero: Number(params.numero),
        });
    const own = documento?.conta === conta && documento.empresa === empresa && documento.modelo === codModelo && documento.tpAmb === tpAmb;
    if (!documento || !own) throw new Problem('documento-desconhecido', 'Não há documento com esta identificação nesta conta.');
    exchange.tag({ doc: documento._id, ...(documento.chave ? { chave: documento.chave } : {}) });
    return documento;
  };
}

/** GET of a document. */
export function createShowDocument(deps: FindDeps, locate: Locate): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const documento = await locate(exchange);
    if (answeredUnchanged(exchange, documento, 'json')) return;
    exchange.res.json(presentDocument(documento, await procXmlOf(documento, deps.readConteudo)));
  };
}

/** GET of the proc XML: signed bytes and protocolo as they were signed and received. */
export function createShowXml(deps: FindDeps, locate: Locate): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const documento = await locate(exchange);
    if (!hasProc(documento)) {
      throw new Problem('xml-indisponivel', `O documento não tem XML processado: o status é "${statusOf(documento)}".`, {
        ...(documento.retorno ? { cStat: documento.retorno.cStat, xMotivo: documento.retorno.xMotivo } : {}),
      });
    }
    if (answeredUnchanged(exchange, documento, 'xml')) return;
    const xml = await composeProc(documento, deps.readConteudo);
    exchange.res.set('Content-Type', 'application/xml; charset=utf-8').send(Buffer.from(xml, 'utf8'));
  };
}

/** GET of the attempt ledger: every call made for the document, oldest first. */
export function createShowAttempts(locate: Locate): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const documento = await locate(exchange);
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
