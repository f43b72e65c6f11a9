import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Entidade } from '@malote/store/entidades';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { authorizedDocument } from './authorized-document.ts';
import { insertEntidade } from './inserted-entidade.ts';
import { postJson } from './registered.ts';
import { basic, postXml, problemOf, type RunningEdge, runEdge, type TestAccount } from './running-edge.ts';

const CNPJ = sampleCnpj(71);
const IE = '110042490114';
const FREE_IE = '111010945111';
const note = (numero: number, more: { ie?: string | null } = {}) =>
  sampleNfe({ cnpj: CNPJ, ie: IE, numero, dhEmi: '2026-11-21T10:00:00-03:00', ...more });

let edge: RunningEdge;
let account: TestAccount;
let session: string;
let chave: string;
let docs: string;

before(async () => {
  edge = await runEdge('bloqueio');
  account = await edge.account(CNPJ);
  session = await edge.signIn(account);
  docs = `${edge.url}/api/empresas/${CNPJ}/docs`;
  chave = await authorizedDocument(edge, { cnpj: CNPJ, numero: 1, session });
  const { conta } = account;
  const where = { conta, documento: CNPJ, uf: 'SP' } as const;
  await insertEntidade(edge, { ...where, ie: IE, entidade: '000001' });
  const historico = [1, 2].map((n) => ({
    ...{ em: new Date(Date.UTC(2026, 10, 20, n)), pedido: `${conta}.pedido-${n}`, linha: n, contrato: '12345', parametro: 1 },
    quem: { tipo: 'credencial', id: account.token, ip: '203.0.113.7' },
  })) as Entidade['historico'];
  await insertEntidade(edge, { ...where, ie: IE, entidade: '000002', bloqueada: true, contrato: '12345', historico });
  const token = edge.store.entidades.newToken({ conta, documento: CNPJ });
  await insertEntidade(edge, { ...where, ie: FREE_IE, entidade: '000003', ...token });
  await insertEntidade(edge, { ...where, entidade: '000004', bloqueada: true });
});
after(() => edge.stop());

const get = (path: string, token = session) => fetch(`${edge.url}${path}`, { headers: { 'x-auth-token': token } });

test('a blocked establishment emits nothing new and asks for no event; the refusal names the contrato', async () => {
  const cce = { tipo: 'carta-correcao', correcao: 'Onde se lê azul, leia-se verde.' };
  for (const answer of [
    await postXml(`${docs}/hom/55`, session, note(2)),
    // What was accepted is no exception: it is read instead.
    await postXml(`${docs}/hom/55`, session, note(1)),
    await postJson(`${docs}/hom/55/${chave}/eventos`, session, cce),
  ]) {
    const problem = await problemOf(answer);
    assert.deepEqual(
      [problem.status, problem.codigo, problem.title, problem.contrato],
      [403, 'cliente-bloqueado', 'Cliente bloqueado', '12345'],
    );
    assert.match(problem.detail, new RegExp(`pelo contrato 12345 \\(${CNPJ}, IE ${IE}, SP\\)`));
  }
  assert.equal(await edge.store.documentos.findById(`${CNPJ}.2.55.35.001.000000002`), undefined);
  assert.deepEqual(await edge.store.eventos.listOf({ conta: account.conta, documentoId: `${CNPJ}.2.55.35.001.000000001` }), []);
});

test('an IE is the same with and without its mask; another IE of the company is not blocked; no IE is ISENTO', async () => {
  assert.equal((await postXml(`${docs}/hom/55`, session, note(3, { ie: FREE_IE }))).status, 202);
  const isento = await problemOf(await postXml(`${docs}/hom/55`, session, note(4, { ie: null })));
  assert.deepEqual([isento.codigo, isento.contrato], ['cliente-bloqueado', undefined]);
  // Where the company has one, a note without it is of that one.
  await edge.store.empresas.save({ conta: account.conta, documento: CNPJ }, { ie: FREE_IE }, { create: false });
  assert.equal((await postXml(`${docs}/hom/55`, session, note(5, { ie: null }))).status, 202);
});

test('reading, previews and inutilizações go on', async () => {
  for (const path of [`/${chave}`, `/${chave}.xml`, `/${chave}.pdf`, '/2026/1/1', '']) {
    assert.equal((await get(`${new URL(docs).pathname}/hom/55${path}`)).status, 200, path);
  }
  assert.equal((await postXml(`${docs}/hom/55/previa`, session, note(9))).status, 200);
  const faixa = { uf: 'SP', ano: '26', serie: 1, numeroInicial: 50, numeroFinal: 51, justificativa: 'Números pulados pelo sistema' };
  assert.equal((await postJson(`${docs}/inutilizacoes/hom/55`, session, faixa)).status, 202);
});

test('entities are listed by contrato, UF and block, and one is shown with its history, the latest first', async () => {
  const rows = async (query: string) => {
    const page = (await (await get(`/api/entidades${query}`)).json()) as { totalElementos: number; registros: { entidade: string }[] };
    assert.equal(page.totalElementos, page.registros.length);
    return page.registros.map(({ entidade }) => entidade);
  };
  assert.deepEqual(await rows(''), ['000001', '000002', '000003', '000004']);
  assert.deepEqual(await rows('?bloqueado=true'), ['000002', '000004']);
  assert.deepEqual(await rows('?bloqueado=false&uf=sp'), ['000001', '000003']);
  assert.deepEqual(await rows('?contrato=12345'), ['000002']);
  assert.deepEqual(await rows('?uf=RJ'), []);
  assert.equal((await problemOf(await get('/api/entidades?uf=XX'))).codigo, 'parametro-invalido');

  const text = await (await get('/api/entidades/000002')).text();
  const { historico, temToken, cnpj } = JSON.parse(text);
  assert.deepEqual([cnpj, temToken], [CNPJ, false]);
  assert.deepEqual(
    historico.map(({ pedido, linha, acao, contrato, quem }: Record<string, unknown>) => [pedido, linha, acao, contrato, quem]),
    [2, 1].map((n) => [`pedido-${n}`, n, 'bloqueio', '12345', { tipo: 'credencial', id: account.token, ip: '203.0.113.7' }]),
  );
  const stranger = await edge.signIn(await edge.account(sampleCnpj(72)));
  for (const [path, token] of [
    ['/api/entidades/000002', stranger],
    ['/api/entidades/000099', session],
  ] as const) {
    assert.equal((await problemOf(await get(path, token))).codigo, 'entidade-desconhecida');
  }
});

test('the TOKEN is told to its owner only, by session or by Basic, and every telling is in the audit trail', async () => {
  const ask = (headers: Record<string, string>, ie = FREE_IE) =>
    fetch(`${edge.url}/rest/RestGetToken`, {
      ...{ method: 'POST', headers },
      body: JSON.stringify({ empresa: { cnpj: CNPJ, tipopessoa: 2, ie, uf: 'SP' } }),
    });
  const entidade = await edge.store.entidades.find({ conta: account.conta, entidade: '000003' });
  const expected = edge.store.entidades.openToken(entidade ?? assert.fail());
  assert.match(String(expected), /^[0-9a-f]{40}$/);
  for (const headers of [
    { 'x-auth-token': session },
    { tokenauthtss: session },
    { authorization: basic(account.token, account.secret) },
  ] as Record<string, string>[]) {
    assert.deepEqual(await (await ask(headers)).json(), { Token: expected });
  }
  const none = await ask({ 'x-auth-token': session }, IE);
  assert.equal(none.status, 404);
  assert.match(((await none.json()) as { error: string }).error, /A entidade 000001 ainda não tem TOKEN/);
  const stranger = await ask({ 'x-auth-token': await edge.signIn(await edge.account(sampleCnpj(73))) });
  assert.deepEqual([stranger.status, await stranger.json()], [404, { Token: '', error: 'Entidade nao encontrada.' }]);
  assert.ok(!edge.logged.join('').includes(String(expected)));
  const { registros } = await edge.store.auditoria.list({ conta: account.conta, skip: 0, limit: 100 });
  const told = registros.filter(({ acao }) => acao === 'entidade.ver-token');
  assert.deepEqual(
    told.map(({ quem, empresa, alvo, resultado }) => [quem.id, empresa, alvo, resultado]),
    Array.from({ length: 3 }, () => [account.token, CNPJ, '000003', 'ok']),
  );
});

test('CNPJ and TOKEN stand for that entity alone: its own documents, of its own IE', async () => {
  const entidade = (await edge.store.entidades.find({ conta: account.conta, entidade: '000003' })) ?? assert.fail();
  const TOKEN = String(edge.store.entidades.openToken(entidade));
  const post = (xml: string, headers: Record<string, string>) =>
    fetch(`${docs}/hom/55`, { method: 'POST', body: xml, headers: { 'content-type': 'application/xml', ...headers } });
  assert.equal((await post(note(20, { ie: FREE_IE }), { CNPJ, TOKEN })).status, 202);
  const foreign = await problemOf(await post(note(21, { ie: '777777777777' }), { CNPJ, TOKEN }));
  assert.deepEqual([foreign.status, foreign.codigo], [403, 'escopo-insuficiente']);
  for (const pair of [
    { CNPJ: sampleCnpj(72), TOKEN },
    { CNPJ, TOKEN: '0'.repeat(40) },
  ]) {
    assert.equal((await post(note(22, { ie: FREE_IE }), pair)).status, 401);
  }
  await edge.store.entidades.change([{ _id: entidade._id, version: entidade.version, set: { bloqueada: true }, historico: [] }]);
  assert.equal((await problemOf(await post(note(23, { ie: FREE_IE }), { CNPJ, TOKEN }))).codigo, 'cliente-bloqueado');
});
