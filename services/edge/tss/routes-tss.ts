import Joi from 'joi';
import type { EntidadesDeps } from '../list-entidades.ts';
import { ADMINISTERS, READS_ADMINISTRATION } from '../route-escopos.ts';
import type { Answer, Route } from '../routing.ts';
import { type BlockDeps, createBlockEntities, createShowBlock } from './block-entities.ts';
import { createGetToken, createNewToken, type TokenDeps } from './entity-token.ts';
import { createSetupCompany, createShowSetup, type SetupDeps } from './setup-company.ts';
import {
  BLOCK_BODY,
  BLOCK_PENDING,
  BLOCK_REFUSED,
  BLOCK_UNKNOWN,
  BLOCKED,
  SETUP_BODY,
  SETUP_DONE,
  SETUP_REFUSED,
  TOKEN_BODY,
  TOKEN_REFUSED,
  TOKEN_TOLD,
} from './tss.schema.ts';

const BLOCK = '/rest/RestAtBlqEnt';
const SETUP = '/rest/WSTSSSETUP/v1';
const SAMPLE_PEDIDO = '3f0c7a52-8d1e-4b6a-9c2f-5e7d1a4b8c90';

const BLOCKING = `Bloqueia (\`Parametro\` 1) ou libera (2) toda entidade de cada CNPJ ou CPF, IE e UF. Envie o JSON como está, em base64, ou em base64 no campo \`JSON\` de um formulário.

Um pedido com uma linha inválida não muda nada: \`error\` diz todas as falhas. Uma linha sem entidade é uma linha do resultado, não uma falha. A resposta espera até 10 segundos; depois disso é 202, e o caminho em \`Location\` dá a mesma resposta.`;

const SETTING_UP = `Cadastra (ou atualiza) a empresa e o certificado A1 e responde a entidade em \`idCompany\`. A falha é a do primeiro parâmetro errado; nada é gravado então.`;

const setupQuery = Joi.object({
  ambiente: Joi.string()
    .valid('hom', 'prod')
    .empty('')
    .default('prod')
    .description('`hom`: aceita um certificado que não é da ICP-Brasil, que então só serve para homologação.'),
});

const setupKeyQuery = Joi.object({
  registrationType: Joi.string().description('1 CNPJ, 2 CPF.'),
  registrationNumber: Joi.string().description('CNPJ ou CPF, sem máscara.'),
  ie: Joi.string().description('Inscrição estadual.'),
  uf: Joi.string().description('Sigla da UF.'),
});

export type TssDeps = BlockDeps & TokenDeps & SetupDeps & EntidadesDeps;

/** The calls of TOTVS TSS, as its clients make them: answers and refusals in the forms of that service. */
export function tssRoutes(deps: TssDeps): Route[] {
  const row = { tag: 'Entidades', access: 'tss', anyCase: true, problems: [] } as const;
  const post = { ...row, method: 'POST', body: 'any', escopos: ADMINISTERS } as const;
  const get = { ...row, method: 'GET', body: 'none', escopos: READS_ADMINISTRATION } as const;
  const done: Answer = { description: 'Uma linha por entidade.', schema: BLOCKED };
  const pending: Answer = {
    ...{ description: 'Ainda em processamento.', schema: BLOCK_PENDING },
    headers: { Location: 'Onde estará a resposta.' },
  };
  const refusedBlock: Answer = { description: 'O pedido está errado; nada mudou.', schema: BLOCK_REFUSED };
  const tokenAnswers: Route['answers'] = {
    200: { description: 'O TOKEN.', schema: TOKEN_TOLD },
    400: { description: 'O pedido está errado: `error` diz todas as falhas.', schema: TOKEN_REFUSED },
    404: { description: 'Não há entidade, ou ela ainda não tem TOKEN.', schema: TOKEN_REFUSED },
  };
  const setupAnswers: Route['answers'] = {
    200: { description: 'A entidade.', schema: SETUP_DONE },
    400: { description: 'O primeiro parâmetro errado.', schema: SETUP_REFUSED },
  };

  return [
    {
      ...{ ...post, path: BLOCK, sample: BLOCK, id: 'bloquearEntidades', summary: 'Bloqueia ou libera entidades' },
      ...{ description: BLOCKING, bodyTypes: BLOCK_BODY, handler: createBlockEntities(deps) },
      answers: { 200: done, 202: pending, 400: refusedBlock },
    },
    {
      ...{ ...get, path: `${BLOCK}/:pedido`, sample: `${BLOCK}/${SAMPLE_PEDIDO}`, handler: createShowBlock(deps) },
      ...{ id: 'consultarBloqueio', summary: 'Mostra o resultado de um pedido de bloqueio' },
      answers: { 200: done, 202: pending, 400: refusedBlock, 404: { description: 'Não há este pedido na conta.', schema: BLOCK_UNKNOWN } },
    },
    {
      ...{ ...post, path: '/rest/RestGetToken', sample: '/rest/RestGetToken', bodyTypes: TOKEN_BODY },
      ...{ id: 'consultarTokenDaEntidade', summary: 'Mostra o TOKEN de uma entidade', handler: createGetToken(deps) },
      answers: tokenAnswers,
    },
    {
      ...{ ...post, path: '/rest/RestNewToken', sample: '/rest/RestNewToken', bodyTypes: TOKEN_BODY },
      ...{ id: 'renovarTokenDaEntidade', summary: 'Renova o TOKEN de uma entidade', handler: createNewToken(deps) },
      description: 'O TOKEN anterior deixa de valer.',
      answers: { ...tokenAnswers, 202: { description: 'Ainda em processamento.', schema: TOKEN_REFUSED } },
    },
    {
      ...{ ...post, path: SETUP, sample: SETUP, bodyTypes: SETUP_BODY, query: setupQuery, handler: createSetupCompany(deps) },
      ...{ id: 'cadastrarEmpresaTss', summary: 'Cadastra uma empresa e o certificado, como no TSS', description: SETTING_UP },
      answers: { ...setupAnswers, 202: { description: 'Gravados; a entidade ainda está em cadastro.', schema: SETUP_DONE } },
    },
    {
      ...{ ...get, path: SETUP, sample: SETUP, query: setupKeyQuery, handler: createShowSetup(deps) },
      ...{ id: 'consultarEmpresaTss', summary: 'Mostra a entidade de uma empresa, como no TSS' },
      answers: setupAnswers,
    },
  ];
}
