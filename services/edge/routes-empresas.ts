import type { CscDeps } from '@malote/administration/csc';
import Joi from 'joi';
import { conditionally } from './conditional-route.ts';
import { CSC_BODY, CSC_EXAMPLE, EMPRESA_BODY, EMPRESAS_EXAMPLE } from './examples/empresas.data.ts';
import { JSON_PROBLEMS } from './json-body.ts';
import { pageQuery, pageSchema } from './pages.ts';
import { cscBodySchema, cscCodeSchema, cscSchema, empresaBodySchema, empresaSchema } from './present-empresa.schema.ts';
import { createAddCsc, createListCsc, createRemoveCsc, createReplaceCsc, createShowCsc, cscQuery, oneCscQuery } from './put-csc.ts';
import { createListEmpresas, createPutEmpresa, createShowEmpresa, type PutEmpresaDeps } from './put-empresa.ts';
import type { Answer, Route } from './routing.ts';

const ALL = '/api/empresas';
const UMA = `${ALL}/:empresa`;
const SAMPLE_UMA = `${ALL}/07385111000102`;
const CSC = `${UMA}/csc`;
const UM_CSC = `${CSC}/:idCsc`;

const EMPRESA: Answer = { description: 'A empresa.', schema: empresaSchema };
const UM: Answer = { description: 'O CSC, sem o código.', schema: cscSchema };
const LOCATION = { Location: 'Caminho do que foi gravado.' };

const PUTTING = `Cria a empresa ou substitui o cadastro dela: o que não vem volta ao padrão, exceto o logotipo (retirado só com \`null\`), o certificado e os CSC, que ficam.

O que \`GET\` mostra pode ser mudado e enviado de volta. O mesmo cadastro outra vez não muda nada. Todos os campos errados são ditos de uma vez, em \`faults\`.

Um CNPJ ou CPF pertence a uma única conta.`;

const ADDING = `Guarda, cifrado, o CSC que a SEFAZ deu à empresa. No máximo dois ativos por ambiente: o de maior id vai nas NFC-e novas.

O mesmo CSC outra vez não muda nada; um id que já existe com outro código é recusado.`;

const REMOVING = 'As notas emitidas com ele continuam iguais e podem ser impressas: o QR Code está no XML delas.';

/** The companies of an account and their CSC. */
export function empresaRoutes(deps: PutEmpresaDeps & CscDeps): Route[] {
  const of = { tag: 'Empresas', access: 'session' } as const;
  const read = { ...of, method: 'GET', body: 'none', escopos: ['administracao', 'leitura'] } as const;
  const write = { ...of, escopos: ['administracao'] } as const;
  const json = (schema: Joi.Schema, example: unknown) => ({ body: 'any', bodyTypes: { 'application/json': { schema, example } } }) as const;
  const refusals = ['empresa-desconhecida', 'cadastro-recusado'] as const;
  return [
    {
      ...{ ...read, path: ALL, sample: ALL, id: 'listarEmpresas', summary: 'Lista as empresas da conta' },
      query: pageQuery,
      ...conditionally({
        description: 'Uma página, por CNPJ ou CPF.',
        schema: pageSchema(empresaSchema).meta({ component: 'Empresas' }).example(EMPRESAS_EXAMPLE),
      }),
      ...{ problems: [], handler: createListEmpresas(deps) },
    },
    {
      ...{ ...read, path: UMA, sample: SAMPLE_UMA, id: 'consultarEmpresa', summary: 'Mostra uma empresa' },
      ...{ ...conditionally(EMPRESA), problems: ['empresa-desconhecida'], handler: createShowEmpresa(deps) },
    },
    {
      ...{ ...write, method: 'PUT', path: UMA, sample: SAMPLE_UMA, ...json(empresaBodySchema, EMPRESA_BODY) },
      ...{ id: 'gravarEmpresa', summary: 'Cria uma empresa ou substitui o cadastro dela', description: PUTTING },
      answers: {
        200: { ...EMPRESA, description: 'A empresa, que já existia.', headers: LOCATION },
        201: { ...EMPRESA, description: 'A empresa, criada.', headers: LOCATION },
      },
      ...{ problems: [...refusals, ...JSON_PROBLEMS], handler: createPutEmpresa(deps) },
    },
    {
      ...{
        ...read,
        path: CSC,
        sample: `${SAMPLE_UMA}/csc`,
        id: 'listarCsc',
        summary: 'Lista os CSC ativos de uma empresa',
        query: cscQuery,
      },
      ...conditionally({
        description: 'Os CSC, sem os códigos, do mais novo ao mais antigo em cada ambiente.',
        schema: Joi.array().items(cscSchema).example([CSC_EXAMPLE]),
      }),
      ...{ problems: ['empresa-desconhecida'], handler: createListCsc(deps) },
    },
    {
      ...{ ...write, method: 'POST', path: CSC, sample: `${SAMPLE_UMA}/csc`, ...json(cscBodySchema, CSC_BODY) },
      ...{ id: 'criarCsc', summary: 'Guarda um CSC', description: ADDING },
      answers: { 201: { ...UM, headers: LOCATION } },
      ...{ problems: [...refusals, ...JSON_PROBLEMS], handler: createAddCsc(deps) },
    },
    {
      ...{
        ...read,
        path: UM_CSC,
        sample: `${SAMPLE_UMA}/csc/1`,
        id: 'consultarCsc',
        summary: 'Mostra um CSC, sem o código',
        query: cscQuery,
      },
      description: 'Sem `ambiente`, o de produção; se lá não há este id, o de homologação.',
      ...{ ...conditionally(UM), problems: ['empresa-desconhecida', 'csc-desconhecido'], handler: createShowCsc(deps) },
    },
    {
      ...{ ...write, method: 'PUT', path: UM_CSC, sample: `${SAMPLE_UMA}/csc/1`, ...json(cscCodeSchema, { codigo: CSC_BODY.codigo }) },
      ...{ id: 'trocarCsc', summary: 'Troca o código de um CSC', description: REMOVING, query: oneCscQuery },
      answers: { 200: UM },
      ...{ problems: [...refusals, 'csc-desconhecido', ...JSON_PROBLEMS], handler: createReplaceCsc(deps) },
    },
    {
      ...{ ...write, method: 'DELETE', path: UM_CSC, sample: `${SAMPLE_UMA}/csc/1`, body: 'none' },
      ...{ id: 'retirarCsc', summary: 'Retira um CSC', description: REMOVING, query: oneCscQuery },
      answers: { 204: { description: 'O CSC não está mais ativo.' } },
      ...{ problems: ['empresa-desconhecida', 'csc-desconhecido'], handler: createRemoveCsc(deps) },
    },
  ];
}
