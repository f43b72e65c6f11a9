import { MODOS, ORIGENS } from '@malote/fiscal/contingencia/politica';
import { MANUAL_MODOS } from '@malote/fiscal/contingencia/situacao';
import { MODELO_CODES } from '@malote/fiscal/model/modelo';
import { UFS } from '@malote/fiscal/model/uf';
import Joi from 'joi';
import { POLITICA_EXAMPLE } from './politicas.ts';

const MODALIDADES = [...new Set(Object.values(MANUAL_MODOS).flat())];
const byModelo = (of: (modelo: string) => Joi.Schema) => Joi.object(Object.fromEntries(MODELO_CODES.map((modelo) => [modelo, of(modelo)])));
const modo = () => Joi.string().valid(...MODOS);
const ordem = () =>
  Joi.array()
    .items(Joi.string().valid(...MODALIDADES))
    .min(1);
const serie = () => Joi.number().integer().min(0).max(969);
const formularios = () => Joi.number().integer().min(1).max(999_999_999);

/** What a policy may say. For the description only: the rules are those of packages/fiscal/contingencia/read-politica.ts. */
export const politicaBodySchema = Joi.object({
  ativo: Joi.boolean().description('`false`: nenhuma contingência, nem por decisão de uma pessoa.'),
  modelos: byModelo((modelo) =>
    Joi.object({
      modo: modo().description('Quem decide entrar: o Malote, só uma pessoa, ou ninguém.'),
      ordem: ordem().description('As modalidades, na ordem em que são tentadas; vale inteira.'),
      ...(modelo === '65'
        ? {
            serieContingencia: serie().description('Só na política de uma empresa: a série que o Malote numera para as notas substitutas.'),
          }
        : {}),
      formulariosFsda: formularios().description('Só na política de uma empresa: quantos formulários de segurança ela tem.'),
    }),
  ).description('Por modelo; o que não vem é herdado.'),
  justificativa: Joi.string().min(15).max(256).description('xJust dos documentos emitidos em contingência.'),
}).meta({ component: 'PoliticaContingencia' });

const valor = (schema: Joi.Schema) =>
  Joi.object({
    valor: schema.required(),
    origem: Joi.string()
      .valid(...ORIGENS)
      .required(),
  });

/** A scope's policy and what holds in it. */
export const politicaSchema = Joi.object({
  escopo: Joi.string().valid('conta', 'uf', 'cnpj').required(),
  uf: Joi.string()
    .valid(...Object.keys(UFS))
    .allow(null)
    .required()
    .description('Da política; na de uma empresa, a UF da qual `efetiva` fala.'),
  propria: politicaBodySchema.allow(null).required().description('O que este escopo diz; nulo, se não diz nada.'),
  atualizadaEm: Joi.string().isoDate().allow(null).required(),
  efetiva: Joi.object({
    ativo: valor(Joi.boolean()).required(),
    justificativa: valor(Joi.string()).required(),
    modelos: byModelo(() =>
      Joi.object({
        modo: valor(modo()).required(),
        ordem: valor(ordem()).required(),
        serieContingencia: valor(serie()).allow(null).required(),
        formulariosFsda: valor(formularios()).allow(null).required(),
      }).required(),
    ).required(),
  })
    .required()
    .description('O que vale, campo a campo, e de onde vem: empresa (cnpj), UF, conta ou Malote (hub).'),
})
  .meta({ component: 'Contingencia' })
  .example(POLITICA_EXAMPLE);
