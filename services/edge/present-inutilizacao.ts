import { buildProcInut } from '@malote/fiscal/inutilizacao/ret-inutilizacao';
import type { Inutilizacao } from '@malote/store/inutilizacao';
import Joi from 'joi';
import { INUTILIZACAO_EXAMPLE } from './examples/inutilizacoes.data.ts';
import { count } from './present-document.schema.ts';
import { ambienteOf } from './present-document.ts';
import { presentRegistro, registroKeys, STATUS_INUTILIZACAO, whereKeys, whereOf } from './present-registro.ts';

/** Where an inutilização is found: by its first number. */
export function inutilizacaoLocation({ empresa, tpAmb, modelo, uf, ano, serie, numeroInicial }: Inutilizacao): string {
  return `/api/empresas/${empresa}/docs/inutilizacoes/${ambienteOf(tpAmb)}/${modelo}/${uf}/${ano}/${serie}/${numeroInicial}`;
}

export function statusOfInutilizacao({ state }: Pick<Inutilizacao, 'state'>): string {
  return STATUS_INUTILIZACAO[state];
}

/** The inutilização object of the contract. */
export function presentInutilizacao(inutilizacao: Inutilizacao, procXml: string | undefined): Record<string, unknown> {
  return {
    ...whereOf(inutilizacao),
    uf: inutilizacao.uf,
    ano: 2000 + Number(inutilizacao.ano),
    serie: inutilizacao.serie,
    numeroInicial: inutilizacao.numeroInicial,
    numeroFinal: inutilizacao.numeroFinal,
    status: statusOfInutilizacao(inutilizacao),
    ...presentRegistro(inutilizacao, procXml),
  };
}

/** The ProcInutNFe of the signed bytes and SEFAZ's answer; undefined while there is none. */
export async function procInutOf(
  inutilizacao: Inutilizacao,
  readConteudo: (ref: string) => Promise<Buffer | undefined>,
): Promise<string | undefined> {
  const { state, conteudo, retorno } = inutilizacao;
  if (!hasProcInut(inutilizacao) || state !== 'registered' || conteudo === undefined) return undefined;
  const signed = await readConteudo(conteudo);
  if (!signed) throw new Error(`content ${conteudo} of ${inutilizacao._id} is missing`);
  return buildProcInut(signed.toString('utf8'), retorno?.retorno ?? '');
}

/** True when SEFAZ has registered it and the hub has its XML. */
export function hasProcInut({ state, conteudo, retorno }: Inutilizacao): boolean {
  return state === 'registered' && conteudo !== undefined && retorno?.retorno !== undefined;
}

const keys = {
  ...whereKeys,
  uf: Joi.string().length(2).required(),
  ano: count().required().description('Ano da inutilização, com quatro dígitos.'),
  serie: count().max(999).required(),
  numeroInicial: count().max(999_999_999).required(),
  numeroFinal: count().max(999_999_999).required(),
  status: Joi.string()
    .valid(...new Set(Object.values(STATUS_INUTILIZACAO)))
    .required(),
  ...registroKeys('ProcInutNFe'),
};

/** What presentInutilizacao shows. */
export const inutilizacaoSchema = Joi.object(keys).meta({ component: 'Inutilizacao' }).example(INUTILIZACAO_EXAMPLE);
