import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, before, test } from 'node:test';
import * as contas from '@malote/administration/contas';
import { systemClock } from '@malote/runtime/clock';
import { eventually } from '@malote/testkit/eventually';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { authorizedDocument } from './authorized-document.ts';
import { postJson } from './registered.ts';
import { basic, postXml, problemOf, type RunningEdge, runEdge, type TestAccount } from './running-edge.ts';

const CNPJ = sampleCnpj(71);
const DH_EMI = '2026-11-21T10:00:00-03:00';

let edge: RunningEdge;
let account: TestAccount;
let deps: contas.ContasDeps;

before(async () => {
  edge = await runEdge('access');
  account = await edge.account(CNPJ);
  deps = { store: edge.store, clock: systemClock, quem: { tipo: 'cli' } };
});
after(() => edge.stop());

const docs = (empresa = CNPJ) => `${edge.url}/api/empresas/${empresa}/docs/hom/55`;
const get = (url: string, session: string) => fetch(url, { headers: { 'x-auth-token': session } });
const note = (numero: number, cnpj = CNPJ, ie = '111010945111') => sampleNfe({ cnpj, ie, numero, dhEmi: DH_EMI });
/** Signed in with a credential of these scopes only. */
const sessionWith = async (...escopos: string[]) =>
  edge.signIn({ ...account, ...(await contas.createCredential(deps, { conta: account.conta, escopos })) });

test('a credential does what its scopes allow, and is told which one is missing', async () => {
  const session = await edge.signIn(account);
  const chave = await authorizedDocument(edge, { cnpj: CNPJ, numero: 1, session });
  const correction = { tipo: 'carta-correcao', correcao: 'Onde se lê A, leia-se B.' };
  const ask = (with_: string) => postJson(`${docs()}/${chave}/eventos`, with_, correction);
  const refused = async (answer: Response, wanted: string, has: string) => {
    const { status, codigo, detail } = await problemOf(answer);
    assert.deepEqual([status, codigo], [403, 'escopo-insuficiente']);
    assert.equal(detail, `Esta chamada exige o escopo ${wanted}; a credencial desta chamada tem ${has}.`);
  };

  const reader = await sessionWith('leitura');
  assert.equal((await get(`${docs()}/${chave}`, reader)).status, 200);
  await refused(await postXml(docs(), reader, note(2)), 'emissao', 'leitura');
  await refused(await ask(reader), 'emissao ou recebimento', 'leitura');
  await refused(await get(`${edge.url}/api/conta/auditoria`, reader), 'administracao', 'leitura');
  assert.equal(await edge.store.documentos.findById(`${CNPJ}.2.55.35.001.000000002`), undefined);

  const receiver = await sessionWith('recebimento');
  assert.equal((await get(`${docs()}/${chave}`, receiver)).status, 200);
  // An event that only an emitente makes.
  await refused(await ask(receiver), 'emissao', 'recebimento');

  const emitter = await sessionWith('emissao');
  assert.equal((await postXml(docs(), emitter, note(2))).status, 202);
  assert.equal((await ask(emitter)).status, 202);
  await refused(await get(`${edge.url}/api/conta/auditoria`, emitter), 'administracao', 'emissao');

  const administrator = await sessionWith('administracao');
  assert.equal((await get(`${edge.url}/api/conta/auditoria`, administrator)).status, 200);
  await refused(await get(`${docs()}/${chave}`, administrator), 'leitura ou emissao ou recebimento', 'administracao');
  const me = (await (await get(`${edge.url}/api/me`, administrator)).json()) as { escopos: string[] };
  assert.deepEqual(me.escopos, ['administracao']);
});

test('an ordinary call of a session is one round trip to Redis', async () => {
  const session = await edge.signIn(account);
  const { redis, redisPrefix } = edge;
  const send = redis.sendCommand;
  const sent: string[] = [];
  redis.sendCommand = function record(command, ...rest) {
    if (/(limite|sessao|trava):/.test(command.args.join(' ').replaceAll(redisPrefix, ''))) sent.push(command.name);
    return send.call(redis, command, ...rest);
  };
  try {
    assert.equal((await get(docs(), session)).status, 200);
    assert.equal((await postXml(docs(), session, note(3))).status, 202);
  } finally {
    redis.sendCommand = send;
  }
  assert.deepEqual(sent, ['eval', 'eval']);
});

/** Until a session is refused; every other answer on the way is its 200. */
const untilDead = (session: string) =>
  eventually(async () => {
    const answer = await get(`${edge.url}/api/me`, session);
    if (answer.status === 200) return false;
    assert.equal((await problemOf(answer)).codigo, 'sessao-invalida');
    return true;
  });

test('a disabled account has no sessions, not even out of an older copy of Redis, and opens none', async () => {
  const mine = await edge.account(sampleCnpj(72));
  const session = await edge.signIn(mine);
  const other = await edge.signIn(account);
  const key = `${edge.redisPrefix}sessao:${hash('sha256', session)}`;
  const copy = (await edge.redis.get(key)) ?? assert.fail('no session');
  await contas.disableAccount(deps, mine);
  await untilDead(session);
  await edge.redis.del(key);
  await edge.redis.set(key, copy, 'EX', 600);
  assert.equal((await get(`${edge.url}/api/me`, session)).status, 401);
  const signIn = () => fetch(`${edge.url}/session`, { method: 'POST', headers: { authorization: basic(mine.token, mine.secret) } });
  assert.equal((await problemOf(await signIn())).codigo, 'credenciais-invalidas');
  assert.equal((await get(`${edge.url}/api/me`, other)).status, 200);

  await contas.enableAccount(deps, mine);
  assert.equal((await get(`${edge.url}/api/me`, session)).status, 401);
  assert.equal((await get(`${edge.url}/api/me`, await edge.signIn(mine))).status, 200);
});

test('ended sessions of an account, and those of a disabled credential, are dead; other credentials go on', async () => {
  const mine = await edge.account(sampleCnpj(73));
  const other = { ...mine, ...(await contas.createCredential(deps, mine)) };
  const [first, second] = [await edge.signIn(mine), await edge.signIn(other)];
  await contas.disableCredential(deps, mine);
  await untilDead(first);
  assert.equal((await get(`${edge.url}/api/me`, second)).status, 200);
  await contas.endSessions(deps, mine);
  await untilDead(second);
  assert.equal((await get(`${edge.url}/api/me`, await edge.signIn(other))).status, 200);
});

test('while the overlap lasts both secrets open sessions; without one the former secret and its sessions are dead', async () => {
  const mine = await edge.account(sampleCnpj(74));
  const before = await edge.signIn(mine);
  const rotated = await contas.rotateSecret(deps, { token: mine.token, sobreposicaoHoras: 1 });
  const [former, present] = [await edge.signIn(mine), await edge.signIn({ ...mine, ...rotated })];
  for (const session of [before, former, present]) assert.equal((await get(`${edge.url}/api/me`, session)).status, 200);
  const { registros } = await edge.store.auditoria.list({ conta: mine.conta, skip: 0, limit: 2 });
  assert.deepEqual(
    registros.map(({ acao, detalhe }) => [acao, detalhe]),
    [
      ['sessao.abrir', undefined],
      ['sessao.abrir', 'com o secret anterior'],
    ],
  );

  const last = await contas.rotateSecret(deps, { token: mine.token, sobreposicaoHoras: 0 });
  for (const session of [before, former, present]) await untilDead(session);
  for (const secret of [mine.secret, rotated.secret]) await assert.rejects(edge.signIn({ ...mine, secret }), /answered 401/);
  assert.equal((await get(`${edge.url}/api/me`, await edge.signIn({ ...mine, ...last }))).status, 200);
});

test('an entity emits and reads by CNPJ and TOKEN, of its own company only, and a wrong pair is refused', async () => {
  const [uf, ie, entidade, token] = ['SP', '111010945111', '000001', 'ab'.repeat(20)] as const;
  const { conta } = account;
  const now = systemClock.now();
  await edge.store.entidades.insert({
    ...{ _id: `${conta}.${CNPJ}.${uf}.${ie}.${entidade}`, schema: 1, version: 1, conta, documento: CNPJ, uf, ie, entidade },
    ...{ chave: `${CNPJ}.${uf}.${ie}`, bloqueada: false, ativadaEm: now, tokenHash: hash('sha256', token) },
    ...{ pedido: 'p', seqInicial: 1, seq: 1, historico: [], createdAt: now, updatedAt: now },
  });
  const pair = (cnpj: string, with_: string) => ({ CNPJ: cnpj, TOKEN: with_, 'content-type': 'application/xml' });
  const post = (headers: Record<string, string>, cnpj = CNPJ, ie: string = '111010945111') =>
    fetch(docs(cnpj), { method: 'POST', headers, body: note(71, cnpj, ie) });
  assert.equal((await post(pair(CNPJ, token))).status, 202);
  assert.equal((await fetch(`${docs()}/2026/1/71`, { headers: pair(CNPJ, token.toUpperCase()) })).status, 200);

  for (const headers of [pair(CNPJ, 'cd'.repeat(20)), pair(sampleCnpj(72), token)]) {
    assert.equal((await problemOf(await post(headers))).codigo, 'token-de-entidade-invalido');
  }
  // Of the same CNPJ, but another establishment.
  assert.equal((await post(pair(CNPJ, token), CNPJ, '110042490114')).status, 403);
  const sibling = sampleCnpj(75);
  await edge.store.empresas.put({ conta, documento: sibling, razaoSocial: 'Filial', uf: 'SP' });
  assert.equal((await problemOf(await post(pair(CNPJ, token), sibling))).codigo, 'empresa-desconhecida');
  // Neither lists nor anything else.
  assert.equal((await problemOf(await fetch(docs(), { headers: pair(CNPJ, token) }))).codigo, 'sessao-ausente');
  assert.equal(edge.logged.join('\n').includes(token), false);
});

test('the calls of the TSS take the session in their own header, and token and secret with the call', async () => {
  const ask = (headers: Record<string, string>) =>
    fetch(`${edge.url}/rest/RestGetToken`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ empresa: { cnpj: sampleCnpj(79), tipopessoa: 2, ie: 'ISENTO', uf: 'SP' } }),
    });
  const session = await edge.signIn(account);
  // That there is no such entity is said to who may know it.
  const known: Record<string, string>[] = [
    { TokenAuthTSS: session },
    { 'x-auth-token': session },
    { authorization: basic(account.token, account.secret) },
  ];
  for (const headers of known) assert.equal((await ask(headers)).status, 404, Object.keys(headers)[0]);
  const refused = async (headers: Record<string, string>) => (await problemOf(await ask(headers))).codigo;
  assert.equal(await refused({ authorization: basic(account.token, 'errado') }), 'credenciais-invalidas');
  assert.equal(await refused({ TokenAuthTSS: 'x' }), 'sessao-invalida');
  assert.equal(await refused({}), 'sessao-ausente');
  const reader = await contas.createCredential(deps, { conta: account.conta, escopos: ['leitura'] });
  assert.equal(await refused({ authorization: basic(reader.token, reader.secret) }), 'escopo-insuficiente');
  const elsewhere = await fetch(docs(), { headers: { authorization: basic(account.token, account.secret) } });
  assert.equal((await problemOf(elsewhere)).codigo, 'sessao-ausente');
});
