import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { nudgePublisher } from '@malote/redis/nudges';
import { createCa, issueCompanyPfx } from '@malote/testkit/certificates';
import { eventually } from '@malote/testkit/eventually';
import { problemOf, type RunningEdge, runEdge, type TestAccount } from './running-edge.ts';

const EMPRESA = '11222333000181';
const SENHA = 'pão-de-açúcar 1€';
const dir = mkdtempSync(join(tmpdir(), 'malote-certificado-'));
const ca = createCa();
const issue = (over = {}) => issueCompanyPfx(ca, { cnpj: EMPRESA, razaoSocial: 'Comercial Exemplo', senha: SENHA, ...over });
const pfx = issue();
let edge: RunningEdge;
let account: TestAccount;
let session: string;
let url: string;

before(async () => {
  writeFileSync(join(dir, 'ca.pem'), ca.certPem);
  edge = await runEdge('certificado', { config: { sefazCaFile: join(dir, 'ca.pem') } });
  account = await edge.account(EMPRESA);
  session = await edge.signIn(account);
  url = `${edge.url}/api/empresas/${EMPRESA}/certificado`;
});
after(async () => {
  await edge.stop();
  rmSync(dir, { recursive: true });
});

interface Sent {
  method?: string;
  query?: string;
  as?: string;
  to?: string;
}

function send(body: string | FormData | object, { method = 'PUT', query = '', as = session, to = url }: Sent = {}): Promise<Response> {
  const raw = typeof body === 'string' || body instanceof FormData;
  const headers = { 'x-auth-token': as, ...(raw ? {} : { 'content-type': 'application/json' }) };
  return fetch(`${to}${query}`, { method, headers, body: raw ? body : JSON.stringify(body) });
}

function form(file: Buffer, senha: string): FormData {
  const data = new FormData();
  data.set('senha', senha);
  data.set('arquivo', new Blob([new Uint8Array(file)], { type: 'application/x-pkcs12' }), 'empresa.pfx');
  return data;
}

const json = (file: Buffer, senha: string) => ({ conteudo: file.toString('base64'), senha });
const shown = async (query = '') => (await (await fetch(`${url}${query}`, { headers: { 'x-auth-token': session } })).json()) as never;

/** The only fault of a refusal. */
async function faultOf(answer: Response): Promise<{ code: string; path: string; message: string }> {
  const { status, codigo, faults } = await problemOf(answer);
  assert.deepEqual([status, codigo, (faults as unknown[]).length], [400, 'cadastro-recusado', 1]);
  return (faults as [{ code: string; path: string; message: string }])[0];
}

test('without a certificate there is none to show, and a check changes nothing', async () => {
  const none = await fetch(url, { headers: { 'x-auth-token': session } });
  assert.equal((await problemOf(none)).codigo, 'certificado-ausente');
  const checked = await send(json(pfx.pfx, SENHA), { query: '?simular=true' });
  assert.equal(checked.status, 200);
  const { cadeia, instaladoEm, documento } = (await checked.json()) as Record<string, unknown>;
  assert.deepEqual([cadeia, instaladoEm, documento], ['icp-brasil', null, EMPRESA]);
  assert.equal((await fetch(url, { headers: { 'x-auth-token': session } })).status, 404);
});

test('a form and a JSON install it, by PUT and by POST; the one before stays in the history', async () => {
  const first = await send(form(pfx.pfx, SENHA));
  assert.equal(first.status, 200, await first.clone().text());
  const { impressaoSha256: before } = (await first.json()) as { impressaoSha256: string };
  const next = issue({ notAfter: new Date('2044-01-01T00:00:00Z') });
  for (const method of ['POST', 'PUT']) assert.equal((await send(json(next.pfx, SENHA), { method })).status, 200);
  const view = (await shown()) as {
    validoAte: string;
    anteriores: { impressaoSha256: string }[];
    testes: { autorizador: string; ambiente: string }[];
  };
  assert.equal(view.validoAte, '2044-01-01T00:00:00.000Z');
  assert.deepEqual(
    view.anteriores.map(({ impressaoSha256 }) => impressaoSha256),
    [before],
  );
  const where = view.testes.map(({ autorizador, ambiente }) => `${autorizador} ${ambiente}`);
  assert.deepEqual(where, ['SP prod', 'SVC-AN prod', 'SP hom', 'SVC-AN hom']);
  const { outbox, version } = (await edge.store.certificados.history({ conta: account.conta, empresa: EMPRESA }))[0] ?? {};
  assert.deepEqual([outbox, version], [[], 2]);
});

test('what is wrong is named as the body calls it, and nothing is stored', async () => {
  const before = await shown();
  assert.deepEqual(await faultOf(await send(form(pfx.pfx, 'errada'))), {
    ...{ code: 'senha-incorreta', path: 'senha' },
    message: 'A senha do arquivo PFX está incorreta.',
  });
  const other = issue({ cnpj: '99888777000110' });
  assert.deepEqual(
    [(await faultOf(await send(json(other.pfx, SENHA)))).path, (await faultOf(await send(form(other.pfx, SENHA)))).path],
    ['conteudo', 'arquivo'],
  );
  assert.equal((await faultOf(await send({ conteudo: 'isto não é base64!', senha: 's' }))).code, 'base64-invalido');
  assert.equal((await faultOf(await send({ conteudo: 'QUJD*', senha: 's' }))).code, 'base64-invalido');
  assert.equal((await faultOf(await send({ conteudo: 'QUJD', senha: 's' }))).code, 'pfx-invalido');
  const nothing = await problemOf(await send({}));
  assert.deepEqual(
    (nothing.faults as { path: string }[]).map(({ path }) => path),
    ['conteudo', 'senha'],
  );
  const empty = new FormData();
  empty.set('arquivo', 'um texto');
  const fields = (await problemOf(await send(empty))).faults as { path: string; message: string }[];
  assert.deepEqual(
    fields.map(({ path }) => path),
    ['arquivo', 'senha'],
  );
  assert.match(fields[0]?.message ?? '', /deve ser um arquivo/);
  assert.deepEqual(await shown(), before);
});

test('a body of another kind, a form that is cut off and one of a thousand parts are refused', async () => {
  const headers = (type: string) => ({ 'x-auth-token': session, 'content-type': type });
  const codeOf = async (type: string, body: string) =>
    (await problemOf(await fetch(url, { method: 'PUT', headers: headers(type), body }))).codigo;
  assert.equal(await codeOf('application/xml', '<a/>'), 'tipo-de-conteudo');
  assert.equal(await codeOf('application/json', ''), 'corpo-vazio');
  assert.equal(await codeOf('application/json', '[]'), 'json-malformado');
  assert.equal(await codeOf('multipart/form-data', 'x'), 'formulario-malformado');
  const part = '--b\r\nContent-Disposition: form-data; name="senha"\r\n\r\nx\r\n';
  assert.equal(
    await codeOf('multipart/form-data; boundary=b', '--b\r\nContent-Disposition: form-data; name="arquivo"; filename="a"\r\n\r\nabc'),
    'formulario-malformado',
  );
  assert.equal(await codeOf('multipart/form-data; boundary=b', `${part.repeat(1_000)}--b--\r\n`), 'formulario-malformado');
  assert.equal((await problemOf(await send(json(Buffer.alloc(450_000), SENHA)))).codigo, 'corpo-grande-demais');
});

test('a company of another account is the same 404 as one that does not exist', async () => {
  const stranger = await edge.signIn(await edge.account('99888777000110'));
  for (const [method, body] of [
    ['PUT', json(pfx.pfx, SENHA)],
    ['POST', json(pfx.pfx, SENHA)],
    ['GET', undefined],
  ] as const) {
    const ask = async (empresa: string) => {
      const headers = { 'x-auth-token': stranger, 'content-type': 'application/json' };
      const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) };
      const { instance: _trace, ...problem } = await problemOf(await fetch(`${edge.url}/api/empresas/${empresa}/certificado`, init));
      return JSON.stringify(problem).replaceAll(empresa, 'X');
    };
    const [theirs, nobodys] = [await ask(EMPRESA), await ask('12345678000195')];
    assert.equal(theirs, nobodys, method);
    assert.match(theirs, /empresa-desconhecida/);
  }
});

test('a chain of somebody else is taken for homologação only', async () => {
  const { pfx: own } = issueCompanyPfx(createCa(), { cnpj: EMPRESA, razaoSocial: 'X', senha: SENHA });
  assert.equal((await faultOf(await send(json(own, SENHA)))).code, 'certificado-fora-da-icp-brasil');
  const taken = (await (await send(json(own, SENHA), { query: '?ambiente=hom' })).json()) as {
    ambientes: string[];
    avisos: { codigo: string }[];
  };
  assert.deepEqual([taken.ambientes, taken.avisos.map(({ codigo }) => codigo)], [['hom'], ['certificado-so-homologacao']]);
  assert.equal((await send(json(pfx.pfx, SENHA))).status, 200);
});

test('a test waits for what the worker stores, and is not asked for again before its turn', async () => {
  const owner = { conta: account.conta, empresa: EMPRESA };
  const present = async () => (await edge.store.certificados.history(owner)).find(({ outbox }) => outbox.length > 0) ?? null;
  const nudge = nudgePublisher({ redis: edge.redis, prefix: edge.redisPrefix });
  const asked = shown('?testar=true&ambiente=hom') as Promise<{
    testes: { autorizador: string; resultado: string; proximoEm: string | null }[];
  }>;
  const row = await eventually(present);
  const commands = row.outbox.map(({ message }) => message);
  assert.deepEqual(
    commands.map(({ type, payload }) => [type, 'alvo' in payload && payload.alvo]),
    [
      ['certificate.test', 'SP'],
      ['certificate.test', 'SVC-AN'],
    ],
  );
  const proximoEm = new Date(Date.now() + 180_000);
  for (const { id: pedido, payload } of commands) {
    const autorizador = 'alvo' in payload ? payload.alvo : '';
    const brought = { resultado: 'aceito', cStat: '107', motivo: 'Serviço em Operação', proximoEm } as const;
    await edge.store.certificados.registrarTeste(owner, row._id, { autorizador, tpAmb: '2', em: new Date(), ...brought }, pedido);
  }
  nudge(row._id);
  const tested = (await asked).testes.filter(({ resultado }) => resultado === 'aceito');
  assert.deepEqual(
    tested.map(({ autorizador }) => autorizador),
    ['SP', 'SVC-AN'],
  );
  assert.equal(await present(), null, 'the commands have served');
  await shown('?testar=true&ambiente=hom');
  assert.equal(await present(), null, 'nothing is asked for before the next turn');
});

test('the trail tells what was installed and refused; no secret is in it, in the log or in the answers', async () => {
  await send(json(pfx.pfx, 'hunter-2-errada'));
  const rows = await edge.store.certificados.history({ conta: account.conta, empresa: EMPRESA });
  const { keyPem } = pfx;
  const said = `${JSON.stringify(rows)}${edge.logged.join('\n')}${JSON.stringify(await shown())}`;
  for (const secret of [SENHA, 'hunter-2', 'PRIVATE KEY', keyPem.split('\n')[5] as string, pfx.pfx.toString('base64').slice(0, 40)]) {
    assert.equal(said.includes(secret), false, secret.slice(0, 10));
  }
});
