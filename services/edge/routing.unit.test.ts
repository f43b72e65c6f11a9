import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpOf } from '@malote/administration/command';
import { COMMANDS } from '@malote/administration/commands';
import type { OperatorDeps } from './operator/routes.ts';
import { PARAMETERS } from './path-parameters.ts';
import { compilePath, compileRoutes, type Route } from './routing.ts';
import { emptyTable } from './test/empty-table.ts';

const nothing = async () => {};
const plain: Omit<Route, 'path' | 'sample'> = {
  ...{ id: 'x', tag: 'Conta', summary: 'x', method: 'GET', access: 'none', body: 'none', answers: {}, problems: [], handler: nothing },
};
const table = emptyTable({ operator: {} as OperatorDeps });
const match = compileRoutes(table, PARAMETERS);
const CHAVE = '35261107385111000102550010000047111000047110';
const CHAVE_ALFA = '3526111A2B3C4D000108550010000047111000047110';

const DOCS = '/api/empresas/:empresa/docs/:ambiente/:codModelo';
const NUMERO = `${DOCS}/:ano/:serie/:numero`;

/** Every path of the contract that is answered now: method, path, the table path that owns it. */
const SAMPLES: [string, string, string][] = [
  ['POST', '/session', '/session'],
  ['GET', '/session', '/session'],
  ['PUT', '/session', '/session'],
  ['DELETE', '/session', '/session'],
  ['POST', '/api/authenticate', '/api/authenticate'],
  ['GET', '/api/me', '/api/me'],
  ['GET', '/api/refresh', '/api/refresh'],
  ['GET', '/openapi.json', '/openapi.json'],
  ['GET', '/docs', '/docs'],
  ['GET', '/docs/swagger-ui-bundle.js', '/docs/:arquivo'],
  ['GET', '/api/conta/em-recuperacao', '/api/conta/em-recuperacao'],
  ['GET', '/api/conta/auditoria', '/api/conta/auditoria'],
  ['GET', '/api/empresas/07385111000102/certificado', '/api/empresas/:empresa/certificado'],
  ['PUT', '/api/empresas/07385111000102/certificado', '/api/empresas/:empresa/certificado'],
  ['POST', '/api/empresas/1A2B3C4D000108/certificado', '/api/empresas/:empresa/certificado'],
  ['GET', '/api/entidades', '/api/entidades'],
  ['GET', '/api/entidades/000121', '/api/entidades/:entidade'],
  ...['/rest/RestAtBlqEnt', '/rest/restatblqent', '/REST/RESTATBLQENT'].map((path): [string, string, string] => [
    ...(['POST', path, '/rest/RestAtBlqEnt'] as const),
  ]),
  ['GET', '/rest/restatblqent/3F0C7A52-8d1e-4b6a-9c2f-5e7d1a4b8c90', '/rest/RestAtBlqEnt/:pedido'],
  ['POST', '/rest/RestGetToken', '/rest/RestGetToken'],
  ['POST', '/rest/restnewtoken', '/rest/RestNewToken'],
  ['POST', '/rest/WSTSSSETUP/v1', '/rest/WSTSSSETUP/v1'],
  ['GET', '/rest/wstsssetup/v1', '/rest/WSTSSSETUP/v1'],
  ['GET', '/', '/'],
  ['GET', '/api/admin/situacao', '/api/admin/situacao'],
  ['GET', '/api/admin', '/api/admin'],
  ...COMMANDS.map(httpOf).map(({ method, path }): [string, string, string] => [method, path, path]),
  ['GET', '/problemas', '/problemas'],
  ['GET', '/problemas/xml-dtd', '/problemas/:codigo'],
  ['POST', '/api/empresas/07385111000102/docs/hom/55', '/api/empresas/:empresa/docs/:ambiente/:codModelo'],
  ['POST', '/api/empresas/12345678909/docs/prod/55', '/api/empresas/:empresa/docs/:ambiente/:codModelo'],
  ['GET', '/api/empresas/07385111000102/docs/hom/55', '/api/empresas/:empresa/docs/:ambiente/:codModelo'],
  ['POST', '/api/empresas/1A2B3C4D000108/docs/prod/65', '/api/empresas/:empresa/docs/:ambiente/:codModelo'],
  ['GET', '/api/empresas/07385111000102/docs/hom/55/2026/1/4711', '/api/empresas/:empresa/docs/:ambiente/:codModelo/:ano/:serie/:numero'],
  [
    'GET',
    '/api/empresas/07385111000102/docs/hom/55/26/001/000004711',
    '/api/empresas/:empresa/docs/:ambiente/:codModelo/:ano/:serie/:numero',
  ],
  [
    'GET',
    '/api/empresas/07385111000102/docs/hom/55/2026/1/4711.xml',
    '/api/empresas/:empresa/docs/:ambiente/:codModelo/:ano/:serie/:numero.xml',
  ],
  ['POST', '/api/empresas/07385111000102/docs/hom/65/previa', `${DOCS}/previa`],
  ...['pdf', 'escpos'].flatMap((end): [string, string, string][] => [
    ['GET', `/api/empresas/07385111000102/docs/hom/65/26/001/4711.${end}`, `${NUMERO}.${end}`],
    ['GET', `/api/empresas/1A2B3C4D000108/docs/hom/55/${CHAVE_ALFA}.${end}`, `${DOCS}/:chaveAcesso.${end}`],
  ]),
  ['GET', `/api/empresas/07385111000102/docs/hom/55/${CHAVE}`, '/api/empresas/:empresa/docs/:ambiente/:codModelo/:chaveAcesso'],
  ['GET', `/api/empresas/1A2B3C4D000108/docs/hom/55/${CHAVE_ALFA}`, '/api/empresas/:empresa/docs/:ambiente/:codModelo/:chaveAcesso'],
  ['GET', `/api/empresas/07385111000102/docs/hom/55/${CHAVE}.xml`, '/api/empresas/:empresa/docs/:ambiente/:codModelo/:chaveAcesso.xml'],
  [
    'GET',
    `/api/empresas/07385111000102/docs/hom/55/${CHAVE}/tentativas`,
    '/api/empresas/:empresa/docs/:ambiente/:codModelo/:chaveAcesso/tentativas',
  ],
];

SAMPLES.push(
  ...['55/2026/1/4711', '55/26/001/000004711'].map((numero): [string, string, string] => [
    ...(['POST', `/api/empresas/07385111000102/docs/hom/${numero}/eventos`] as const),
    '/api/empresas/:empresa/docs/:ambiente/:codModelo/:ano/:serie/:numero/eventos',
  ]),
  [
    ...(['POST', `/api/empresas/07385111000102/docs/hom/55/${CHAVE}/eventos`] as const),
    '/api/empresas/:empresa/docs/:ambiente/:codModelo/:chaveAcesso/eventos',
  ],
  ...[CHAVE, CHAVE_ALFA].map((chave): [string, string, string] => [
    ...(['GET', `/api/empresas/07385111000102/docs/hom/${chave}/eventos`] as const),
    '/api/empresas/:empresa/docs/:ambiente/:chaveAcesso/eventos',
  ]),
  ...['', '.xml', '.pdf'].map((suffix): [string, string, string] => [
    ...(['GET', `/api/empresas/07385111000102/docs/hom/${CHAVE}/eventos/110110/1${suffix}`] as const),
    `/api/empresas/:empresa/docs/:ambiente/:chaveAcesso/eventos/:tpEvento/:nSeqEvento${suffix}`,
  ]),
  ...(['POST', 'GET'] as const).map((method): [string, string, string] => [
    method,
    `/api/empresas/07385111000102/docs/inutilizacoes/hom${method === 'POST' ? '/55' : ''}`,
    `/api/empresas/:empresa/docs/inutilizacoes/:ambiente${method === 'POST' ? '/:codModelo' : ''}`,
  ]),
  ...['SP/26/1/4712', '35/2026/001/000004712', 'sp/26/1/4712.xml'].map((numero): [string, string, string] => [
    ...(['GET', `/api/empresas/07385111000102/docs/inutilizacoes/hom/55/${numero}`] as const),
    `/api/empresas/:empresa/docs/inutilizacoes/:ambiente/:codModelo/:uf/:ano/:serie/:numero${numero.endsWith('.xml') ? '.xml' : ''}`,
  ]),
  ['GET', '/api/empresas/07385111000102/docs/hom/55/lacunas', '/api/empresas/:empresa/docs/:ambiente/:codModelo/lacunas'],
);

SAMPLES.push(
  ['GET', '/api/empresas', '/api/empresas'],
  ...(['GET', 'PUT'] as const).map((method): [string, string, string] => [
    method,
    '/api/empresas/1A2B3C4D000108',
    '/api/empresas/:empresa',
  ]),
  ...(['GET', 'POST'] as const).map((method): [string, string, string] => [
    method,
    '/api/empresas/07385111000102/csc',
    '/api/empresas/:empresa/csc',
  ]),
  ...(['GET', 'PUT', 'DELETE'] as const).map((method): [string, string, string] => [
    method,
    '/api/empresas/12345678909/csc/000001',
    '/api/empresas/:empresa/csc/:idCsc',
  ]),
);

SAMPLES.push(
  ...(['GET', 'PUT', 'DELETE'] as const).flatMap((method): [string, string, string][] => [
    [method, '/api/conta/contingencia', '/api/conta/contingencia'],
    [method, '/api/conta/contingencia/uf/SP', '/api/conta/contingencia/uf/:uf'],
    [method, '/api/empresas/07385111000102/contingencia', '/api/empresas/:empresa/contingencia'],
  ]),
  ...(['GET', 'POST'] as const).flatMap((method): [string, string, string][] => [
    [method, '/api/conta/contingencia/situacao', '/api/conta/contingencia/situacao'],
    [method, '/api/conta/contingencia/simulacao', '/api/conta/contingencia/simulacao'],
  ]),
  ['GET', '/api/sefaz/situacao', '/api/sefaz/situacao'],
  ['GET', '/api/empresas/07385111000102/contingencia/pendentes', '/api/empresas/:empresa/contingencia/pendentes'],
  [
    'PUT',
    '/api/empresas/07385111000102/docs/hom/65/35261107385111000102650010000047119000000425/correcao',
    '/api/empresas/:empresa/docs/:ambiente/:codModelo/:chaveAcesso/correcao',
  ],
  ['GET', '/api/conta/contingencia/simulacao/0b8f8c1e-5d5c-4f8e-9a39-2f6c1d1f7a10', '/api/conta/contingencia/simulacao/:simulacao'],
);

const ownersOf = (method: string, path: string): Route[] =>
  table.filter((route) => route.method === method && compilePath(route.path, PARAMETERS, route.anyCase).test(path));

test('every sample path of the contract has exactly one owner, with and without a trailing slash', () => {
  for (const [method, path, owner] of SAMPLES) {
    assert.deepEqual(
      ownersOf(method, path).map((route) => route.path),
      [owner],
      `${method} ${path}`,
    );
    for (const form of [path, `${path}/`]) {
      const found = match(method, form);
      assert.equal(found.kind === 'found' ? found.route.path : found.kind, owner, `${method} ${form}`);
    }
  }
});

test('every row of the table is owner of its own sample, and every row has a sample of the contract', () => {
  for (const route of table) {
    assert.deepEqual(ownersOf(route.method, route.sample), [route], `${route.method} ${route.sample}`);
    assert.ok(
      SAMPLES.some(([method, , owner]) => method === route.method && owner === route.path),
      `${route.method} ${route.path}`,
    );
  }
});

test('parameters arrive by name, as written', () => {
  const found = match('GET', '/api/empresas/07385111000102/docs/prod/55/26/001/000004711.xml');
  assert.ok(found.kind === 'found');
  assert.deepEqual(found.params, {
    empresa: '07385111000102',
    ambiente: 'prod',
    codModelo: '55',
    ano: '26',
    serie: '001',
    numero: '000004711',
  });
});

test('a path whose parameter does not fit its pattern belongs to nobody', () => {
  for (const path of [
    '/api/empresas/07.385.111-0001-02/docs/hom/55',
    '/api/empresas/07385111000102/docs/homologacao/55',
    '/api/empresas/07385111000102/docs/hom/99',
    '/api/empresas/07385111000102/docs/hom/recebidos',
    '/api/empresas/07385111000102/docs/hom/55/2026/1/1234567890',
    '/api/empresas/07385111000102/docs/hom/55/202/1/1',
    `/api/empresas/07385111000102/docs/hom/55/${CHAVE}0`,
    `/api/empresas/07385111000102/docs/hom/55/${CHAVE}xml`,
    `/api/empresas/07385111000102/docs/hom/55/${CHAVE}.html`,
    '/api/empresas/07385111000102/docs/hom/55%2F2026/1/1',
    '/x',
    '//session',
  ]) {
    assert.equal(match('GET', path).kind, 'none', path);
  }
});

test('another method on a known path is told which methods there are', () => {
  assert.deepEqual(match('PATCH', '/session'), { kind: 'method', allow: ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'] });
  assert.deepEqual(match('DELETE', '/api/empresas/07385111000102/docs/hom/55'), {
    kind: 'method',
    allow: ['GET', 'HEAD', 'OPTIONS', 'POST'],
  });
});

test('HEAD is answered by the route of GET', () => {
  const found = match('HEAD', '/api/me');
  assert.equal(found.kind === 'found' && found.route.path, '/api/me');
});

test('a literal wins over a parameter, whatever the order of the table', () => {
  const row = (path: string): Route => ({ ...plain, path, sample: path });
  const mixed = compileRoutes([row('/docs/:nome'), row('/docs/recebidos')], { nome: /[a-z]+/ });
  const found = mixed('GET', '/docs/recebidos');
  assert.equal(found.kind === 'found' && found.route.path, '/docs/recebidos');
});

test('a parameter without a pattern is refused when the table is compiled', () => {
  assert.throws(() => compilePath('/x/:qualquer', {}), /qualquer/);
});
