import Joi from 'joi';
import { faultSchema } from './present-document.schema.ts';
import { PROBLEMS } from './problems.ts';

/** What problemBody writes. */
export const problemSchema = Joi.object({
  type: Joi.string().required().description('Endereço da explicação do problema.'),
  title: Joi.string().required().description('O que é o problema, sempre o mesmo texto para o mesmo código.'),
  status: Joi.number().integer().min(400).max(599).required(),
  detail: Joi.string().required().description('O que aconteceu desta vez.'),
  instance: Joi.string().allow('').required().description('Identificador do rastreamento; informe-o ao suporte.'),
  codigo: Joi.string()
    .valid(...Object.keys(PROBLEMS))
    .required()
    .description('Código permanente do problema.'),
  linha: Joi.number().integer().min(1).description('Linha do corpo da requisição.'),
  coluna: Joi.number().integer().min(1).description('Coluna do corpo da requisição.'),
  faults: Joi.array().items(faultSchema).description('Cada coisa errada no documento.'),
  cStat: Joi.string().description('Código da SEFAZ.'),
  xMotivo: Joi.string().allow('').description('Texto da SEFAZ.'),
  contrato: Joi.string().description('O contrato pelo qual o cliente está bloqueado.'),
})
  .description('Problema (RFC 9457).')
  .meta({ component: 'Problem' });

/** The one refusal that is no problem document: the published body over the rate limit. */
export const tooManySchema = Joi.object({
  message: Joi.string().valid('Too Many Requests').required(),
  error: Joi.object({ status_code: Joi.number().valid(429).required(), retry_after: Joi.number().integer().required() }).required(),
})
  .description('Resposta acima do limite de requisições.')
  .meta({ component: 'LimiteExcedido' })
  .example({ message: 'Too Many Requests', error: { status_code: 429, retry_after: 300 } });
