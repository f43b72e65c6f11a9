import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { issueCompanyPfx } from '@malote/testkit/certificates';
import { eventually } from '@malote/testkit/eventually';
import { type Customer, newCustomer } from './customer.ts';
import { startHub } from './hub.ts';
import { registerEntity } from './register-entity.ts';

const hub = await startHub({ fast: true });
after(() => hub.close());
before(() => hub.start('entity-block'));

type Row = Record<string, unknown> & { Token?: string };
interface Answer {
  result: Row[];
  error: string | null;
}

async function restAtBlqEnt(
  customer: Pick<Customer, 'session'>,
  body: string,
  type = 'application/x-www-form-urlencoded',
): Promise<Answer> {
  const headers = { 'x-auth-token': customer.session, 'content-type': type };
  const answer = await fetch(`${hub.url()}/rest/RestAtBlqEnt`, { method: 'POST', headers, body });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return JSON.parse(text) as Answer;
}

/** As the TSS page prints them. */
const FIRST =
  '{"Empresas":[{"tipopessoa":2,"cnpj":"53113791000122","IE":"111010945111","UF":"SP","Parametro":1},{"tipopessoa":2,"cnpj":"01159435000146","IE":"ISENTO","UF":"PE","Parametro":2},{"tipopessoa":2,"cnpj":"53113791000185","IE":"0014951780054","UF":"MG","Parametro":1}]}';
const SECOND = '{"contrato":"12345","Empresas":[{"tipopessoa":2,"cnpj":"53113791001790","IE":"255721161","UF":"SC","Parametro":1}]}';
const form = (json: string) => `JSON=${Buffer.from(json).toString('base64')}`;

test('the two payloads of the TSS page are answered to the letter', async () => {
  const contracts = await newCustomer(hub, { cnpj: '11222333000181' });
  const { conta } = contracts;
  const sp = { documento: '53113791000122', ie: '111010945111', uf: 'SP' } as const;
  const pe = { documento: '01159435000146', ie: 'ISENTO', uf: 'PE' } as const;
  await Promise.all([
    registerEntity(hub, conta, { ...sp, entidade: '000002', idEmpresa: '00000000000000000001' }),
    registerEntity(hub, conta, { ...sp, entidade: '000121', idEmpresa: '00000000000000000002' }),
    registerEntity(hub, conta, { ...sp, entidade: '000122', idEmpresa: '00000000000000000003' }),
    registerEntity(hub, conta, { ...pe, entidade: '000003' }),
  ]);
  const free = { tipopessoa: 2, cnpj: pe.documento, IE: pe.ie, UF: pe.uf, Parametro: 2 };
  const activated = await restAtBlqEnt(contracts, JSON.stringify({ Empresas: [free] }), 'application/json');
  assert.match(String(activated.result[0]?.Token), /^[0-9a-f]{40}$/);

  const blocked = { CNPJ: sp.documento, CPF: '', IE: sp.ie, UF: 'SP', OK: true, mensagem: 'Cliente bloqueado', error: 'null' };
  const first = {
    result: [
      { ...blocked, IDEMPRESA: '00000000000000000001', Entidade: '000002' },
      { ...blocked, IDEMPRESA: '00000000000000000002', Entidade: '000121' },
      { ...blocked, IDEMPRESA: '00000000000000000003', Entidade: '000122' },
      {
        ...{ CNPJ: '01159435000146', CPF: '', IE: 'ISENTO', UF: 'PE', IDEMPRESA: '', Entidade: '000003' },
        ...{ OK: true, mensagem: 'Cliente liberado', error: 'null' },
      },
      {
        ...{ CNPJ: '53113791000185', CPF: '', IE: '0014951780054', UF: 'MG', IDEMPRESA: '', Entidade: '' },
        ...{ OK: false, mensagem: null, error: 'Entidade nao encontrada.' },
      },
    ],
    error: null,
  };
  const notFound = {
    ...{ CNPJ: '53113791001790', CPF: '', IE: '255721161', UF: 'SC', IDEMPRESA: '', Entidade: '' },
    ...{ OK: false, mensagem: null, error: 'Entidade nao encontrada.' },
  };
  const second = { result: [notFound], error: null };
  // In every form, and again: a request is applied to the present flag.
  for (const [json, expected] of [
    [FIRST, first],
    [SECOND, second],
  ] as const) {
    assert.deepEqual(await restAtBlqEnt(contracts, form(json)), expected);
    assert.deepEqual(await restAtBlqEnt(contracts, Buffer.from(json).toString('base64'), 'text/plain'), expected);
    assert.deepEqual(await restAtBlqEnt(contracts, json, 'application/json'), expected);
  }

  const list = await contracts.get('/api/entidades?uf=SP&bloqueado=true');
  const { totalElementos, registros } = (await list.json()) as { totalElementos: number; registros: Row[] };
  assert.deepEqual([totalElementos, registros.map(({ entidade }) => entidade)], [3, ['000002', '000121', '000122']]);
  const shown = (await (await contracts.get('/api/entidades/000002')).json()) as { historico: Row[]; bloqueada: boolean };
  assert.equal(shown.bloqueada, true);
  assert.deepEqual(
    shown.historico.map(({ parametro, linha, quem }) => [parametro, linha, (quem as { id: string }).id]),
    Array.from({ length: 3 }, () => [1, 1, contracts.token]),
  );
});

test('blocking while 200 notes are in flight: what was accepted ends, nothing is accepted after the answer, and reading goes on', async () => {
  const customer = await newCustomer(hub, { cnpj: '45543915000181', ie: '110042490114' });
  await registerEntity(hub, customer.conta, { documento: customer.cnpj, ie: '110042490114', uf: 'SP' });
  const row = (Parametro: 1 | 2) => ({ tipopessoa: 2, cnpj: customer.cnpj, IE: '110.042.490.114', UF: 'SP', Parametro });
  const ask = (Parametro: 1 | 2) => restAtBlqEnt(customer, form(JSON.stringify({ contrato: '12345', Empresas: [row(Parametro)] })));

  let blockedAt: 'not yet' | 'asked' | 'answered' = 'not yet';
  const accepted: number[] = [];
  let refused = 0;
  const emitOne = async (numero: number) => {
    const begun = blockedAt;
    const answer = await customer.post(customer.note({ numero }));
    if (answer.ok) {
      assert.notEqual(begun, 'answered', `note ${numero} was accepted after the answer`);
      accepted.push(numero);
      return;
    }
    const problem = (await answer.json()) as Row;
    assert.deepEqual(
      [answer.status, problem.codigo, problem.title, problem.contrato],
      [403, 'cliente-bloqueado', 'Cliente bloqueado', '12345'],
    );
    refused += 1;
  };
  const numbers = Array.from({ length: 300 }, (_, i) => i + 1);
  const posters = Array.from({ length: 20 }, async () => {
    for (let numero = numbers.shift(); numero !== undefined; numero = numbers.shift()) await emitOne(numero);
  });
  const posted = Promise.allSettled(posters);
  await eventually(() => accepted.length >= 200, { timeoutMs: 60_000 });
  blockedAt = 'asked';
  const { result } = await ask(1);
  blockedAt = 'answered';
  assert.deepEqual(
    result.map(({ mensagem }) => mensagem),
    ['Cliente bloqueado'],
  );
  await emitOne(999);
  await posted;
  await Promise.all(posters);
  assert.ok(refused > 0 && accepted.length >= 200);

  const ended = await eventually(
    async () => {
      const rows = await hub.raw.collection('documentos').find({ conta: customer.conta }).project({ state: 1, numero: 1 }).toArray();
      assert.deepEqual([...new Set(rows.map(({ state }) => state))], ['authorized']);
      return rows;
    },
    { timeoutMs: 120_000 },
  );
  assert.deepEqual(
    ended.map(({ numero }) => numero).sort((a, b) => a - b),
    accepted.sort((a, b) => a - b),
  );

  const [numero = 0] = accepted;
  const { chaveAcesso } = await customer.view(numero);
  const evento = { tipo: 'cancelamento', justificativa: 'Pedido cancelado pelo cliente' } as const;
  const cancel = () => customer.client.postEvent({ ...customer.docs, chave: String(chaveAcesso), evento, wait: 20 });
  await assert.rejects(cancel(), /403 cliente-bloqueado/);
  assert.equal((await customer.get(`${customer.path}/${chaveAcesso}.xml`)).status, 200);
  await ask(2);
  assert.equal((await cancel()).status, 'Registrado');
  await customer.emit({ numero: 999 });
  await customer.untilStatus(999, 'Autorizada');
});

test('a company set up as in TSS emits with the TOKEN of its entity, until it is renewed', async () => {
  const contracts = await newCustomer(hub, { cnpj: '33000167000101' });
  const [cnpj, ie, uf] = ['07526557000100', '111010945111', 'SP'];
  const { pfx } = issueCompanyPfx(hub.ca, { cnpj, razaoSocial: 'CLIENTE LTDA', senha: 'Senha çã 1' });
  const setup = {
    ...{ registrationType: 1, registrationNumber: cnpj, ie, uf, companyName: 'Cliente Ltda', branchName: 'Cliente', countyCode: '3550308' },
    ...{ digitalCertificate: pfx.toString('base64'), password: 'Senha çã 1', typeCert: 'A1', url: 'http://localhost:8081' },
  };
  const rest = async (method: 'POST' | 'GET', path: string, json?: object) => {
    const headers = { authorization: basicOf(contracts), 'content-type': 'application/json' };
    const answer = await fetch(`${hub.url()}/rest/${path}`, { method, headers, ...(json ? { body: JSON.stringify(json) } : {}) });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const wrong = await rest('POST', 'WSTSSSETUP/v1', { ...setup, password: 'outra' });
  assert.equal(wrong.status, 400);
  assert.match(String(wrong.body.errorMessage), /^Parâmetro 'password': /);
  assert.equal(await hub.store.empresas.find({ conta: contracts.conta, documento: cnpj }), undefined, 'nothing is written');
  // The certificate of the test's own authority is what the hub was told to trust.
  for (const _again of [1, 2]) {
    const { status, body } = await rest('POST', 'WSTSSSETUP/v1', setup);
    assert.deepEqual([status, body.idCompany], [200, '000001'], JSON.stringify(body));
  }
  const shown = await rest('GET', `WSTSSSETUP/v1?registrationType=1&registrationNumber=${cnpj}&ie=${ie}&uf=${uf}`);
  assert.deepEqual([shown.status, shown.body.idCompany], [200, '000001']);

  const row = { tipopessoa: 2, cnpj, IE: ie, UF: uf, Parametro: 2 };
  const { result } = await restAtBlqEnt(contracts, form(JSON.stringify({ Empresas: [row] })));
  const TOKEN = String(result[0]?.Token);
  const empresa = { cnpj, tipopessoa: 2, ie, uf };
  assert.deepEqual(await rest('POST', 'RestGetToken', { empresa }), { status: 200, body: { Token: TOKEN } });
  const post = (numero: number, token: string) =>
    fetch(`${hub.url()}/api/empresas/${cnpj}/docs/hom/55`, {
      ...{ method: 'POST', headers: { CNPJ: cnpj, TOKEN: token, 'content-type': 'application/xml', prefer: 'wait=20' } },
      body: contracts.note({ numero, cnpj, ie }),
    });
  const first = await post(1, TOKEN);
  assert.equal(((await first.json()) as { status: string }).status, 'Autorizada');

  const renewed = await rest('POST', 'RestNewToken', { empresa });
  const fresh = String(renewed.body.Token);
  assert.match(fresh, /^[0-9a-f]{40}$/);
  assert.notEqual(fresh, TOKEN);
  assert.equal((await post(2, TOKEN)).status, 401);
  assert.equal((await post(2, fresh)).status, 200);
  const again = await restAtBlqEnt(contracts, form(JSON.stringify({ Empresas: [row] })));
  assert.equal(again.result[0]?.Token, undefined, 'shown once');
});

const basicOf = ({ token, secret }: Pick<Customer, 'token' | 'secret'>) => `Basic ${Buffer.from(`${token}:${secret}`).toString('base64')}`;
