import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { provideSchemathesis, type Schemathesis } from '@malote/devstack/schemathesis';
import { issueCompanyPfx } from '@malote/testkit/certificates';
import { eventually } from '@malote/testkit/eventually';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { dhEmiText } from '@malote/testkit/sample-nfe';
import { newCustomer } from './customer.ts';
import { ROOT, startHub } from './hub.ts';
import { registerEntity } from './register-entity.ts';

/** A description can show no file that opens: they get a real one, and are else only refused. */
const NEEDS_A_PFX: Record<string, string> = { instalarCertificado: 'PUT', enviarCertificado: 'POST' };
/** Others read what it takes away. */
const LAST = 'retirarCsc';
/** Nor a request that there is: they are called once as they should be. */
const NEEDS_MORE = ['consultarBloqueio', 'cadastrarEmpresaTss', 'consultarEmpresaTss', 'consultarSimulacao', 'corrigirDocumento'];
const SIGN_IN_AND_OUT = ['abrirSessao', 'autenticar', 'encerrarSessao'];
const CHECKS = [
  ...['not_a_server_error', 'status_code_conformance', 'content_type_conformance'],
  ...['response_schema_conformance', 'response_headers_conformance'],
];

/**
 * Its own way of writing XML escapes a text that is XML already. And CPython 3.11 counts the depth of all threads' parsing together: two
 * workers that describe a filter at once end in "AST constructor recursion depth mismatch".
 */
const HOOKS = `
import ast
import threading
import schemathesis

parse, one_at_a_time = ast.parse, threading.RLock()

def parse_alone(*args, **kwargs):
    with one_at_a_time:
        return parse(*args, **kwargs)

ast.parse = parse_alone

@schemathesis.serializer('application/xml', 'text/xml')
def as_it_stands(ctx, value):
    return value.encode('utf-8', 'surrogatepass') if isinstance(value, str) else str(value).encode()
`;

interface Operation {
  operationId: string;
  requestBody?: { content: Record<string, { example?: string; examples?: Record<string, { value: unknown }> }> };
  parameters?: { name: string; example?: string }[];
  responses: Record<string, unknown>;
}

interface Har {
  log: { entries: { request: { method: string; url: string }; response: { status: number } }[] };
}

const limits = { MALOTE_RATE_LIMIT_IP: '100000000', MALOTE_RATE_LIMIT_CONTA: '100000000', MALOTE_SESSION_RATE_LIMIT: '1000000' };
const lockout = { MALOTE_LOCKOUT_TOKEN: '1000000', MALOTE_LOCKOUT_IP: '1000000' };
const dir = mkdtempSync(join(tmpdir(), 'malote-schemathesis-'));
const hub = await startHub({ env: { ...limits, ...lockout } });
await hub.start('entity-block');
const customer = await newCustomer(hub, { cnpj: '11222333000181' });
const answer = await fetch(`${hub.url()}/openapi.json?empresa=${customer.cnpj}`);
const description = (await answer.json()) as { paths: Record<string, Record<string, Operation>> };
const tool = await provideSchemathesis({
  toolsDir: join(ROOT, '.malote', 'tools'),
  path: process.env.PATH ?? '',
  log: (line) => console.log(line),
});
const skip = typeof tool === 'string' ? tool : false;

after(async () => {
  await hub.close();
  rmSync(dir, { recursive: true, force: true });
});

// First: the operations that read a document then find this one.
test('the example of emission is authorised as it stands, and sent again is the same document', async () => {
  const xml = operationOf('emitirDocumento').requestBody?.content['application/xml']?.example ?? '';
  const accepted = await customer.post(xml);
  assert.ok(accepted.ok, await accepted.clone().text());
  const { numero, serie } = (await accepted.json()) as { numero: number; serie: number };
  const view = await customer.untilStatus(numero, 'Autorizada', 20_000, serie);
  const again = await customer.post(xml);
  assert.equal(again.status, 200);
  assert.deepEqual(await again.json(), view);
});

test('an NFC-e of the same number has the key of the examples for the till', async () => {
  const { parameters = [] } = operationOf('baixarEscposPorChave');
  const chave = parameters.find(({ name }) => name === 'chaveAcesso')?.example ?? assert.fail('no example of a key');
  const [serie, numero, cNF] = [Number(chave.slice(22, 25)), Number(chave.slice(25, 34)), chave.slice(35, 43)];
  const body = sampleNfce({ cnpj: customer.cnpj, ie: '110042490114', serie, numero, cNF, dhEmi: hub.now() });
  const headers = { 'x-auth-token': customer.session, 'content-type': 'application/xml', prefer: 'wait=20' };
  const accepted = await fetch(`${hub.url()}${customer.path.replace(/55$/, '65')}`, { method: 'POST', body, headers });
  const { status, chaveAcesso } = (await accepted.json()) as { status: string; chaveAcesso: string };
  assert.deepEqual([status, chaveAcesso], ['Autorizada', chave]);
});

test('the examples of events and of inutilização are registered as they stand, in both forms', async () => {
  const { parameters = [] } = operationOf('pedirEventoPorChave');
  const chave = parameters.find(({ name }) => name === 'chaveAcesso')?.example ?? assert.fail('no example of a key');
  const eventos = `${customer.path}/${chave}/eventos`;
  for (const [name, { value }] of examplesOf('pedirEventoPorChave', 'application/json')) {
    const { tipo } = value as { tipo: string };
    // Of an NFC-e, and of an event whose answer has to be known.
    if (tipo === 'cancelamento-substituicao') continue;
    const first = await decided(eventos, 'application/json', JSON.stringify(value));
    assert.equal(first.status, 'Registrado', `${name}: ${JSON.stringify(first)}`);
    const xml = examplesOf('pedirEventoPorChave', 'application/xml').find(([other]) => other === name)?.[1].value;
    const again = await decided(eventos, 'application/xml', String(xml));
    assert.deepEqual([again.nSeqEvento, again.protocolo], [first.nSeqEvento, first.protocolo], `${name}: the XML is the same request`);
  }
  const inutilizacoes = `/api/empresas/${customer.cnpj}/docs/inutilizacoes/hom/55`;
  for (const type of ['application/json', 'application/xml']) {
    for (const [, { value }] of examplesOf('inutilizar', type)) {
      const done = await decided(inutilizacoes, type, typeof value === 'string' ? value : JSON.stringify(value));
      assert.equal(done.status, 'Inutilizada', JSON.stringify(done));
    }
  }
});

test('a certificate is installed in both forms', async () => {
  const { pfx, senha } = issueCompanyPfx(hub.ca, { cnpj: customer.cnpj, razaoSocial: 'Comercial Exemplo Ltda', senha: 'outra' });
  const form = new FormData();
  form.set('arquivo', new Blob([new Uint8Array(pfx)]), 'empresa.pfx');
  form.set('senha', senha);
  const json = JSON.stringify({ conteudo: pfx.toString('base64'), senha });
  for (const method of Object.values(NEEDS_A_PFX)) {
    for (const body of [form, json]) {
      const headers = { 'x-auth-token': customer.session, ...(body === json ? { 'content-type': 'application/json' } : {}) };
      const installed = await fetch(`${hub.url()}/api/empresas/${customer.cnpj}/certificado`, { method, headers, body });
      assert.equal(installed.status, 200, await installed.text());
    }
  }
});

test('the calls of TSS, with what the description cannot hold', async () => {
  const { conta, cnpj } = customer;
  const [ie, uf] = ['110042490114', 'SP'] as const;
  await registerEntity(hub, conta, { documento: cnpj, ie, uf });
  const rest = async (path: string, json?: object) => {
    const headers = { 'x-auth-token': customer.session, 'content-type': 'application/json' };
    const init = json ? { method: 'POST', body: JSON.stringify(json) } : {};
    const answer = await fetch(`${hub.url()}/rest/${path}`, { headers, ...init });
    assert.equal(answer.status, 200, await answer.clone().text());
    return (await answer.json()) as Record<string, unknown>;
  };
  // Its TOKEN, for the examples of the two services that tell it.
  const { result } = await rest('RestAtBlqEnt', { Empresas: [{ tipopessoa: 2, cnpj, IE: ie, UF: uf, Parametro: 2 }] });
  const [pedido] = await hub.raw.collection('bloqueios').find({ conta, kind: 'bloqueio' }).toArray();
  const shown = await rest(`RestAtBlqEnt/${String(pedido?._id).slice(conta.length + 1)}`);
  assert.deepEqual(shown.result, result);
  const { pfx, senha } = issueCompanyPfx(hub.ca, { cnpj, razaoSocial: 'Comercial Exemplo Ltda', senha: 'senha' });
  const company = { registrationType: 1, registrationNumber: cnpj, ie, uf, companyName: 'Comercial Exemplo Ltda', countyCode: '3550308' };
  const { idCompany } = await rest('WSTSSSETUP/v1', { ...company, digitalCertificate: pfx.toString('base64'), password: senha });
  assert.equal(idCompany, '000001');
  assert.equal((await rest(`WSTSSSETUP/v1?registrationType=1&registrationNumber=${cnpj}&ie=${ie}&uf=${uf}`)).idCompany, '000001');
});

test('the report of a drill, and the correction of a note that was refused after it was handed over', async () => {
  const { conta, cnpj } = customer;
  const now = hub.now();
  const row = await hub.store.contingencias.obtain({ conta, modelo: '55', uf: 'SP', ambiente: 'hom' }, 't');
  const id = '6f1a2c8e-0d3b-4b55-9a51-1e0a7c3d9b42';
  const desde = new Date(now.getTime() - 3_600_000);
  assert.ok(await hub.store.contingencias.transition(row, { simulacoes: [{ id, desde, ate: now, quem: 'teste' }] }));
  const report = await customer.get(`/api/conta/contingencia/simulacao/${id}`);
  assert.equal(report.status, 200, await report.text());

  await hub.simulator.fault({ fault: 'answer', match: { numero: 901, service: 'NFeAutorizacao4' }, times: 1, cStat: '778' });
  const contingencia = { dhCont: dhEmiText(now, 'SP'), xJust: 'Sem conexao com a internet' };
  const note = (infCpl: string) => sampleNfce({ cnpj, ie: '110042490114', numero: 901, dhEmi: now, tpEmis: '9', contingencia, infCpl });
  const path = customer.path.replace(/55$/, '65');
  const { chaveAcesso } = await decided(path, 'application/xml', note('Pedido 1'));
  const found = `${path}/${chaveAcesso}`;
  await eventually(async () => ((await (await customer.get(found)).json()) as { status: string }).status === 'Rejeitada');
  const headers = { 'x-auth-token': customer.session, 'content-type': 'application/xml' };
  const taken = await fetch(`${hub.url()}${found}/correcao`, { method: 'PUT', body: note('Pedido 2'), headers });
  assert.ok(taken.ok, await taken.text());
});

test('the examples of a company and of its CSC are taken as they stand', async () => {
  const empresa = `${hub.url()}/api/empresas/${customer.cnpj}`;
  const send = async (id: string, method: string, path: string, changed: object = {}) => {
    const example = operationOf(id).requestBody?.content['application/json']?.example;
    const headers = { 'x-auth-token': customer.session, 'content-type': 'application/json' };
    const taken = await fetch(empresa + path, { method, headers, body: JSON.stringify(Object.assign({}, example, changed)) });
    assert.ok(taken.ok, `${id}: ${taken.status} ${await taken.text()}`);
  };
  await send('gravarEmpresa', 'PUT', '');
  await send('criarCsc', 'POST', '/csc');
  await send('trocarCsc', 'PUT', '/csc/1?ambiente=hom');
  // The calls that are invented then find the id of the example in either.
  await send('criarCsc', 'POST', '/csc', { ambiente: 'prod' });
});

test('schemathesis sees a status that the description leaves out', { skip }, async () => {
  const doctored = structuredClone(only('consultarDocumentoPorNumero'));
  for (const methods of Object.values(doctored.paths)) if (methods.get) delete methods.get.responses['404'];
  const { code, output } = await schemathesis(doctored, ['--phases', 'fuzzing', '--max-examples', '5']);
  assert.equal(code, 1, output);
  assert.match(output, /Undocumented status code[\s\S]*Received: 404/);
});

test('no call that it invents is answered 5xx, or otherwise than described, and every operation is answered with success', {
  skip,
}, async () => {
  const most = await schemathesis(description, [...[...SIGN_IN_AND_OUT, LAST].flatMap(except), '--max-examples', '20']);
  assert.equal(most.code, 0, most.output);
  // Apart: each sign-in costs a slow hash, and the sign-out ends the session of all other calls.
  const credentials = ['--auth', `${customer.token}:${customer.secret}`, '--generation-with-security-parameters', 'false'];
  const last = await schemathesis(only(LAST), ['--phases', 'examples,fuzzing', '--max-examples', '20']);
  assert.equal(last.code, 0, last.output);
  const session = await schemathesis(only(...SIGN_IN_AND_OUT), [...credentials, '--phases', 'fuzzing', '--max-examples', '5']);
  assert.equal(session.code, 0, session.output);
  const calls = [most, last, session].flatMap(({ har }) => har.log.entries);

  const answered = new Set(calls.filter(({ response }) => response.status < 300).map(({ request }) => ownerOf(request)));
  for (const id of [...NEEDS_MORE, ...Object.keys(NEEDS_A_PFX)]) answered.add(id);
  const silent = operations().filter(({ operationId }) => !answered.has(operationId));
  assert.deepEqual(
    silent.map(({ operationId }) => operationId),
    [],
  );
  assert.ok(calls.length > 20 * answered.size, `${calls.length} calls`);
});

/** The description of these operations alone: the tool reads the whole of what it is given before its first call. */
function only(...ids: string[]): typeof description {
  const paths = Object.entries(description.paths).map(([path, methods]) => {
    const kept = Object.entries(methods).filter(([, { operationId }]) => ids.includes(operationId));
    return [path, Object.fromEntries(kept)] as const;
  });
  return { ...description, paths: Object.fromEntries(paths.filter(([, methods]) => Object.keys(methods).length > 0)) };
}

const except = (id: string) => ['--exclude-operation-id', id];

async function schemathesis(document: object, more: string[]): Promise<{ code: number | null; output: string; har: Har }> {
  const { python, pythonPath } = tool as Schemathesis;
  const file = join(dir, 'openapi.json');
  const harFile = join(dir, 'calls.har');
  writeFileSync(file, JSON.stringify(document));
  writeFileSync(join(dir, 'hooks.py'), HOOKS);
  const args = [
    ...['-m', 'schemathesis.cli', 'run', file, '--url', hub.url(), '--header', `x-auth-token: ${customer.session}`],
    ...['--checks', CHECKS.join(','), '--phases', 'examples,coverage,fuzzing', '--workers', '2', '--request-timeout', '20'],
    ...['--seed', '2026', '--generation-database', 'none', '--no-shrink', '--continue-on-failure'],
    ...['--suppress-health-check', 'all', '--no-color', '--report-har-path', harFile, ...more],
  ];
  const child = spawn(python, args, {
    cwd: dir,
    env: { ...process.env, PYTHONPATH: pythonPath, SCHEMATHESIS_HOOKS: join(dir, 'hooks.py') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  assert.ok(existsSync(harFile), output);
  return { code, output: output.slice(-20_000), har: JSON.parse(readFileSync(harFile, 'utf8')) as Har };
}

function operations(): Operation[] {
  return Object.values(description.paths).flatMap((methods) => Object.values(methods));
}

function examplesOf(id: string, type: string): [string, { value: unknown }][] {
  return Object.entries(operationOf(id).requestBody?.content[type]?.examples ?? {});
}

/** What is posted, once SEFAZ has decided. */
async function decided(path: string, type: string, body: string): Promise<Record<string, unknown> & { status: string }> {
  const headers = { 'x-auth-token': customer.session, 'content-type': type, prefer: 'wait=30' };
  const answer = await fetch(`${hub.url()}${path}`, { method: 'POST', body, headers });
  assert.ok(answer.ok, `${answer.status} ${await answer.clone().text()}`);
  return (await answer.json()) as Record<string, unknown> & { status: string };
}

function operationOf(id: string): Operation {
  return operations().find(({ operationId }) => operationId === id) ?? assert.fail(id);
}

/** The operation a call belongs to: of the paths that fit, the one with the fewest parameters. */
function ownerOf({ method, url }: { method: string; url: string }): string | undefined {
  const path = new URL(url).pathname;
  const fitting = Object.entries(description.paths).filter(([template]) =>
    new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{[A-Za-z]+\}/g, '[^/]+')}$`).test(path),
  );
  const [best] = fitting.sort(([a], [b]) => a.split('{').length - b.split('{').length || b.length - a.length);
  return best?.[1][method.toLowerCase()]?.operationId;
}
