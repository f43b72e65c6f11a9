import { conditionally } from '../conditional-route.ts';
import { JSON_PROBLEMS } from '../json-body.ts';
import type { ProblemCode } from '../problems.ts';
import { ADMINISTERS, READS_ADMINISTRATION } from '../route-escopos.ts';
import type { Answer, Route } from '../routing.ts';
import { politicaBodySchema, politicaSchema } from './politicas.schema.ts';
import {
  contaEscopo,
  createPutPolitica,
  createRemovePolitica,
  createShowPolitica,
  type EscopoOf,
  efetivaQuery,
  empresaEscopo,
  type PoliticasDeps,
  ufEscopo,
} from './politicas.ts';

import { type PendentesRoutesDeps, pendentesRoutes } from './routes-pendentes.ts';
import { situacaoRoutes } from './routes-situacao.ts';
import type { SimulacaoDeps } from './simulacao.ts';

export interface ContingenciaDeps {
  politicas: PoliticasDeps;
  modos: SimulacaoDeps;
  pendentes: PendentesRoutesDeps;
}

const CONTA = '/api/conta/contingencia';
const UF = `${CONTA}/uf/:uf`;
const EMPRESA = '/api/empresas/:empresa/contingencia';
const SAMPLE_EMPRESA = '/api/empresas/07385111000102/contingencia';

const POLITICA: Answer = { description: 'A política do escopo e o que vale nele.', schema: politicaSchema };
const BODY = {
  justificativa: 'SEFAZ indisponível: emissão em contingência',
  modelos: { '55': { modo: 'automatico', ordem: ['SVC', 'EPEC'] }, '65': { modo: 'automatico', ordem: ['OFFLINE'] } },
};

const PUTTING = `Substitui a política do escopo inteira; o que ela não diz é herdado do escopo mais amplo (empresa, UF, conta, Malote). Todos os campos errados são ditos de uma vez, em \`faults\`.

Para mudar um campo, envie de volta o \`propria\` que \`GET\` mostra, mudado.`;

interface Escopo {
  path: string;
  sample: string;
  /** End of the operation ids. */
  de: string;
  whose: string;
  escopoOf: EscopoOf;
  problems: readonly ProblemCode[];
}

const ESCOPOS: readonly Escopo[] = [
  { path: CONTA, sample: CONTA, de: 'DaConta', whose: 'da conta', escopoOf: contaEscopo, problems: [] },
  { path: UF, sample: `${CONTA}/uf/SP`, de: 'DaUf', whose: 'da conta em uma UF', escopoOf: ufEscopo, problems: ['parametro-invalido'] },
  {
    ...{ path: EMPRESA, sample: SAMPLE_EMPRESA, de: 'DaEmpresa', whose: 'de uma empresa', escopoOf: empresaEscopo },
    problems: ['empresa-desconhecida'],
  },
];

/** Contingência: what accounts want, what holds now, and what is still to be done. */
export function contingenciaRoutes(deps: ContingenciaDeps): Route[] {
  return [
    ...ESCOPOS.flatMap((escopo) => politicaRoutes(deps.politicas, escopo)),
    ...situacaoRoutes(deps.modos),
    ...pendentesRoutes(deps.pendentes),
  ];
}

function politicaRoutes(deps: PoliticasDeps, { path, sample, de, whose, escopoOf, problems }: Escopo): Route[] {
  const at = { path, sample, tag: 'Contingência', access: 'session' } as const;
  return [
    {
      ...{ ...at, method: 'GET', body: 'none', escopos: READS_ADMINISTRATION },
      ...{ id: `consultarContingencia${de}`, summary: `Mostra a política de contingência ${whose} e o que vale` },
      ...(path === EMPRESA ? { query: efetivaQuery } : {}),
      ...{ ...conditionally(POLITICA), problems, handler: createShowPolitica(deps, escopoOf) },
    },
    {
      ...{ ...at, method: 'PUT', body: 'any', escopos: ADMINISTERS },
      bodyTypes: { 'application/json': { schema: politicaBodySchema, example: BODY } },
      ...{ id: `gravarContingencia${de}`, summary: `Substitui a política de contingência ${whose}`, description: PUTTING },
      answers: { 200: POLITICA },
      problems: [...problems, 'politica-invalida', ...JSON_PROBLEMS],
      handler: createPutPolitica(deps, escopoOf),
    },
    {
      ...{ ...at, method: 'DELETE', body: 'none', escopos: ADMINISTERS },
      ...{ id: `retirarContingencia${de}`, summary: `Retira a política de contingência ${whose}` },
      description: 'Daí em diante vale a do escopo mais amplo. Retirar a que não há também responde 204.',
      answers: { 204: { description: 'O escopo não tem política própria.' } },
      ...{ problems, handler: createRemovePolitica(deps, escopoOf) },
    },
  ];
}
