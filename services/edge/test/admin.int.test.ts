import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { httpOf } from '@malote/administration/command';
import { COMMANDS } from '@malote/administration/commands';
import { fieldOf } from '@malote/administration/option';
import { installSchemas } from '@malote/schemas/install';
import { zipFolder } from '@malote/schemas/operator-packs';
import { createCa, issueCompanyPfx } from '@malote/testkit/certificates';
import { eventually } from '@malote/testkit/eventually';
import { type Case, casesOf, type Given, type Side } from './command-cases.ts';
import { type CommandLine, startCommandLine } from './command-line.ts';
import { basic, EDGE_MASTER_KEY, problemOf, type RunningEdge, runEdge, servers } from './running-edge.ts';

const KEY = 'chave-de-operador-de-teste';
const SENHA = 'senha çom acentos';
const BY_LINE = ['11222333000181', '11222333000262'] as const;
const BY_HTTP = ['11222333000343', '11222333000424'] as const;

let edge: RunningEdge;
let line: CommandLine;
let sides: { line: Side; http: Side };
const dir = mkdtempSync(join(tmpdir(), 'malote-admin-'));
/** The whole configuration: `config print` must say the same in both processes. */
const own = { ...process.env };

before(async () => {
  edge = await runEdge('admin', { config: { operatorKey: KEY } });
  const { mongoUrl, redisUrl } = await servers();
  const { schemasDir, zip } = await ownSchemas();
  const env = {
    MALOTE_MODE: 'test',
    MALOTE_MONGO_URL: mongoUrl,
    MALOTE_MONGO_DATABASE: edge.database,
    MALOTE_RABBITMQ_URL: edge.rabbitmqUrl,
    MALOTE_REDIS_URL: redisUrl,
    MALOTE_MASTER_KEY: EDGE_MASTER_KEY,
    MALOTE_SCHEMAS_DIR: schemasDir,
  };
  // The edge runs in this process.
  Object.assign(process.env, env);
  line = startCommandLine(env);
  const { pfx } = issueCompanyPfx(createCa(), { cnpj: BY_LINE[0], razaoSocial: 'COMERCIAL EXEMPLO LTDA', senha: SENHA });
  const side = async ([empresa, outra]: readonly [string, string]): Promise<Side> => {
    const { conta, token } = await edge.account(empresa);
    return { conta, token, empresa, outra, pfx, senha: SENHA, pacote: { nome: `PL_${outra}`, zip } };
  };
  sides = { line: await side(BY_LINE), http: await side(BY_HTTP) };
  await eventually(() => edge.broker.state().publishing);
});
after(async () => {
  await line.close();
  await edge.stop();
  rmSync(dir, { recursive: true });
  for (const name of Object.keys(process.env)) if (!(name in own)) delete process.env[name];
});

/** A folder with the base pack of the run, and a pack that has one of its schemas again. */
async function ownSchemas(): Promise<{ schemasDir: string; zip: Buffer }> {
  const installed = process.env.MALOTE_TEST_SCHEMAS ?? join(import.meta.dirname, '../../../.malote/schemas');
  const { pack, files: schemas } = await installSchemas({ dir: installed });
  const schemasDir = join(dir, 'schemas');
  mkdirSync(join(schemasDir, 'packs'), { recursive: true });
  symlinkSync(join(installed, 'packs', pack), join(schemasDir, 'packs', pack));
  const small = schemas.find(({ conjunto, roots }) => conjunto === 'nfe_evento_cce' && roots.includes('envEvento'));
  assert.ok(small);
  const folder = join(dir, 'pacote');
  mkdirSync(folder);
  copyFileSync(join(installed, 'packs', pack, small.conjunto, small.file), join(folder, small.file));
  return { schemasDir, zip: await zipFolder(folder) };
}

let files = 0;
function argsOf(given: Given): string[] {
  return Object.entries(given).flatMap(([name, value]) => {
    if (value === true) return [`--${name}`];
    if (typeof value === 'string') return [`--${name}`, value];
    files += 1;
    const path = join(dir, `file-${files}`);
    writeFileSync(path, Buffer.isBuffer(value) ? value : value.text);
    return [`--${name}`, path];
  });
}

function call({ name, given }: Case): Promise<Response> {
  const command = COMMANDS.find((each) => each.name === name);
  assert.ok(command, name);
  const fields = Object.entries(given).map(([option, value]): [string, string | boolean] => [
    fieldOf(option, command.options[option] ?? { description: '' }),
    Buffer.isBuffer(value) ? value.toString('base64') : typeof value === 'object' ? value.text : value,
  ]);
  const { method, path } = httpOf(command);
  const url = `${edge.url}${path}`;
  const headers = { authorization: basic('ana', KEY) };
  if (method === 'GET')
    return fetch(`${url}?${new URLSearchParams(fields.map(([field, value]): [string, string] => [field, String(value)]))}`, { headers });
  return fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(Object.fromEntries(fields)),
  });
}

/** Without what differs from side to side and from call to call. */
function plain(text: string): unknown {
  const names = (['conta', 'token', 'empresa', 'outra'] as const).flatMap((name) => [
    [sides.line[name], name.toUpperCase()] as const,
    [sides.http[name], name.toUpperCase()] as const,
  ]);
  return JSON.parse(
    names
      .reduce((said, [own, name]) => said.replaceAll(own, name), text)
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'INSTANTE')
      .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UUID')
      .replace(/"(secret|hash|anterior)":"[^"]{20,}"/g, '"$1":"…"'),
  );
}
const withoutQuem = (value: unknown) => JSON.parse(JSON.stringify(value), (key, each) => (key === 'quem' ? undefined : each)) as unknown;

test('every command of the table is tried', () => {
  const tried = new Set(casesOf(sides.http).map(({ name }) => name));
  assert.deepEqual(
    COMMANDS.map(({ name }) => name).filter((name) => !tried.has(name)),
    [],
  );
});

test('by command line and by HTTP each command gives the same result and the same refusal', async () => {
  const byHttp = casesOf(sides.http);
  for (const [index, byLine] of casesOf(sides.line).entries()) {
    const { name, refused } = byLine;
    const said = await line.run(name, ...argsOf(byLine.given), '--json');
    const answer = await call(byHttp[index] as Case);
    const what = `${name} ${JSON.stringify(Object.keys(byLine.given))}`;
    if (refused === undefined) {
      assert.equal(said.error, undefined, what);
      const text = await answer.text();
      assert.equal(answer.status, 200, `${what}: ${text}`);
      assert.deepEqual(withoutQuem(plain(text)), withoutQuem(plain(said.out as string)), what);
    } else {
      assert.equal(said.out, undefined, what);
      assert.equal((said as { codigo?: string }).codigo, refused, `${what}: ${said.error}`);
      const problem = await problemOf(answer);
      const [fault] = problem.faults as { code: string; message: string }[];
      assert.deepEqual([problem.status, problem.codigo, fault?.code], [400, 'comando-recusado', refused], what);
      assert.doesNotMatch(String(fault?.message), /--[a-z]/, 'options are told by their field names');
    }
  }
});

test('what an operator changes is in the audit trail as the operator’s, with name and address', async () => {
  const { registros } = await edge.store.auditoria.list({ conta: sides.http.conta, skip: 0, limit: 100 });
  const acoes = registros.map(({ acao, resultado }) => `${acao} ${resultado}`);
  for (const acao of ['conta.desativar ok', 'credencial.trocar-secret ok', 'certificado.instalar ok', 'csc.gravar ok', 'empresa.criar ok'])
    assert.ok(acoes.includes(acao), `${acao} of ${acoes}`);
  for (const { quem } of registros) assert.deepEqual(quem, { tipo: 'operador', id: 'ana', ip: '127.0.0.1' });
  const byLine = await edge.store.auditoria.list({ conta: sides.line.conta, skip: 0, limit: 100 });
  assert.equal(byLine.total, registros.length);
  for (const { quem } of byLine.registros) assert.equal(quem.tipo, 'cli');
  const hub = await edge.store.auditoria.list({ conta: '*', skip: 0, limit: 10 });
  assert.ok(hub.registros.some(({ acao, quem }) => acao === 'mensagens.devolver' && quem.tipo === 'operador'));
});

test('no secret of a command is logged, and none of its files comes back', async () => {
  const answers = await Promise.all(
    casesOf(sides.http)
      .filter(({ name }) => /^(certificate|csc) /.test(name))
      .map(async (each) => (await call(each)).text()),
  );
  const said = [...edge.logged, ...answers].join('\n');
  assert.ok(edge.logged.some((each) => each.includes('/api/admin/certificate/put')));
  for (const secret of [SENHA, KEY, sides.http.pfx.toString('base64').slice(40, 120), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'PRIVATE KEY'])
    assert.equal(said.includes(secret), false, secret.slice(0, 6));
});

test('the list of commands says how each is asked', async () => {
  const answer = await fetch(`${edge.url}/api/admin`, { headers: { 'x-operator-key': KEY } });
  const { comandos } = (await answer.json()) as {
    comandos: { comando: string; metodo: string; caminho: string; campos: { nome: string }[] }[];
  };
  assert.equal(comandos.length, COMMANDS.length);
  const put = comandos.find(({ comando }) => comando === 'csc put');
  assert.deepEqual(put && { ...put, campos: put.campos.map(({ nome }) => nome), resumo: undefined }, {
    ...{ comando: 'csc put', resumo: undefined, metodo: 'POST', caminho: '/api/admin/csc/put' },
    campos: ['conta', 'empresa', 'ambiente', 'id', 'csc'],
  });
});

test('a body that is no object and fields that do not exist are refused, all at once', async () => {
  const post = (body: string) =>
    fetch(`${edge.url}/api/admin/account/create`, {
      method: 'POST',
      headers: { 'x-operator-key': KEY, 'content-type': 'application/json; charset=utf-8' },
      body,
    });
  assert.equal((await problemOf(await post('["x"]'))).codigo, 'comando-recusado');
  assert.equal((await problemOf(await post('{"name":'))).codigo, 'json-malformado');
  const { faults } = (await problemOf(await post('{"nome":"x","name":{"a":1}}'))) as unknown as { faults: { path: string }[] };
  assert.deepEqual(
    faults.map(({ path }) => path),
    ['nome', 'name'],
  );
});

test('what the edge is not configured for is refused with the name of the variable', async () => {
  const { MALOTE_SCHEMAS_DIR: there } = process.env;
  delete process.env.MALOTE_SCHEMAS_DIR;
  const problem = await problemOf(await call({ name: 'schemas list', given: {} }));
  process.env.MALOTE_SCHEMAS_DIR = there;
  assert.deepEqual([problem.status, problem.codigo], [400, 'comando-recusado']);
  assert.match(problem.detail, /MALOTE_SCHEMAS_DIR não foi definida/);
});

test('of several things that are wrong each is told', async () => {
  const given = { conta: sides.http.conta, cnpj: sides.http.outra, uf: 'SP', 'razao-social': 'X', crt: '9', municipio: '12' };
  const { faults } = (await problemOf(await call({ name: 'company add', given }))) as unknown as { faults: { path: string }[] };
  assert.deepEqual(faults.map(({ path }) => path).sort(), ['crt', 'municipio']);
  const papel = { conta: sides.http.conta, empresa: sides.http.empresa, 'danfe-largura-cupom': '90', inscricoes: 'XX:1' };
  const refused = (await problemOf(await call({ name: 'company set', given: papel }))) as unknown as { faults: { message: string }[] };
  assert.deepEqual(
    refused.faults.map(({ message }) => message.split(':', 1)[0]),
    ['inscricoes XX', 'inscricoes XX', 'danfeLarguraCupom'],
  );
});
