import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { connectBroker } from '@malote/broker/connection';
import { done } from '@malote/broker/consumer';
import { buildChave } from '@malote/fiscal/chave/chave-acesso';
import type { Attempt } from '@malote/fiscal/emission/lifecycle-state';
import type { AnyEnvelope } from '@malote/messages/envelope';
import { TOPOLOGY } from '@malote/messages/routes';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { eventually } from '@malote/testkit/eventually';
import { sampleAlphanumericCnpj, sampleCnpj } from '@malote/testkit/sample-cnpj';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { postXml, problemOf, type RunningEdge, runEdge, type TestAccount } from './running-edge.ts';

const CNPJ = sampleCnpj(11);
const DH_EMI = '2026-11-21T10:00:00-03:00';

let edge: RunningEdge;
let account: TestAccount;
let other: TestAccount;
let session: string;
let strangersSession: string;
let docs: string;

before(async () => {
  edge = await runEdge('documents');
  account = await edge.account(CNPJ);
  other = await edge.account(sampleCnpj(12));
  session = await edge.signIn(account);
  strangersSession = await edge.signIn(other);
  docs = `${edge.url}/api/empresas/${CNPJ}/docs/hom/55`;
});
after(() => edge.stop());

const note = (numero: number, over: object = {}) => sampleNfe({ cnpj: CNPJ, numero, dhEmi: DH_EMI, ...over });
const get = (path: string, token = session) =>
  fetch(path.startsWith('http') ? path : `${edge.url}${path}`, { headers: { 'x-auth-token': token } });
const jsonOf = async (answer: Response) => (await answer.json()) as Record<string, unknown>;

test('a posted NF-e answers 202 with its object and where to find it, and its command reaches the queue of its authoriser', async () => {
  const received: AnyEnvelope[] = [];
  const log = createLogger({ service: 'test', level: 'silent' });
  const broker = connectBroker({ url: edge.rabbitmqUrl, name: 'test', log, clock: systemClock, topology: TOPOLOGY });
  broker.consume('emission.nfe.SP.lote', async (message) => {
    received.push(message as AnyEnvelope);
    return done;
  });
  try {
    const answer = await postXml(docs, session, note(1), { traceparent: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01` });
    assert.equal(answer.status, 202);
    assert.equal(answer.headers.get('location'), `/api/empresas/${CNPJ}/docs/hom/55/2026/1/1`);
    const body = await jsonOf(answer);
    assert.equal(body.status, 'Em processamento');
    assert.equal(body.numero, 1);
    const command = await eventually(() => received[0] ?? null);
    const id = `${CNPJ}.2.55.35.001.000000001`;
    assert.equal(command.type, 'document.emit');
    assert.equal(command.correlationId, id);
    assert.deepEqual(command.payload, {
      documentId: id,
      conta: account.conta,
      empresa: CNPJ,
      familia: 'nfe',
      autorizador: 'SP',
      fila: 'lote',
    });
    assert.ok(command.traceparent.startsWith(`00-${'ab'.repeat(16)}-`));
    const stored = await edge.store.documentos.findById(id);
    assert.ok(stored);
    assert.equal((await edge.store.documentos.entradaOf(stored))?.toString(), note(1));
    assert.ok(
      edge.logged.some((line) => line.includes('"msg":"document received"') && line.includes(id) && line.includes('ab'.repeat(16))),
    );
  } finally {
    await broker.close({ timeoutMs: 1_000 });
  }
});

test('an NFC-e is posted to the path of its model and joins the fast lane, with the last moment it may be sent', async () => {
  const base = `${edge.url}/api/empresas/${CNPJ}/docs/hom/65`;
  const answer = await postXml(base, session, sampleNfce({ cnpj: CNPJ, numero: 1, dhEmi: DH_EMI }));
  assert.equal(answer.status, 202);
  assert.equal(answer.headers.get('location'), `/api/empresas/${CNPJ}/docs/hom/65/2026/1/1`);
  const stored = await edge.store.documentos.findById(`${CNPJ}.2.65.35.001.000000001`);
  assert.deepEqual([stored?.fila, stored?.enviarAte], ['agora', new Date('2026-11-21T13:05:00Z')]);
  const offline = { tpEmis: '9', contingencia: { dhCont: DH_EMI, xJust: 'Sem conexao com a internet' } };
  assert.equal((await postXml(base, session, sampleNfce({ cnpj: CNPJ, numero: 2, dhEmi: DH_EMI, ...offline }))).status, 202);
  assert.equal((await edge.store.documentos.findById(`${CNPJ}.2.65.35.001.000000002`))?.enviarAte, undefined);
  const crossed = await problemOf(await postXml(docs, session, sampleNfce({ cnpj: CNPJ, numero: 3, dhEmi: DH_EMI })));
  assert.equal(crossed.codigo, 'modelo-divergente');
});

test('the same content again answers the present state; other content under the same number is a conflict', async () => {
  const first = await postXml(docs, session, note(2));
  const again = await postXml(docs, session, note(2, { declaration: true }));
  assert.equal(again.status, 202);
  assert.deepEqual(await again.json(), await first.json());
  const conflict = await postXml(docs, session, note(2, { itens: 2 }));
  const problem = await problemOf(conflict);
  assert.deepEqual([problem.status, problem.codigo], [409, 'identidade-em-conflito']);
  assert.equal(conflict.headers.get('location'), `/api/empresas/${CNPJ}/docs/hom/55/2026/1/2`);
});

test('of ten equal posts at once one is stored, and all get the same document', async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, () => postXml(docs, session, note(3))));
  assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([202]));
  const bodies = await Promise.all(answers.map((answer) => answer.text()));
  assert.equal(new Set(bodies).size, 1);
  const stored = await edge.store.documentos.findById(`${CNPJ}.2.55.35.001.000000003`);
  assert.equal(stored?.version, 1);
  assert.equal(stored?.outbox.length, 1);
});

test('the number is found in every form of the path, and nowhere else', async () => {
  await postXml(docs, session, note(4, { serie: 7 }));
  const expected = await jsonOf(await get(`${docs}/2026/7/4`));
  assert.equal(expected.serie, 7);
  for (const path of ['/26/7/4', '/2026/007/000000004', '/2026/7/4/'])
    assert.deepEqual(await jsonOf(await get(`${docs}${path}`)), expected, path);
  for (const path of ['/2025/7/4', '/2026/8/4', '/2026/7/5']) {
    assert.equal((await problemOf(await get(`${docs}${path}`))).codigo, 'documento-desconhecido', path);
  }
  const production = await problemOf(await get(`/api/empresas/${CNPJ}/docs/prod/55/2026/7/4`));
  assert.equal(production.codigo, 'documento-desconhecido');
});

test('an alphanumeric CNPJ is posted and found like any other', async () => {
  const alfa = sampleAlphanumericCnpj(3);
  const owner = await edge.account(alfa);
  const token = await edge.signIn(owner);
  const base = `${edge.url}/api/empresas/${alfa}/docs/hom/55`;
  assert.equal((await postXml(base, token, sampleNfe({ cnpj: alfa, numero: 5, dhEmi: DH_EMI }))).status, 202);
  assert.equal((await get(`${base}/2026/1/5`, token)).status, 200);
});

test('an invalid document may be posted again with other content, as a new round', async () => {
  await postXml(docs, session, note(6));
  const id = `${CNPJ}.2.55.35.001.000000006`;
  const stored = await edge.store.documentos.findById(id);
  assert.ok(stored);
  const faults = [{ code: 'XSD-001', path: '/NFe', message: 'Inválido.' }];
  await edge.store.documentos.transition(stored, { state: 'invalid', faults, nextAt: undefined, nextAction: undefined });
  const shown = await jsonOf(await get(`${docs}/2026/1/6`));
  assert.deepEqual([shown.status, shown.faults], ['Arquivo inválido', faults]);
  assert.equal((await postXml(docs, session, note(6))).status, 200);
  const corrected = await postXml(docs, session, note(6, { itens: 3 }));
  assert.equal(corrected.status, 202);
  assert.equal((await jsonOf(corrected)).status, 'Em processamento');
});

test('an authorised document shows its XML by number and by key, and its ledger', async () => {
  await postXml(docs, session, note(8));
  const stored = await edge.store.documentos.findById(`${CNPJ}.2.55.35.001.000000008`);
  assert.ok(stored);
  const early = await problemOf(await get(`${docs}/2026/1/8.xml`));
  assert.deepEqual([early.status, early.codigo], [404, 'xml-indisponivel']);
  assert.match(early.detail, /Em processamento/);

  const key = buildChave({ cUF: '35', aamm: '2611', documento: CNPJ, modelo: '55', serie: '1', numero: '8', tpEmis: '1', cNF: '00000042' });
  const signed = `<NFe xmlns="http://www.portalfiscal.inf.br/nfe"><infNFe Id="NFe${key}" versao="4.00">á</infNFe></NFe>`;
  const protocolo = `<protNFe versao="4.00"><infProt><chNFe>${key}</chNFe><cStat>100</cStat></infProt></protNFe>`;
  const conteudo = await edge.store.conteudos.put(Buffer.from(signed), { emitente: CNPJ, aamm: '2611' });
  const attempt: Attempt = {
    n: 1,
    kind: 'authorize',
    autorizador: 'SP',
    service: 'NFeAutorizacao4',
    sentAt: new Date('2026-11-21T13:00:01Z'),
    until: new Date('2026-11-21T13:01:01Z'),
    endedAt: new Date('2026-11-21T13:00:02Z'),
    result: 'answered',
    cStat: '100',
    xMotivo: 'Autorizado o uso da NF-e',
    durationMs: 1000,
    trace: stored.trace,
  };
  const retorno = { class: 'authorized', cStat: '100', xMotivo: 'Autorizado o uso da NF-e', nProt: '135260000000001', protocolo } as const;
  await edge.store.documentos.transition(stored, {
    state: 'authorized',
    chave: key,
    tpEmis: '1',
    conteudo,
    attempts: [attempt],
    retorno: { ...retorno, dhRecbto: '2026-11-21T10:00:02-03:00' },
  });

  const shown = await jsonOf(await get(`${docs}/${key}`));
  assert.deepEqual(shown, await jsonOf(await get(`${docs}/2026/1/8`)));
  assert.deepEqual([shown.status, shown.chaveAcesso, shown.protocolo, shown.tentativas], ['Autorizada', key, '135260000000001', 1]);
  const posted = await postXml(docs, session, note(8));
  assert.equal(posted.status, 200);
  assert.deepEqual(await posted.json(), shown);

  for (const path of ['/2026/1/8.xml', `/${key}.xml`]) {
    const xml = await get(`${docs}${path}`);
    assert.equal(xml.headers.get('content-type'), 'application/xml; charset=utf-8');
    const text = await xml.text();
    assert.equal(text, shown.conteudo);
    assert.ok(text.includes(signed) && text.includes(protocolo));
  }
  const ledger = await jsonOf(await get(`${docs}/${key}/tentativas`));
  assert.equal(ledger.chaveAcesso, key);
  assert.equal((ledger.tentativas as { servico: string }[])[0]?.servico, 'NFeAutorizacao4');

  const head = await fetch(`${docs}/${key}.xml`, { method: 'HEAD', headers: { 'x-auth-token': session } });
  assert.deepEqual([head.status, await head.text()], [200, '']);
  assert.equal((await problemOf(await get(`${docs}/${key}`, strangersSession))).codigo, 'documento-desconhecido');
});

test('another account can neither post for a company nor see its documents, and cannot tell them from unknown ones', async () => {
  await postXml(docs, session, note(9));
  const posted = await problemOf(await postXml(docs, strangersSession, note(9)));
  assert.deepEqual([posted.status, posted.codigo], [404, 'empresa-desconhecida']);
  const answers = [await get(`${docs}/2026/1/9`, strangersSession), await get(`${docs}/2026/1/999`, strangersSession)];
  const [theirs, unknown] = await Promise.all(
    answers.map(async (answer) => {
      const { instance: _instance, ...rest } = await problemOf(answer);
      return rest;
    }),
  );
  assert.deepEqual(theirs, unknown);
  assert.equal(theirs?.status, 404);
});

test('a body in gzip is taken like a plain one', async () => {
  const answer = await postXml(docs, session, gzipSync(note(10)), { 'content-encoding': 'gzip' });
  assert.equal(answer.status, 202);
  const stored = await edge.store.documentos.findById(`${CNPJ}.2.55.35.001.000000010`);
  assert.ok(stored);
  assert.equal((await edge.store.documentos.entradaOf(stored))?.toString(), note(10));
});

test('both layouts are taken, each under its own name', async () => {
  const oobj = note(12, { namespace: 'oobj' });
  assert.equal((await problemOf(await postXml(docs, session, oobj))).codigo, 'namespace-invalido');
  assert.equal((await postXml(`${docs}?layout=oobj`, session, oobj, { 'content-type': 'text/xml' })).status, 202);
  const latin = { 'content-type': 'text/xml;charset=ISO-8859-1' };
  assert.equal((await postXml(`${docs}/?layout=sefaz`, session, note(13), latin)).status, 202);
  for (const query of ['?layout=outro', '?layout=sefaz&layout=oobj']) {
    assert.equal((await problemOf(await postXml(`${docs}${query}`, session, note(14)))).codigo, 'parametro-invalido', query);
  }
});
