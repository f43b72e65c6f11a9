import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '@malote/testkit/eventually';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { CSC_BODY, EMPRESA_BODY } from '../examples/empresas.data.ts';
import { cscSchema, empresaSchema } from '../present-empresa.schema.ts';
import { problemOf, type RunningEdge, runEdge } from './running-edge.ts';

const [CNPJ, OUTRA] = [sampleCnpj(401), sampleCnpj(402)];
/** One point, black. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==';

let edge: RunningEdge;
let session: string;
let stranger: string;

before(async () => {
  edge = await runEdge('empresas');
  session = await edge.signIn(await edge.account(sampleCnpj(400)));
  stranger = await edge.signIn(await edge.account(OUTRA));
});
after(() => edge.stop());

function call(method: string, path: string, body?: unknown, token = session, headers: Record<string, string> = {}): Promise<Response> {
  const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  return fetch(`${edge.url}${path}`, { method, headers: { 'x-auth-token': token, ...type, ...headers }, ...sent });
}
const jsonOf = async (answer: Response) => (await answer.json()) as Record<string, unknown>;
const UMA = `/api/empresas/${CNPJ}`;

test('a company is created and replaced; what GET shows can be changed and sent back, and sent as it is it changes nothing', async () => {
  const created = await call('PUT', UMA, EMPRESA_BODY);
  assert.deepEqual([created.status, created.headers.get('location')], [201, UMA]);
  const shown = await jsonOf(created);
  assert.equal(empresaSchema.validate(shown).error, undefined);
  assert.deepEqual([shown.empresa, shown.fusoHorario, shown.versao, shown.temLogo], [CNPJ, 'America/Sao_Paulo', 1, false]);
  const read = await call('GET', UMA);
  const etag = read.headers.get('etag') ?? '';
  assert.deepEqual(await jsonOf(read), shown);

  const same = await call('PUT', UMA, shown);
  assert.deepEqual([same.status, (await jsonOf(same)).versao], [200, 1]);
  assert.equal((await call('GET', UMA, undefined, session, { 'if-none-match': etag })).status, 304);

  const changed = await jsonOf(await call('PUT', UMA, { ...shown, crt: '1', logo: PNG }));
  assert.deepEqual([changed.versao, changed.crt, changed.temLogo, changed.nomeFantasia], [2, '1', true, 'Exemplo']);
  assert.equal((await call('GET', UMA, undefined, session, { 'if-none-match': etag })).status, 200);

  const bare = await jsonOf(await call('PUT', UMA, { razaoSocial: 'Outro Nome Ltda', uf: 'AM' }));
  assert.equal(empresaSchema.validate(bare).error, undefined);
  assert.deepEqual([bare.ie, bare.outrasInscricoes, bare.crt, bare.danfe, bare.fusoHorario], [null, [], null, null, 'America/Manaus']);
  assert.equal(bare.temLogo, true, 'a picture goes only when that is said');
  assert.equal((await jsonOf(await call('PUT', UMA, { ...bare, logo: null }))).temLogo, false);
});

test('each inscription of a company is asked to have an entity, once, by a command to the worker', async () => {
  const account = await edge.account(sampleCnpj(405));
  const own = await edge.signIn(account);
  const path = `/api/empresas/${sampleCnpj(406)}`;
  const body = { razaoSocial: 'Nova Ltda', uf: 'SP', ie: '110.042.490.114', outrasInscricoes: [{ uf: 'RJ', ie: 'ISENTO' }] };
  for (const each of [body, body, { ...body, crt: '3' }]) assert.ok((await call('PUT', path, each, own)).ok);
  // Requests of an account are numbered: this is the third, after one for each inscription.
  const who = { conta: account.conta, quem: { tipo: 'cli' }, traceparent: '00-0-0-01' } as const;
  const { pedido } = await edge.store.bloqueios.insert({ ...who, kind: 'bloqueio', rows: [] });
  assert.equal(pedido.seq, 3);
  await eventually(async () => {
    const depths = await edge.broker.queueDepths();
    return (depths.find(({ queue }) => queue === 'entity-block')?.ready ?? 0) >= 2;
  });
});

test('every field that is wrong is told at once, and nothing is stored', async () => {
  const path = `/api/empresas/${sampleCnpj(403)}`;
  const problem = await problemOf(await call('PUT', path, { uf: 'XX', municipio: '3550309', crt: 9, cor: 'azul' }));
  assert.deepEqual([problem.status, problem.codigo], [400, 'cadastro-recusado']);
  const places = (problem.faults as { path: string; code: string }[]).map(({ path: place, code }) => `${place} ${code}`);
  assert.deepEqual(places, ['cor campo-desconhecido', 'razaoSocial campo-obrigatorio', 'uf uf-invalida', 'crt campo-valor']);
  assert.match(problem.detail, /^Campo cor: não existe; .*\(e mais 3; veja "faults"\)$/);
  assert.equal((await problemOf(await call('GET', path))).codigo, 'empresa-desconhecida');
  const wrongDigits = await problemOf(await call('PUT', '/api/empresas/11222333000180', { razaoSocial: 'x', uf: 'SP' }));
  assert.match(wrongDigits.detail, /dígitos verificadores/);
});

test('a body that is no JSON is refused for what it is', async () => {
  for (const path of [UMA, `${UMA}/csc`]) {
    const method = path === UMA ? 'PUT' : 'POST';
    assert.equal((await problemOf(await call(method, path, '{'))).codigo, 'json-malformado');
    assert.equal((await problemOf(await call(method, path, ''))).codigo, 'corpo-vazio');
    assert.equal((await problemOf(await call(method, path, '<a/>', session, { 'content-type': 'text/xml' }))).codigo, 'tipo-de-conteudo');
    assert.equal((await problemOf(await call(method, path, '[]'))).codigo, 'cadastro-recusado');
    assert.equal((await problemOf(await call(method, path, 'x'.repeat(500_001)))).codigo, 'corpo-grande-demais');
  }
});

test('companies are listed page by page, the account’s own only', async () => {
  const account = await edge.account(sampleCnpj(500));
  const own = await edge.signIn(account);
  for (let n = 501; n <= 520; n += 1)
    await edge.store.empresas.put({ conta: account.conta, documento: sampleCnpj(n), razaoSocial: `Filial ${n}`, uf: 'SP' });
  const pages = await Promise.all(['', '?pagina=2', '?pagina=3'].map((query) => call('GET', `/api/empresas${query}`, undefined, own)));
  const read = (await Promise.all(pages.map(jsonOf))) as {
    numeroElementos: number;
    totalElementos: number;
    registros: { empresa: string }[];
  }[];
  assert.deepEqual(
    read.map(({ numeroElementos, totalElementos }) => [numeroElementos, totalElementos]),
    [
      [20, 21],
      [1, 21],
      [0, 21],
    ],
  );
  const rows = read.flatMap(({ registros }) => registros);
  assert.deepEqual(
    rows.map(({ empresa }) => empresa),
    Array.from({ length: 21 }, (_, n) => sampleCnpj(500 + n)).sort(),
  );
});

test('CSC: two active per ambiente, ids without zeros, a code that never comes out', async () => {
  await call('PUT', UMA, EMPRESA_BODY);
  const created = await call('POST', `${UMA}/csc`, { ...CSC_BODY, id: '000007' });
  assert.deepEqual([created.status, created.headers.get('location')], [201, `${UMA}/csc/7?ambiente=hom`]);
  const shown = await jsonOf(created);
  assert.equal(cscSchema.validate(shown).error, undefined);
  assert.deepEqual([shown.id, shown.emUso], ['7', true]);
  assert.deepEqual(await jsonOf(await call('GET', `${UMA}/csc/7?ambiente=hom`)), shown);
  assert.equal((await call('POST', `${UMA}/csc`, CSC_BODY)).status, 201);
  const third = await problemOf(await call('POST', `${UMA}/csc`, { ...CSC_BODY, id: '8' }));
  assert.match(third.detail, /já tem 2 CSC ativos/);
  assert.equal((await call('POST', `${UMA}/csc`, { ...CSC_BODY, ambiente: 'prod', id: '8' })).status, 201);
  const listed = (await (await call('GET', `${UMA}/csc`)).json()) as { ambiente: string; id: string; emUso: boolean }[];
  assert.deepEqual(
    listed.map(({ ambiente, id, emUso }) => [ambiente, id, emUso]),
    [
      ['hom', '7', true],
      ['hom', '1', false],
      ['prod', '8', true],
    ],
  );

  const codigo = 'OUTRO-CODIGO-COM-24-LETRAS';
  assert.equal((await problemOf(await call('POST', `${UMA}/csc`, { ...CSC_BODY, codigo }))).codigo, 'cadastro-recusado');
  assert.equal((await call('PUT', `${UMA}/csc/01?ambiente=hom`, { codigo })).status, 200);
  assert.equal((await problemOf(await call('PUT', `${UMA}/csc/2?ambiente=hom`, { codigo }))).codigo, 'csc-desconhecido');
  assert.equal((await problemOf(await call('PUT', `${UMA}/csc/1`, { codigo }))).codigo, 'parametro-invalido');
  assert.equal((await problemOf(await call('DELETE', `${UMA}/csc/1?ambiente=prod`))).codigo, 'csc-desconhecido');
  assert.equal((await call('DELETE', `${UMA}/csc/7?ambiente=hom`)).status, 204);
  assert.equal((await problemOf(await call('GET', `${UMA}/csc/7?ambiente=hom`))).codigo, 'csc-desconhecido');
  const { conta } = (await jsonOf(await call('GET', '/session'))) as { conta: string };
  assert.deepEqual(await edge.store.csc.current({ conta, empresa: CNPJ, tpAmb: '2' }), { id: '1', codigo });
  for (const secret of [CSC_BODY.codigo, codigo])
    assert.equal(
      edge.logged.some((line) => line.includes(secret)),
      false,
      secret,
    );
});

test('another account’s company is as one that does not exist: for every call the same 404', async () => {
  const nobody = `/api/empresas/${sampleCnpj(404)}`;
  const theirs = `/api/empresas/${OUTRA}`;
  await call('POST', `${theirs}/csc`, CSC_BODY, stranger);
  for (const [method, path, body] of [
    ['GET', '', undefined],
    ['GET', '/csc', undefined],
    ['GET', '/csc/1?ambiente=hom', undefined],
    ['POST', '/csc', CSC_BODY],
    ['PUT', '/csc/1?ambiente=hom', { codigo: CSC_BODY.codigo }],
    ['DELETE', '/csc/1?ambiente=hom', undefined],
  ] as const) {
    const [one, other] = [
      await problemOf(await call(method, nobody + path, body)),
      await problemOf(await call(method, theirs + path, body)),
    ];
    assert.deepEqual([one.status, one.codigo], [404, 'empresa-desconhecida'], `${method} ${path}`);
    assert.deepEqual({ ...other, detail: '', instance: '' }, { ...one, detail: '', instance: '' });
  }
  const taken = await problemOf(await call('PUT', theirs, EMPRESA_BODY));
  assert.deepEqual([taken.status, taken.codigo], [404, 'empresa-desconhecida']);
  assert.equal((await jsonOf(await call('GET', theirs, undefined, stranger))).razaoSocial, 'Comercial Exemplo Ltda');
  assert.equal(((await (await call('GET', `${theirs}/csc`, undefined, stranger)).json()) as unknown[]).length, 1);
});
