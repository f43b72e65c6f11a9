import type Joi from 'joi';
import { conditionally } from '../conditional-route.ts';
import { JSON_PROBLEMS } from '../json-body.ts';
import { pageQuery } from '../pages.ts';
import { ADMINISTERS, READS_ADMINISTRATION } from '../route-escopos.ts';
import type { Answer, Route } from '../routing.ts';
import { ORDEM_BODY, SIMULACAO_BODY } from './contingencia.data.ts';
import { createDrill, createListDrills, createShowDrill, type SimulacaoDeps } from './simulacao.ts';
import {
  ordemBodySchema,
  reportSchema,
  simulacaoBodySchema,
  simulacaoSchema,
  simulacoesSchema,
  situacaoSchema,
  situacoesSchema,
} from './situacao.schema.ts';
import { createOrder, createShowSituacao, ORDER_HEADERS, situacaoQuery } from './situacao.ts';

const CONTA = '/api/conta/contingencia';
const SITUACAO = `${CONTA}/situacao`;
const SIMULACOES = `${CONTA}/simulacao`;
const UMA = `${SIMULACOES}/:simulacao`;

const SHOWING = `Para cada modelo, UF e ambiente o modo que vale para a conta, quem o decidiu, o que o Malote observou por último e as últimas trocas. Sem linha, nada foi observado: a emissão é normal.

Se as notas de uma empresa entram mesmo em contingência diz também a política (\`/api/empresas/{empresa}/contingencia\`).`;

const ORDERING = `Vale só para a conta que chama, e antes do que o Malote decide, até outra ordem: \`NORMAL\` a mantém na emissão normal, \`AUTOMATICO\` devolve a decisão ao Malote. 200: a ordem vale; 202: foi aceita e valerá em instantes. \`Prefer: wait=N\` diz quanto esperar (até 10 s, que é o padrão).`;

const DRILLING = `Só em homologação: por tantos minutos as notas da conta são emitidas como se o autorizador da UF não atendesse. Acaba sozinha; \`minutos: 0\` a encerra. O relatório diz o que aconteceu com cada nota.`;

const LOCATION = { Location: 'Onde ver o que vale.' };

/** The modes in force, orders and drills. */
export function situacaoRoutes(deps: SimulacaoDeps): Route[] {
  const of = { tag: 'Contingência', access: 'session' } as const;
  const read = { ...of, method: 'GET', body: 'none', escopos: READS_ADMINISTRATION } as const;
  const order = { ...of, method: 'POST', body: 'any', escopos: ADMINISTERS, requestHeaders: ORDER_HEADERS } as const;
  const json = (schema: Joi.Schema, example: unknown) => ({ bodyTypes: { 'application/json': { schema, example } } });
  const applied = (answer: Answer): Route['answers'] => ({
    200: { ...answer, headers: LOCATION },
    202: { ...answer, description: 'Aceita; valerá em instantes.', headers: LOCATION },
  });
  const refusals = ['ordem-invalida', 'ordem-nao-entregue', ...JSON_PROBLEMS] as const;
  return [
    {
      ...{ ...read, path: SITUACAO, sample: SITUACAO, id: 'consultarSituacaoContingencia', summary: 'Mostra os modos de emissão em vigor' },
      ...{ description: SHOWING, query: situacaoQuery },
      ...conditionally({ description: 'Os modos.', schema: situacoesSchema }),
      ...{ problems: ['parametro-invalido'], handler: createShowSituacao(deps) },
    },
    {
      ...{
        ...order,
        path: SITUACAO,
        sample: SITUACAO,
        id: 'ordenarContingencia',
        summary: 'Entra em contingência, ou sai dela, por ordem',
      },
      ...{ description: ORDERING, ...json(ordemBodySchema, ORDEM_BODY) },
      answers: applied({ description: 'A ordem vale.', schema: situacaoSchema }),
      ...{ problems: refusals, handler: createOrder(deps) },
    },
    {
      ...{ ...read, path: SIMULACOES, sample: SIMULACOES, id: 'listarSimulacoes', summary: 'Lista as simulações de contingência da conta' },
      ...conditionally({ description: 'Da mais nova à mais antiga.', schema: simulacoesSchema }),
      ...{ problems: [], handler: createListDrills(deps) },
    },
    {
      ...{ ...order, path: SIMULACOES, sample: SIMULACOES, id: 'simularContingencia', summary: 'Começa ou encerra uma simulação' },
      ...{ description: DRILLING, ...json(simulacaoBodySchema, SIMULACAO_BODY) },
      answers: applied({ description: 'A simulação.', schema: simulacaoSchema }),
      ...{ problems: [...refusals, 'contingencia-desligada'], handler: createDrill(deps) },
    },
    {
      ...{ ...read, path: UMA, sample: `${SIMULACOES}/0b8f8c1e-5d5c-4f8e-9a39-2f6c1d1f7a10` },
      ...{ id: 'consultarSimulacao', summary: 'Mostra o que aconteceu em uma simulação' },
      description: 'Cada nota da conta, deste modelo e UF em homologação, que chegou enquanto ela durou (até 5.000).',
      query: pageQuery,
      ...conditionally({ description: 'A simulação e uma página das suas notas.', schema: reportSchema }),
      ...{ problems: ['simulacao-desconhecida'], handler: createShowDrill(deps) },
    },
  ];
}
