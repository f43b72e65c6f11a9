import { inutilizacaoXmlFromJson } from '@malote/fiscal/inutilizacao/json-inutilizacao';
import { UFS } from '@malote/fiscal/model/uf';
import Joi from 'joi';
import type { BodyForms } from '../routing.ts';

const numero = () => Joi.number().integer().min(1).max(999_999_999).required();

/** Of the JSON of an inutilização. For the description only: the rules are those of json-inutilizacao.ts. */
export const inutilizacaoJsonSchema = Joi.object({
  uf: Joi.string()
    .valid(...Object.keys(UFS))
    .required()
    .description('UF do emitente.'),
  ano: Joi.number().integer().min(0).max(9999).required().description('Ano da inutilização, com dois ou quatro dígitos.'),
  serie: Joi.number().integer().min(0).max(999).required(),
  numeroInicial: numero(),
  numeroFinal: numero().description('O próprio número inicial, quando é um só; no máximo 10.000 números por pedido.'),
  justificativa: Joi.string().min(15).max(255).required(),
}).meta({ component: 'PedidoInutilizacao' });

/** A number that the example of emission does not use. @…@ is put in when the description is served. */
const json = {
  ...{ uf: 'SP', ano: '@ano@', serie: 78, numeroInicial: '@numero@', numeroFinal: '@numero@' },
  justificativa: 'Números pulados por falha do sistema do caixa',
};
const made = inutilizacaoXmlFromJson(json, { emitente: '@empresa@', tpAmb: '2', modelo: '55' });

export const INUTILIZACAO_BODIES: BodyForms['examples'] = {
  faixa: {
    summary: 'Uma faixa de números de uma série',
    json,
    ...(made.ok ? { xml: made.xml.replace(/<ano>[^<]*/, '<ano>@aa@') } : {}),
  },
};
