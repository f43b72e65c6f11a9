import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import type Joi from 'joi';
import { problemsOf } from '../implied-problems.ts';
import { problemSchema } from '../problems.schema.ts';
import { emptyTable } from './empty-table.ts';
import { basic, postXml, type RunningEdge, runEdge, type TestAccount } from './running-edge.ts';

interface Described {
  paths: Record<string, Record<string, { requestBody?: { content: Record<string, { example?: unknown }> } }>>;
}

const CNPJ = sampleCnpj(61);
const table = emptyTable();

let edge: RunningEdge;
let account: TestAccount;
let session: string;
before(async () => {
  edge = await runEdge('description');
  account = await edge.account(CNPJ);
  session = await edge.signIn(account);
});
after(() => edge.stop());

/** Checks an answer against the row of the table: its status, type, headers and every key of its body. */
async function conforms(id: string, answer: Response): Promise<unknown> {
  const route = table.find((row) => row.id === id) ?? assert.fail(id);
  const text = await answer.text();
  const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
  if (answer.status >= 400) {
    const problem = strictly(problemSchema, JSON.parse(text), `${id} ${answer.status}`) as { codigo: never };
    assert.equal(type, 'application/problem+json');
    assert.ok(problemsOf(route).includes(problem.codigo), `${id}: ${problem.codigo} is not described`);
    return problem;
  }
  const described = route.answers[answer.status] ?? assert.fail(`${id}: ${answer.status} is not described`);
  for (const name of Object.keys(described.headers ?? {})) assert.ok(answer.headers.has(name), `${id}: ${name}`);
  const own = described.type ?? (described.schema ? 'application/json' : '');
  const schema = type === own ? described.schema : (described.also?.[type] ?? assert.fail(`${id}: ${type} is not described`));
  return schema ? strictly(schema, /json$/.test(type) ? JSON.parse(text) : text, `${id} ${answer.status}`) : text;
}

function strictly(schema: Joi.Schema, value: unknown, where: string): unknown {
  const { error } = schema.validate(value, { convert: false, abortEarly: false });
  assert.equal(error, undefined, `${where}: ${error?.message}`);
  return value;
}

const call = (path: string, { token = session, ...init }: RequestInit & { token?: string } = {}) =>
  fetch(`${edge.url}${path}`, { ...init, headers: { 'x-auth-token': token, ...(init.headers as Record<string, string>) } });

test('what the session services answer is what their rows say', async () => {
  const authorization = basic(account.token, account.secret);
  for (const [id, path] of [
    ['abrirSessao', '/session'],
    ['autenticar', '/api/authenticate'],
  ] as const) {
    await conforms(id, await fetch(`${edge.url}${path}`, { method: 'POST', headers: { authorization } }));
    await conforms(id, await fetch(`${edge.url}${path}`, { method: 'POST', headers: { authorization, accept: 'application/json' } }));
    await conforms(id, await fetch(`${edge.url}${path}`, { method: 'POST', headers: { authorization: basic('x', 'y') } }));
    await conforms(id, await fetch(`${edge.url}${path}`, { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } }));
  }
  await conforms('consultarSessao', await call('/session'));
  await conforms('consultarMe', await call('/api/me'));
  await conforms('consultarMe', await call('/api/me', { token: 'nada' }));
  await conforms('renovarSessao', await call('/session', { method: 'PUT' }));
  await conforms('renovarToken', await call('/api/refresh', { headers: { accept: 'application/json' } }));
  await conforms('encerrarSessao', await call('/session', { method: 'DELETE', token: await edge.signIn(account) }));
});

test('the description is served for the company asked for, and its example is accepted as it stands', async () => {
  const answer = await fetch(`${edge.url}/openapi.json?empresa=${CNPJ}`);
  const etag = answer.headers.get('etag') ?? '';
  const { paths } = (await conforms('baixarDescricao', answer)) as Described;
  const again = await fetch(`${edge.url}/openapi.json?empresa=${CNPJ}`, { headers: { 'if-none-match': etag } });
  assert.equal(again.status, 304);
  await conforms('baixarDescricao', again);
  await conforms('baixarDescricao', await fetch(`${edge.url}/openapi.json?empresa=x`));

  const [path, { post }] = Object.entries(paths).find(([, methods]) => methods.post?.requestBody?.content['application/xml']) as never as [
    string,
    { post: { requestBody: { content: Record<string, { example: string }> } } },
  ];
  const url = `${edge.url}${path.replace('{empresa}', CNPJ).replace('{ambiente}', 'hom').replace('{codModelo}', '55')}`;
  const xml = post.requestBody.content['application/xml']?.example ?? '';
  const accepted = await postXml(url, session, xml);
  const location = accepted.headers.get('location') ?? '';
  await conforms('emitirDocumento', accepted);
  await conforms('emitirDocumento', await postXml(url, session, xml.replace('<nNF>', '<nNF>9')));
  await conforms('emitirDocumento', await postXml(url, session, xml.replace('21.00</vPag>', '22.00</vPag>')));
  await conforms('emitirDocumento', await postXml(`${url}?layout=x`, session, xml));
  await conforms('emitirDocumento', await postXml(url, session, '<NFe>'));
  await conforms('emitirDocumento', await postXml(url, session, xml.replace('<serie>77</serie>', '')));
  await conforms('consultarDocumentoPorNumero', await call(location));
  await conforms('consultarDocumentoPorNumero', await call(location.replace('/77/', '/78/')));
  await conforms('baixarXmlPorNumero', await call(`${location}.xml`));
});

test('a page of the documents being recovered is what its row says', async () => {
  await edge.store.auditoria.append({ conta: account.conta, quem: { tipo: 'cli' }, acao: 'conta.criar', resultado: 'ok' });
  await conforms('listarAuditoria', await call('/api/conta/auditoria'));
  await conforms('listarEmRecuperacao', await call('/api/conta/em-recuperacao'));
  await conforms('listarEmRecuperacao', await call('/api/conta/em-recuperacao?pagina=0'));
});
