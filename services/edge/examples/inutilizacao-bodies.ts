import { inutilizacaoXmlFromJson } from '@malote/fiscal/inutilizacao/json-inutilizacao';
import { UFS } from '@malote/fiscal/model/uf';
import Joi from 'joi';
import type { BodyForms } from '../routing.ts';

/** A number, or its digits. */
const digits = (max: number) => Joi.alternatives(Joi.number().integer().min(0).max(max), Joi.string()).required();

/** Of the JSON of an inutilização. For the description only: the rules are those of json-inutilizacao.ts. */
export const inutilizacaoJsonSchema = Joi.object({
  uf: Joi.string()
    .valid(...Object.keys(UFS))
    .required()
    .description('UF do emitente.'),
  ano: digits(9999).description('Ano da inutilização, com dois ou quatro dígitos.'),
  serie: digits(999),
  numeroInicial: digits(999_999_999),
  numeroFinal: digits(999_999_999).description('O próprio número inicial, quando é um só; no máximo 10.000 números por pedido.'),
  justificativa: Joi.string().min(15).max(255).required(),
}).meta({ component: 'PedidoInutilizacao' });

/** Of the example: not that of the example note. */
export const INUTILIZACAO_SERIE = '78';

/** A number that the example of emission does not use. @…@ is put in when the description is served. */
const json = {
  ...{ uf: 'SP', ano: '@ano@', serie: INUTILIZACAO_SERIE, numeroInicial: '@numero@', numeroFinal: '@numero@' },
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
