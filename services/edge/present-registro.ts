import type { RegistroState } from '@malote/fiscal/registro/registro-state';
import { isFinal } from '@malote/fiscal/registro/registro-state';
import type { Registro } from '@malote/store/registro';
import Joi from 'joi';
import { anchored, avisosSchema, count, cStatSchema, faultSchema } from './present-document.schema.ts';
import { ambienteOf } from './present-document.ts';

const STATUS: Record<RegistroState, string> = {
  received: 'Em processamento',
  signed: 'Em processamento',
  uncertain: 'Em recuperação',
  registered: 'Registrado',
  rejected: 'Rejeitado',
  invalid: 'Arquivo inválido',
  conflict: 'Conflito',
};

/** The words of the contract for each state of an event. */
export const STATUS_EVENTO = STATUS;
/** And of an inutilização. */
export const STATUS_INUTILIZACAO: Record<RegistroState, string> = { ...STATUS, registered: 'Inutilizada', rejected: 'Rejeitada' };

/** True when nobody works on it any more: it is final, and what a registration changes elsewhere is changed. */
export function isSettledRegistro({ state, nextAt }: Pick<Registro, 'state' | 'nextAt'>): boolean {
  return isFinal(state) && nextAt === undefined;
}

/** What the objects of events and inutilizações say alike. What is not known yet is null. */
export function presentRegistro(registro: Registro, procXml: string | undefined): Record<string, unknown> {
  const { retorno } = registro;
  const earlier = registro.rodadas.reduce((sum, { attempts }) => sum + attempts.length, 0);
  return {
    codigoStatus: retorno?.cStat ?? null,
    motivo: retorno?.xMotivo ?? null,
    protocolo: retorno?.nProt ?? null,
    dataRegistro: retorno?.dhRegistro ?? null,
    avisos: registro.avisos.map(({ codigo, mensagem }) => ({ cMsg: codigo, xMsg: mensagem })),
    faults: registro.faults,
    tentativas: earlier + registro.attempts.length,
    conteudo: procXml ?? null,
  };
}

/** Whose it is, as every object says it. */
export function whereOf({ tpAmb, empresa, modelo }: Pick<Registro, 'tpAmb' | 'empresa' | 'modelo'>): Record<string, unknown> {
  return { ambiente: ambienteOf(tpAmb), empresa, codModelo: modelo };
}

/** The fields of presentRegistro. `proc` names the XML. */
export const registroKeys = (proc: string) => ({
  codigoStatus: cStatSchema().allow(null).required(),
  motivo: Joi.string().allow(null, '').required().description('xMotivo da SEFAZ.'),
  protocolo: Joi.string().allow(null).required().description('nProt do registro.'),
  dataRegistro: Joi.string().allow(null).required().description('Data e hora do registro, como a SEFAZ as disse.'),
  avisos: avisosSchema.required(),
  faults: Joi.array().items(faultSchema).required().description('O que o esquema ou as regras recusaram.'),
  tentativas: count().required().description('Chamadas feitas à SEFAZ.'),
  conteudo: Joi.string().allow(null).required().description(`O ${proc}, como texto; nulo até haver registro.`),
});

/** The fields of whereOf. */
export const whereKeys = {
  ambiente: Joi.string().valid('hom', 'prod').required(),
  empresa: Joi.string().pattern(anchored('empresa')).required().description('CNPJ ou CPF da empresa.'),
  codModelo: Joi.string().valid('55', '65', '57', '67', '58').required(),
};
