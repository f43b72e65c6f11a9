import type { Documento } from '@malote/store/documento';
import type { Documentos } from '@malote/store/documentos';
import { answerXml } from './answer-xml.ts';
import { answeredUnchanged } from './conditional.ts';
import { contaOf, type Exchange } from './exchange.ts';
import { hasXml, ledgerOf, presentDocument, statusOf, tpAmbOf, xmlOf } from './present-document.ts';
import { Problem } from './problems.ts';
import type { Params } from './routing.ts';

export type FindDeps = Pick<Documentos, 'findByNumero' | 'findByChave'> & { readConteudo(ref: string): Promise<Buffer | undefined> };

export type Locate = (exchange: Exchange) => Promise<Documento>;

/** Which document of the path's company and ambiente is meant. */
export type DocumentRef = { chave: string } | { ano: number; serie: number; numero: number };

/** What a path says of its document: the key, or year, série and number. */
export function refOf({ chaveAcesso, ano = '', serie, numero }: Params): DocumentRef {
  return chaveAcesso ? { chave: chaveAcesso } : { ano: fullYear(ano), serie: Number(serie), numero: Number(numero) };
}

/**
 * The document of a path by number or by key. One that does not exist and one of another account, company, model or environment answer
 * alike (404): existence is not revealed.
 */
export function createLocate(deps: Pick<FindDeps, 'findByNumero' | 'findByChave'>): Locate {
  return (exchange) => {
    const { params } = exchange;
    return locateOwn(deps, exchange, { modelo: params.codModelo ?? '', ...refOf(params) });
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
  const isOwn = documento?.conta === conta && documento.empresa === empresa && documento.modelo === modelo && documento.tpAmb === tpAmb;
  if (!documento || !isOwn) throw new Problem('documento-desconhecido', 'Não há documento com esta identificação nesta conta.');
  exchange.tag({ doc: documento._id, ...(documento.chave ? { chave: documento.chave } : {}) });
  return documento;
}

/** GET of a document. */
export function createShowDocument({ readConteudo }: FindDeps, locate: Locate): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const documento = await locate(exchange);
    if (answeredUnchanged(exchange, documento, 'json')) return;
    exchange.res.json(presentDocument(documento, await xmlOf(documento, readConteudo)));
  };
}

/** GET of the proc XML: signed bytes and protocolo as they were signed and received; of a note handed over in contingência the signed bytes. */
export function createShowXml({ readConteudo }: FindDeps, locate: Locate): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const documento = await locate(exchange);
    await answerXml(exchange, documento, {
      unavailable: hasXml(documento) ? undefined : `O documento não tem XML processado: o status é "${statusOf(documento)}".`,
      compose: () => xmlOf(documento, readConteudo),
    });
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
