import type { Attempt, DocumentState } from '@malote/fiscal/emission/lifecycle-state';
import { buildProc } from '@malote/fiscal/emission/proc';
import type { Documento } from '@malote/store/documento';
import { isHandedOver, prazoAviso, presentContingencia } from './contingencia/present-contingencia.ts';
import type { Params } from './routing.ts';

/** The words of the contract for each state. */
export const STATUS: Record<DocumentState, string> = {
  received: 'Em processamento',
  signed: 'Em processamento',
  issued: 'Emitida em contingência',
  uncertain: 'Em recuperação',
  authorized: 'Autorizada',
  rejected: 'Rejeitada',
  denied: 'Denegada',
  cancelled: 'Cancelada',
  invalid: 'Arquivo inválido',
  conflict: 'Conflito',
};

/** `status` of a document as ERPs read it. */
export function statusOf(documento: Pick<Documento, 'state'>): string {
  return STATUS[documento.state];
}

/** Every status literal of the contract and the states behind it; some of them no document can be in yet. */
export const STATES_OF: Record<string, readonly DocumentState[]> = {
  ...Object.groupBy(Object.keys(STATUS) as DocumentState[], (state) => STATUS[state]),
  Encerrada: [],
} as Record<string, readonly DocumentState[]>;

/** `hom` or `prod`, as in the paths. */
export function ambienteOf(tpAmb: '1' | '2'): 'hom' | 'prod' {
  return tpAmb === '1' ? 'prod' : 'hom';
}

/** tpAmb of an `{ambiente}` of the paths. */
export function tpAmbOf({ ambiente }: Params): '1' | '2' {
  return ambiente === 'prod' ? '1' : '2';
}

/** Where a document is found by its number. */
export function locationOf(documento: Pick<Documento, 'empresa' | 'tpAmb' | 'modelo' | 'ano' | 'serie' | 'numero'>): string {
  const { empresa, tpAmb, modelo, ano, serie, numero } = documento;
  return `/api/empresas/${empresa}/docs/${ambienteOf(tpAmb)}/${modelo}/${ano}/${serie}/${numero}`;
}

/** Where the events of a document are listed. */
export function eventosLocation({ empresa, tpAmb, chave }: { empresa: string; tpAmb: '1' | '2'; chave: string }): string {
  return `/api/empresas/${empresa}/docs/${ambienteOf(tpAmb)}/${chave}/eventos`;
}

/**
 * The document object of the contract. What is not known yet is null. `conteudo` is the proc XML, once SEFAZ has answered with a protocolo, or
 * the signed one of a note that was handed over in contingência; `tentativas` is the number of calls made for it, its ledger is a route of its own.
 */
export function presentDocument(documento: Documento, xml: string | undefined): Record<string, unknown> {
  const { retorno, chave, cancelamento } = documento;
  // What SEFAZ said last: of a cancelled document that is its event, while protocolo and dataAutorizacao stay those of the authorisation.
  const said = cancelamento ?? retorno;
  return {
    ambiente: ambienteOf(documento.tpAmb),
    empresa: documento.empresa,
    codModelo: documento.modelo,
    ano: documento.ano,
    serie: documento.serie,
    numero: documento.numero,
    chaveAcesso: documento.chave ?? null,
    ...(documento.chaveInformada && documento.chaveInformada !== documento.chave ? { chaveInformada: documento.chaveInformada } : {}),
    status: statusOf(documento),
    codigoStatus: said?.cStat ?? null,
    motivo: said?.xMotivo ?? null,
    protocolo: retorno?.nProt ?? null,
    dataEmissao: documento.dhEmi,
    dataAutorizacao: retorno?.nProt ? (retorno.dhRecbto ?? null) : null,
    tipoEmissao: documento.tpEmis ?? null,
    avisos: [...documento.avisos.map(({ codigo, mensagem }) => ({ cMsg: codigo, xMsg: mensagem })), ...prazoAviso(documento)],
    faults: documento.faults,
    ...(documento.conflito ? { conflito: { chaveAcesso: documento.conflito.chave, protocolo: documento.conflito.nProt ?? null } } : {}),
    ...(chave && hasProc(documento) ? { eventos: eventosLocation({ ...documento, chave }) } : {}),
    ...presentContingencia(documento),
    tentativas: ledgerOf(documento).length,
    conteudo: xml ?? null,
  };
}

/**
 * The ledger of a document, oldest first: what was asked of whom, when, and what came back. `rodada` counts the contents the number was
 * posted with (from 1), `tentativa` the calls made for the number. Instants in UTC, `duracaoMs` in milliseconds.
 */
export function ledgerOf(documento: Pick<Documento, 'attempts' | 'rodadas'>): Record<string, unknown>[] {
  const rounds = [...documento.rodadas.map((rodada) => rodada.attempts), documento.attempts];
  return rounds.flatMap((attempts, index) => attempts.map((attempt) => ({ rodada: index + 1, ...presentAttempt(attempt) })));
}

function presentAttempt(attempt: Attempt): Record<string, unknown> {
  return {
    tentativa: attempt.n,
    tipo: attempt.kind === 'authorize' ? 'autorizacao' : 'consulta',
    autorizador: attempt.autorizador,
    servico: attempt.service,
    enviadaEm: attempt.sentAt.toISOString(),
    encerradaEm: attempt.endedAt?.toISOString() ?? null,
    resultado: RESULT[attempt.result],
    codigoStatus: attempt.cStat ?? null,
    motivo: attempt.xMotivo ?? attempt.reason ?? null,
    digest: attempt.digest ?? null,
    duracaoMs: attempt.durationMs ?? null,
    trace: attempt.trace,
  };
}

/** What became of a call, in words. */
export const RESULT: Record<Attempt['result'], string> = {
  open: 'em aberto',
  answered: 'respondida',
  'not-sent': 'não enviada',
  unknown: 'sem resposta',
  permanent: 'recusada no transporte',
};

/** A document with an answer of SEFAZ that makes a proc XML (authorised, denied, and what was cancelled later). */
export type WithProc = Documento & { conteudo: string; retorno: { protocolo: string } };

const PROC_STATES: ReadonlySet<DocumentState> = new Set<DocumentState>(['authorized', 'denied', 'cancelled']);

export function hasProc(documento: Documento): documento is WithProc {
  return documento.conteudo !== undefined && documento.retorno?.protocolo !== undefined && PROC_STATES.has(documento.state);
}

type ReadConteudo = (ref: string) => Promise<Buffer | undefined>;

/** The proc XML from the bytes that were signed and the protocolo as it was received. */
export async function composeProc(documento: WithProc, readConteudo: ReadConteudo): Promise<string> {
  return buildProc(await signedXmlOf(documento, readConteudo), documento.retorno.protocolo);
}

/** The XML that may be given out: the proc, or of a note handed over in contingência what was signed; undefined while there is none. */
export async function xmlOf(documento: Documento, readConteudo: ReadConteudo): Promise<string | undefined> {
  if (hasProc(documento)) return composeProc(documento, readConteudo);
  return isHandedOver(documento) ? signedXmlOf(documento, readConteudo) : undefined;
}

/** True when there is one. */
export function hasXml(documento: Documento): boolean {
  return hasProc(documento) || isHandedOver(documento);
}

async function signedXmlOf({ _id, conteudo }: { _id: string; conteudo: string }, readConteudo: ReadConteudo): Promise<string> {
  const signed = await readConteudo(conteudo);
  if (!signed) throw new Error(`content ${conteudo} of ${_id} is missing`);
  return signed.toString('utf8');
}
