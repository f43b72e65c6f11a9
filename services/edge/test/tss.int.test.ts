import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Bloqueio } from '@malote/store/bloqueios';
import { createCa, issueCompanyPfx } from '@malote/testkit/certificates';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { LINHA, MALFORMED } from './malformed-bloqueios.ts';
import { problemOf, type RunningEdge, runEdge, type TestAccount } from './running-edge.ts';

const RESULT = {
  ...{ CNPJ: LINHA.cnpj, CPF: '', IE: LINHA.IE, UF: 'SP', IDEMPRESA: '', Entidade: '000001' },
  ...{ OK: true, mensagem: 'Cliente liberado', error: 'null' },
};
const PACKED = Buffer.from(JSON.stringify({ Empresas: [LINHA] })).toString('base64');

let edge: RunningEdge;
let account: TestAccount;
let session: string;

before(async () => {
  edge = await runEdge('tss', { config: { tssWaitS: 0.2 } });
  account = await edge.account('53113791000122');
  session = await edge.signIn(account);
});
after(() => edge.stop());

const post = (path: string, body: string | Uint8Array, type = 'application/json', token = session) =>
  fetch(`${edge.url}${path}`, {
    method: 'POST',
    headers: { 'x-auth-token': token, 'content-type': type },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
const get = (path: string, token = session) => fetch(`${edge.url}${path}`, { headers: { 'x-auth-token': token } });

/** Does what the worker does with the request of a 202: nobody else is here. */
async function finish(location: string, change: Partial<Bloqueio>): Promise<void> {
  const id = location.split('/').at(-1) ?? '';
  const pedido = await edge.store.bloqueios.findById({ conta: account.conta, id });
  assert.ok(pedido && (await edge.store.bloqueios.transition(pedido, { state: 'done', ...change })));
}

test('every malformed body is 400 with its own text in the form of the service, and nothing is asked of the worker', async () => {
  for (const [name, [body, says]] of Object.entries(MALFORMED)) {
    const answer = await post('/rest/RestAtBlqEnt', body, 'application/x-www-form-urlencoded');
    assert.equal(answer.status, 400, name);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/, name);
    const { result, error } = (await answer.json()) as { result: unknown[]; error: string };
    assert.deepEqual(result, [], name);
    assert.match(error, says, name);
  }
  // Of any request; the next test finds one.
  assert.equal(await edge.store.oldestOutboxAge(), 0);
});

test('while the worker is away the answer is 202, and its Location answers the same until the result is there', async () => {
  for (const [path, body, type] of [
    ['/rest/RestAtBlqEnt', `JSON=${PACKED}`, 'application/x-www-form-urlencoded'],
    ['/rest/restatblqent', PACKED, 'text/plain'],
    ['/rest/RestAtBlqEnt/', JSON.stringify({ Empresas: [LINHA] }), 'application/xml'],
  ] as const) {
    const answer = await post(path, body, type);
    assert.equal(answer.status, 202);
    const location = answer.headers.get('location') ?? '';
    const { result, error } = (await answer.json()) as { result: unknown[]; error: string };
    assert.deepEqual(result, []);
    assert.ok((await edge.store.oldestOutboxAge()) > 0);
    assert.match(error, /ainda em processamento; consulte \/rest\/RestAtBlqEnt\//);

    const waiting = await get(location);
    assert.deepEqual([waiting.status, waiting.headers.get('location')], [202, location]);
    await finish(location, { result: [RESULT] });
    const done = await get(location);
    assert.equal(done.status, 200);
    assert.deepEqual(await done.json(), { result: [RESULT], error: null });
  }
});

test('a result is found by its own account only; what does not exist is answered alike', async () => {
  const other = await edge.signIn(await edge.account('01159435000146'));
  const answer = await post('/rest/RestAtBlqEnt', PACKED);
  const location = answer.headers.get('location') ?? '';
  await finish(location, { result: [RESULT] });
  const unknown = '/rest/RestAtBlqEnt/3f0c7a52-8d1e-4b6a-9c2f-5e7d1a4b8c90';
  const told = await Promise.all(
    [get(location, other), get(unknown, other), get(unknown)].map(async (one) => {
      const { status } = await one;
      return [status, await (await one).json()];
    }),
  );
  const refusal = [404, { result: [], error: 'Requisição desconhecida; os resultados são guardados por 90 dias.' }];
  assert.deepEqual(told, [refusal, refusal, refusal]);
});

test('a request that the worker refused whole is 400, as one that the edge refuses', async () => {
  const location = (await post('/rest/RestAtBlqEnt', PACKED)).headers.get('location') ?? '';
  const message = 'O pedido daria mais de 20000 linhas de resultado; divida-o.';
  await finish(location, { recusa: { codigo: 'pedido-grande-demais', message } });
  const refused = await get(location);
  assert.deepEqual([refused.status, await refused.json()], [400, { result: [], error: message }]);
});

test('what is asked of the worker: rows, contrato, and who asks; the audit trail has it', async () => {
  const body = JSON.stringify({ contrato: '12345', Empresas: [LINHA, { ...LINHA, Parametro: 2 }] });
  const answer = await post('/rest/RestAtBlqEnt', body);
  const id = answer.headers.get('location')?.split('/').at(-1) ?? '';
  const pedido = await edge.store.bloqueios.findById({ conta: account.conta, id });
  assert.ok(pedido);
  const row = { tipopessoa: 2, documento: LINHA.cnpj, ie: LINHA.IE, uf: 'SP' };
  assert.deepEqual(pedido.rows, [
    { ...row, parametro: 1 },
    { ...row, parametro: 2 },
  ]);
  assert.deepEqual([pedido.contrato, pedido.quem.tipo, pedido.quem.id], ['12345', 'credencial', account.token]);
  const { registros } = await edge.store.auditoria.list({ conta: account.conta, skip: 0, limit: 1 });
  assert.deepEqual(
    registros.map(({ acao, alvo, detalhe, quem }) => [acao, alvo, detalhe, quem.id]),
    [['entidade.bloqueio', id, 'bloquear 1, liberar 1, contrato 12345', account.token]],
  );
});

test('the token services refuse in the form of the service', async () => {
  const empresa = { cnpj: '99999999000199', tipopessoa: 2, ie: 'ISENTO', uf: 'SP' };
  for (const path of ['/rest/RestGetToken', '/rest/restnewtoken']) {
    const malformed = await post(path, 'JSON=e30=', 'application/x-www-form-urlencoded');
    assert.equal(malformed.status, 400);
    assert.match(((await malformed.json()) as { error: string }).error, /campo empresa: não informado/);
    const unknown = await post(path, JSON.stringify({ empresa }));
    assert.deepEqual([unknown.status, await unknown.json()], [404, { Token: '', error: 'Entidade nao encontrada.' }]);
  }
});

test('WSTSSSETUP tells the first offending parameter', async () => {
  for (const [body, says] of [
    ['', /corpo da requisição está vazio/],
    ['{}', /^O parâmetro 'registrationType' não foi informado/],
    ['{"registrationType":1,"registrationNumber":"53113791000122"}', /^O parâmetro 'uf' não foi informado/],
  ] as const) {
    const answer = await post('/rest/WSTSSSETUP/v1', body);
    const { errorCode, errorMessage } = (await answer.json()) as { errorCode: number; errorMessage: string };
    assert.deepEqual([answer.status, errorCode], [400, 400]);
    assert.match(errorMessage, says);
  }
  const unknown = await get(`/rest/wstsssetup/v1?registrationType=1&registrationNumber=${account.empresa}&uf=SP`);
  assert.deepEqual([unknown.status, await unknown.json()], [400, { errorCode: 400, errorMessage: 'Entidade nao encontrada.' }]);
});

test('WSTSSSETUP adds another IE to a company that it knows, once, and asks for an entity of each', async () => {
  const cnpj = sampleCnpj(75);
  const { pfx, senha } = issueCompanyPfx(createCa({ name: 'AC de Teste' }), { cnpj, razaoSocial: 'EXEMPLO LTDA', senha: 'çã' });
  const setUp = (ie: string, uf: string, countyCode: string) =>
    post(
      '/rest/WSTSSSETUP/v1?ambiente=hom',
      JSON.stringify({
        ...{ registrationType: 1, registrationNumber: cnpj, ie, uf, companyName: 'Exemplo Ltda', countyCode },
        ...{ digitalCertificate: pfx.toString('base64'), password: senha },
      }),
    );
  for (const [ie, uf, municipio] of [
    ['110042490114', 'SP', '3550308'],
    ['110.042.490.114', 'SP', '3550308'],
    ['0014951780054', 'MG', '3106200'],
    ['0014951780054', 'MG', '3106200'],
  ] as const) {
    const answer = await setUp(ie, uf, municipio);
    assert.deepEqual([answer.status, ((await answer.json()) as { idCompany: string }).idCompany], [202, '']);
  }
  const empresa = await edge.store.empresas.find({ conta: account.conta, documento: cnpj });
  assert.ok(empresa?.certificado);
  assert.deepEqual([empresa.uf, empresa.ie, empresa.municipio], ['SP', '110042490114', '3550308']);
  assert.deepEqual(empresa.outrasInscricoes, [{ uf: 'MG', ie: '0014951780054' }]);
  const wrong = await setUp('110042490114', 'SP', '3106200');
  assert.match(((await wrong.json()) as { errorMessage: string }).errorMessage, /^Parâmetro 'countyCode': .*3106200/);
});

test('without a session the calls are refused before their bodies are looked at', async () => {
  for (const path of ['/rest/RestAtBlqEnt', '/rest/RestGetToken', '/rest/RestNewToken', '/rest/WSTSSSETUP/v1']) {
    const answer = await fetch(`${edge.url}${path}`, { method: 'POST', body: 'x' });
    assert.equal((await problemOf(answer)).status, 401);
  }
});
