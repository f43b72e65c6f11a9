import { MAX_MINUTOS, MODELOS_COM_MODO } from '@malote/administration/contingencia';
import { UFS } from '@malote/fiscal/model/uf';
import Joi from 'joi';
import { pageSchema } from '../pages.ts';
import { identityKeys } from '../present-document.schema.ts';
import { DRILL_EXAMPLE, REPORT_EXAMPLE, SITUACAO_EXAMPLE } from './contingencia.data.ts';
import { RESULTADOS } from './present-simulacao.ts';

const instant = () => Joi.string().isoDate();
const modelo = () =>
  Joi.string()
    .valid(...MODELOS_COM_MODO)
    .required();
const uf = () =>
  Joi.string()
    .valid(...Object.keys(UFS))
    .required();
const ambiente = () => Joi.string().valid('hom', 'prod').required();
const modo = () => Joi.string().valid('NORMAL', 'SVC', 'EPEC', 'OFFLINE', 'FSDA');
const count = () => Joi.number().integer().min(0).required();
const justificativa = () => Joi.string().min(15).max(256);

/** For the description only: the rules are those of packages/administration/contingencia.ts. */
export const ordemBodySchema = Joi.object({
  ...{ modelo: modelo(), uf: uf(), ambiente: ambiente() },
  modo: Joi.string()
    .valid('NORMAL', 'SVC', 'EPEC', 'OFFLINE', 'FSDA', 'AUTOMATICO')
    .required()
    .description('65: `OFFLINE`, e `EPEC` só em SP; 55: todos (`OFFLINE` só em notas com tpImp 6). `AUTOMATICO` retira a ordem anterior.'),
  justificativa: justificativa().description('xJust das notas enquanto a ordem vale; sem ela, a da política.'),
}).meta({ component: 'OrdemContingencia' });

export const simulacaoBodySchema = Joi.object({
  ...{ modelo: modelo(), uf: uf() },
  minutos: Joi.number().integer().min(0).max(MAX_MINUTOS).required().description('Acaba sozinha depois deles; 0 a encerra.'),
}).meta({ component: 'PedidoSimulacao' });

const status = () =>
  Joi.object({
    resposta: Joi.string().required().description('cStat; `sem-resposta`: nada legível veio.'),
    em: instant().required(),
    seguidas: count().description('Quantas seguidas foram boas, ou não.'),
  })
    .allow(null)
    .required();

const historico = () =>
  Joi.array()
    .items(
      Joi.object({
        ...{ em: instant().required(), de: modo().required(), para: modo().required() },
        ...{ motivo: Joi.string().required(), quem: Joi.string().required() },
        observado: Joi.object({
          ...{ falhas: count(), documentos: count() },
          ...Object.fromEntries(['normal', 'svc', 'epec'].map((name) => [name, Joi.string().allow(null).required()])),
        })
          .allow(null)
          .required()
          .description('O que levou à troca.'),
      }),
    )
    .required()
    .description('As últimas 20 trocas, da mais nova à mais antiga.');

const drillKeys = {
  id: Joi.string().required(),
  ...{ modelo: modelo(), uf: uf(), ambiente: Joi.string().valid('hom').required() },
  ...{ desde: instant().allow(null).required(), ate: instant().allow(null).required(), emCurso: Joi.boolean().required() },
  modo: modo().allow(null).required().description('Como as notas são emitidas; nulo até se saber o que funciona.'),
  quem: Joi.string().required(),
};

/** A mode in force. */
export const situacaoSchema = Joi.object({
  ...{ modelo: modelo(), uf: uf(), ambiente: ambiente() },
  modo: modo().required().description('O que vale para as notas da conta que a política deixa entrar em contingência.'),
  desde: instant().allow(null).required(),
  origem: Joi.string()
    .valid('hub', 'ordem', 'simulacao')
    .required()
    .description('Quem decidiu: o Malote, uma pessoa da conta, ou uma simulação.'),
  hub: Joi.object({
    ...{ modo: modo().required(), desde: instant().allow(null).required(), motivo: Joi.string().required(), versao: count() },
    suspeitaDesde: instant().allow(null).required().description('Falhas bastantes; a SEFAZ está sendo consultada.'),
    falhasRecentes: count(),
    situacaoDoNossoLado: Joi.string().allow(null).required().description('Todos os autorizadores mudos ao mesmo tempo.'),
    status: Joi.object({ normal: status(), svc: status(), epec: status() }).required().description('Últimas consultas de status.'),
    historico: historico(),
  }).required(),
  conta: Joi.object({
    ordem: Joi.object({
      ...{ modo: modo().required(), desde: instant().required(), quem: Joi.string().required() },
      justificativa: justificativa().allow(null).required(),
    })
      .allow(null)
      .required(),
    simulacao: Joi.object({
      ...{ id: Joi.string().required(), desde: instant().required(), ate: instant().required() },
      ...{ quem: Joi.string().required(), modo: modo().allow(null).required() },
    })
      .allow(null)
      .required(),
    historico: historico(),
  }).required(),
})
  .meta({ component: 'SituacaoContingencia' })
  .example(SITUACAO_EXAMPLE);

export const situacoesSchema = Joi.object({ situacoes: Joi.array().items(situacaoSchema).required() }).example({
  situacoes: [SITUACAO_EXAMPLE],
});

export const simulacaoSchema = Joi.object(drillKeys).meta({ component: 'Simulacao' }).example(DRILL_EXAMPLE);

export const simulacoesSchema = Joi.object({ simulacoes: Joi.array().items(simulacaoSchema).required() }).example({
  simulacoes: [DRILL_EXAMPLE],
});

/** A drill and its notes. */
export const reportSchema = pageSchema(
  Joi.object({
    ...identityKeys,
    tipoEmissao: Joi.string()
      .pattern(/^[0-9]$/)
      .allow(null)
      .required(),
    resultado: Joi.string()
      .valid(...Object.keys(RESULTADOS))
      .required(),
    descricao: Joi.string().required(),
    ...{ recebidaEm: instant().required(), emitidaEm: instant().allow(null).required() },
    documento: Joi.string().required().description('Caminho do documento.'),
  }),
)
  .append({
    ...drillKeys,
    resumo: Joi.object(Object.fromEntries(Object.keys(RESULTADOS).map((resultado) => [resultado, count()])))
      .required()
      .description('Quantas notas tiveram cada resultado.'),
  })
  .meta({ component: 'RelatorioSimulacao' })
  .example(REPORT_EXAMPLE);
