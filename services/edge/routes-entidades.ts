import Joi from 'joi';
import { conditionally } from './conditional-route.ts';
import { createListEntidades, createShowEntidade, type EntidadesDeps, entidadesQuery } from './list-entidades.ts';
import { pageSchema } from './pages.ts';
import { READS_ADMINISTRATION } from './route-escopos.ts';
import type { Route } from './routing.ts';

const instant = () => Joi.string().isoDate();

const entidadeKeys = {
  entidade: Joi.string()
    .pattern(/^[0-9]{6}$/)
    .required()
    .description('O número da entidade na conta.'),
  cnpj: Joi.string().length(14).allow(null).required(),
  cpf: Joi.string().length(11).allow(null).required(),
  ie: Joi.string().required().description('Inscrição estadual sem máscara, ou ISENTO.'),
  uf: Joi.string().length(2).required(),
  idEmpresa: Joi.string().allow(null).required(),
  nome: Joi.string().allow(null).required(),
  contrato: Joi.string().allow(null).required().description('O contrato informado por último.'),
  bloqueada: Joi.boolean().required(),
  ativadaEm: instant().allow(null).required().description('Primeira liberação.'),
  temToken: Joi.boolean().required(),
  criadaEm: instant().required(),
  atualizadaEm: instant().required(),
};

const ENTIDADE_EXAMPLE = {
  ...{ entidade: '000002', cnpj: '53113791000122', cpf: null, ie: '111010945111', uf: 'SP', idEmpresa: '00000000000000000001' },
  ...{ nome: 'Comercial Exemplo Ltda', contrato: '12345', bloqueada: true, ativadaEm: '2026-11-20T13:00:00.000Z', temToken: true },
  ...{ criadaEm: '2026-11-20T12:00:00.000Z', atualizadaEm: '2026-11-21T13:00:00.000Z' },
};

const listedSchema = Joi.object({
  ...entidadeKeys,
  caminho: Joi.string().required().description('Onde está a entidade, com o histórico.'),
});

const historicoSchema = Joi.object({
  em: instant().required(),
  acao: Joi.string().valid('bloqueio', 'liberacao').required(),
  parametro: Joi.number().valid(1, 2).required(),
  contrato: Joi.string().allow(null).required(),
  quem: Joi.object({
    tipo: Joi.string().valid('credencial', 'entidade', 'operador', 'cli', 'servico').required(),
    id: Joi.string().allow(null).required(),
    ip: Joi.string().allow(null).required(),
  }).required(),
  pedido: Joi.string().required(),
  linha: Joi.number().integer().min(0).required().description('Linha do pedido, a partir de 1.'),
});

const entidadeSchema = Joi.object({
  ...entidadeKeys,
  historico: Joi.array().items(historicoSchema).required().description('Do mais novo ao mais antigo; os últimos 500.'),
})
  .meta({ component: 'Entidade' })
  .example({
    ...ENTIDADE_EXAMPLE,
    historico: [
      {
        ...{ em: '2026-11-21T13:00:00.000Z', acao: 'bloqueio', parametro: 1, contrato: '12345', linha: 1 },
        ...{ quem: { tipo: 'credencial', id: '5e0b1f0a-6f3c-4f0e-9d0b-2d3f8a7c1b9e', ip: '203.0.113.7' } },
        pedido: '3f0c7a52-8d1e-4b6a-9c2f-5e7d1a4b8c90',
      },
    ],
  });

const pageOfEntidades = pageSchema(listedSchema)
  .meta({ component: 'Entidades' })
  .example({
    ...{ numeroElementos: 1, totalElementos: 1 },
    registros: [{ ...ENTIDADE_EXAMPLE, caminho: '/api/entidades/000002' }],
  });

/** What a contract system has blocked and freed. */
export function entidadeRoutes(deps: EntidadesDeps): Route[] {
  const read = { method: 'GET', tag: 'Entidades', access: 'session', body: 'none', escopos: READS_ADMINISTRATION } as const;
  return [
    {
      ...{ ...read, path: '/api/entidades', sample: '/api/entidades', id: 'listarEntidades', summary: 'Lista as entidades da conta' },
      ...{ query: entidadesQuery, ...conditionally({ description: 'Uma página.', schema: pageOfEntidades }), problems: [] },
      handler: createListEntidades(deps),
    },
    {
      ...{ ...read, path: '/api/entidades/:entidade', sample: '/api/entidades/000001', id: 'consultarEntidade' },
      ...{ summary: 'Mostra uma entidade e o histórico dela', problems: ['entidade-desconhecida'] },
      ...conditionally({ description: 'A entidade.', schema: entidadeSchema }),
      handler: createShowEntidade(deps),
    },
  ];
}
