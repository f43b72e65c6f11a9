import Joi from 'joi';
import { recoveringSchema } from '../present-document.schema.ts';
import { BREAKER_STATES, PROCESS_STATES, QUEUE_KINDS } from './present-situation.ts';

const instant = () => Joi.string().isoDate().required();
const count = () => Joi.number().integer().min(0).required();
const text = () => Joi.string().allow('').required();
const known = (words: Record<string, string>) =>
  Joi.string()
    .valid(...Object.values(words))
    .required();

const serverKeys = { ok: Joi.boolean().required(), motivo: text().allow(null) };

const processSchema = Joi.object({
  servico: text(),
  id: text(),
  maquina: text(),
  pid: count(),
  versao: text(),
  desde: instant(),
  estado: known(PROCESS_STATES),
  semSinalMs: count(),
  falhas: Joi.object().pattern(Joi.string(), Joi.string().allow('')).required().description('Verificações que falham, pelo nome.'),
  rabbitmq: Joi.object({
    publicando: Joi.boolean().required(),
    emTrabalho: Joi.object().pattern(Joi.string(), count()).required().description('Mensagens em trabalho, por fila.'),
  })
    .allow(null)
    .required(),
});

const queueSchema = Joi.object({
  fila: text(),
  tipo: known(QUEUE_KINDS),
  esperando: count().allow(null),
  emTrabalho: count().allow(null),
  consumidores: count().allow(null),
  problema: text().allow(null),
});

const restSchema = Joi.object({ empresa: text(), autorizador: text(), ate: instant(), motivo: text() });
const pageOf = (rows: Joi.Schema) => Joi.object({ totalElementos: count(), registros: Joi.array().items(rows).required() });

/** What presentSituation answers. */
export const situationSchema = Joi.object({
  geradaEm: instant(),
  versao: text(),
  emOrdem: Joi.boolean().required(),
  atencao: Joi.array().items(Joi.string()).required().description('O que precisa de uma pessoa, em palavras.'),
  servidores: Joi.object({
    mongodb: Joi.object(serverKeys).required(),
    rabbitmq: Joi.object({ ...serverKeys, recusaMensagens: text().allow(null) }).required(),
    redis: Joi.object(serverKeys).required(),
  }).required(),
  processos: Joi.array().items(processSchema).required(),
  filas: Joi.array().items(queueSchema).allow(null).required(),
  documentos: Joi.object({
    emAndamento: Joi.object().pattern(Joi.string(), count()).required().description('Documentos sem situação final, por estado.'),
    emRecuperacao: pageOf(recoveringSchema.keys({ conta: text() })).required(),
    idadeDaSaidaS: Joi.number().min(0).required(),
    atrasoS: Joi.number().min(0).required(),
  })
    .allow(null)
    .required(),
  descansos: pageOf(restSchema).allow(null).required(),
  circuitos: Joi.array()
    .items(
      Joi.object({
        autorizador: text(),
        servico: text(),
        ambiente: Joi.string().valid('hom', 'prod').required(),
        estado: known(BREAKER_STATES),
        desde: instant(),
        processos: count(),
      }),
    )
    .allow(null)
    .required(),
  erros: Joi.array()
    .items(
      Joi.object({
        hora: instant(),
        nivel: Joi.string().valid('error', 'fatal').required(),
        servico: text(),
        maquina: text(),
        pid: count(),
        mensagem: text(),
        motivo: text().allow(null),
        documento: text().allow(null),
        trace: text().allow(null),
      }),
    )
    .required(),
}).meta({ component: 'Situacao' });
