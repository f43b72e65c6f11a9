import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { buildChave } from '@malote/fiscal/chave/chave-acesso';
import { eventually } from '@malote/testkit/eventually';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { eventoSchema } from '../present-evento.ts';
import { authorizedDocument } from './authorized-document.ts';
import { postJson, registerEvento } from './registered.ts';
import { postXml, problemOf, type RunningEdge, runEdge, type TestAccount } from './running-edge.ts';

const CNPJ = sampleCnpj(91);
const OFFICIAL = 'http://www.portalfiscal.inf.br/nfe';
const OOBJ = 'http://www.oobj.com.br/nfe';
const CCE = { tipo: 'carta-correcao', correcao: 'Onde se lê azul, leia-se verde.' };
const CANCELAMENTO = { tipo: 'cancelamento', justificativa: 'Pedido cancelado pelo cliente' };

let edge: RunningEdge;
let account: TestAccount;
let session: string;
let stranger: string;
const keys = new Map<number, string>();

before(async () => {
  edge = await runEdge('eventos');
  account = await edge.account(CNPJ);
  session = await edge.signIn(account);
  stranger = await edge.signIn(await edge.account(sampleCnpj(92)));
  for (const numero of [1, 2, 3, 4, 5, 6, 7]) keys.set(numero, await authorizedDocument(edge, { cnpj: CNPJ, numero, session }));
});
after(() => edge.stop());

const keyOf = (numero: number) => keys.get(numero) ?? assert.fail(String(numero));
const documentoId = (numero: number) => `${CNPJ}.2.55.35.001.${String(numero).padStart(9, '0')}`;
const root = () => `${edge.url}/api/empresas/${CNPJ}/docs/hom`;
const byNumber = (numero: number) => `${root()}/55/2026/1/${numero}/eventos`;
const byKey = (numero: number) => `${root()}/55/${keyOf(numero)}/eventos`;
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(path.startsWith('/') ? `${edge.url}${path}` : path, { headers: { 'x-auth-token': session, ...headers } });
const jsonOf = async (answer: Response) => (await answer.json()) as Record<string, unknown>;

interface Fields {
  chave?: string | undefined;
  tpEvento?: string;
  nSeq?: number;
  extra?: string;
  namespace?: string;
  det?: string;
}
/** An event as an ERP writes it: no Id, no dhEvento, no versao, no descEvento. */
function eventoXml({ chave, tpEvento = '110111', nSeq, extra = '', namespace = OFFICIAL, det }: Fields = {}): string {
  const inner = det ?? '<xJust>Pedido cancelado pelo cliente</xJust>';
  return (
    `<evento xmlns="${namespace}"><infEvento>${extra}${chave ? `<chNFe>${chave}</chNFe>` : ''}<tpEvento>${tpEvento}</tpEvento>` +
    `${nSeq ? `<nSeqEvento>${nSeq}</nSeqEvento>` : ''}<detEvento>${inner}</detEvento></infEvento></evento>`
  );
}

test('an event is stored with its command, answered 202 with its object and its place, by number and by key, in XML and in JSON', async () => {
  const answer = await postXml(byNumber(1), session, eventoXml({ chave: keyOf(1) }));
  assert.equal(answer.status, 202, await answer.clone().text());
  const location = `/api/empresas/${CNPJ}/docs/hom/${keyOf(1)}/eventos/110111/1`;
  assert.equal(answer.headers.get('location'), location);
  const body = await jsonOf(answer);
  assert.equal(eventoSchema.validate(body).error, undefined);
  const { dataEvento, ...rest } = body;
  assert.ok(!Number.isNaN(Date.parse(String(dataEvento))));
  assert.deepEqual(rest, {
    ...{ ambiente: 'hom', empresa: CNPJ, codModelo: '55', chaveAcesso: keyOf(1) },
    ...{ codigoEvento: 110111, descricaoEvento: 'Cancelamento', nSeqEvento: 1, status: 'Em processamento' },
    ...{ codigoStatus: null, motivo: null, protocolo: null, dataRegistro: null, avisos: [], faults: [], tentativas: 0, conteudo: null },
  });
  assert.deepEqual(await jsonOf(await get(location)), body);
  const stored = await edge.store.eventos.findById(`${documentoId(1)}.110111.001`);
  assert.equal(stored?.outbox.length, 1);
  // The same again is the same, in whatever form and by whatever path.
  for (const again of [await postXml(byKey(1), session, eventoXml()), await postXml(`${byNumber(1)}/`, session, eventoXml())])
    assert.deepEqual(await jsonOf(again), body);
  const other = await postJson(byKey(1), session, { ...CANCELAMENTO, justificativa: 'Outra justificativa, bem diferente' });
  const problem = await problemOf(other);
  assert.deepEqual([problem.status, problem.codigo, other.headers.get('location')], [409, 'evento-em-conflito', location]);
});

test('two corrections at once get numbers 1 and 2, the same one twice gets one, and a given number is kept', async () => {
  const answers = await Promise.all(
    ['Primeira correção do texto', 'Segunda correção do texto', 'Segunda correção do texto'].map((correcao) =>
      postJson(byKey(2), session, { ...CCE, correcao }),
    ),
  );
  const numbers = await Promise.all(answers.map(async (answer) => (await jsonOf(answer)).nSeqEvento));
  assert.equal(numbers[1], numbers[2]);
  assert.deepEqual([...new Set(numbers)].sort(), [1, 2]);
  const given = await jsonOf(await postJson(byKey(2), session, { ...CCE, nSeqEvento: 7 }));
  assert.equal(given.nSeqEvento, 7);
  const list = (await (await get(`${root()}/${keyOf(2)}/eventos`)).json()) as Record<string, unknown>[];
  assert.deepEqual(list.map(({ nSeqEvento, codigoEvento }) => [codigoEvento, nSeqEvento]).sort(), [
    [110110, 1],
    [110110, 2],
    [110110, 7],
  ]);
});

test('a registered event has its proc XML, a sheet if people print it, tags that answer 304, and stands in the list', async () => {
  await postJson(byKey(3), session, CCE);
  const place = `${root()}/${keyOf(3)}/eventos/110110/1`;
  assert.equal((await problemOf(await get(`${place}.xml`))).codigo, 'xml-indisponivel');
  assert.equal((await problemOf(await get(`${place}.pdf`))).codigo, 'impressao-indisponivel');
  await registerEvento(edge, { documentoId: documentoId(3), tpEvento: '110110', nSeqEvento: 1 });
  const shown = await get(`${place.replace(/1$/, '001')}`);
  const body = await jsonOf(shown);
  assert.equal(eventoSchema.validate(body).error, undefined);
  assert.deepEqual([body.status, body.codigoStatus, body.protocolo], ['Registrado', '135', '135260000000002']);
  assert.equal(body.dataEvento, '2026-11-21T10:05:00-03:00');
  const xml = await get(`${place}.xml`);
  assert.equal(xml.headers.get('content-type'), 'application/xml; charset=utf-8');
  const text = await xml.text();
  assert.match(text, /^<\?xml[^>]*\?><procEventoNFe .*<evento .*Onde se lê A.*<\/evento><retEvento .*<\/procEventoNFe>$/);
  assert.equal(body.conteudo, text);
  const pdf = await get(`${place}.pdf`);
  assert.deepEqual([pdf.status, pdf.headers.get('content-type')], [200, 'application/pdf']);
  const sheet = execFileSync('pdftotext', ['-raw', '-enc', 'UTF-8', '-', '-'], {
    input: Buffer.from(await pdf.arrayBuffer()),
    encoding: 'utf8',
  });
  assert.match(sheet, /CARTA DE CORREÇÃO ELETRÔNICA[\s\S]*leia-se B/);
  assert.ok(sheet.replace(/\s/g, '').includes(keyOf(3)));
  assert.match(sheet, /Comercial Exemplo/i, 'the emitter, from the note');
  for (const suffix of ['', '.xml', '.pdf']) {
    const etag = (await get(place + suffix)).headers.get('etag') ?? assert.fail(suffix);
    assert.equal((await get(place + suffix, { 'if-none-match': etag })).status, 304, suffix);
  }
  const list = await get(`${root()}/${keyOf(3)}/eventos`);
  const [row, ...more] = (await list.json()) as Record<string, unknown>[];
  assert.deepEqual([row, more], [body, []]);
  assert.equal((await get(`${root()}/${keyOf(3)}/eventos`, { 'if-none-match': list.headers.get('etag') ?? '' })).status, 304);
  assert.deepEqual(await (await get(`${root()}/${keyOf(7)}/eventos`)).json(), []);
});

test('the DANFE of a cancelled note shows the protocolo of what cancelled it beside its own', async () => {
  const chave = await authorizedDocument(edge, { cnpj: CNPJ, numero: 30, session });
  const which = { documentoId: documentoId(30), tpEvento: '110111', nSeqEvento: 1 };
  await postJson(`${root()}/55/${chave}/eventos`, session, CANCELAMENTO);
  await registerEvento(edge, which);
  const documento = (await edge.store.documentos.findById(documentoId(30))) ?? assert.fail();
  const cancelamento = { tpEvento: '110111', nSeqEvento: 1, cStat: '135', xMotivo: 'Evento registrado', nProt: '135260000000002' };
  await edge.store.documentos.transition(documento, { state: 'cancelled', cancelamento });
  const pdf = Buffer.from(await (await get(`${root()}/55/${chave}.pdf`)).arrayBuffer());
  const paper = execFileSync('pdftotext', ['-raw', '-', '-'], { input: pdf, encoding: 'utf8' });
  for (const protocolo of ['135260000000001', '135260000000002']) assert.ok(paper.includes(protocolo), protocolo);
});

test('events that nobody prints have no sheet', async () => {
  const body = { tipo: '112110', detEvento: { indQuitacao: '1' } };
  assert.equal((await postJson(byKey(3), session, body)).status, 202);
  const problem = await problemOf(await get(`${root()}/${keyOf(3)}/eventos/112110/1.pdf`));
  assert.match(problem.detail, /112110.*não tem folha/);
});

test('a caller that waits gets the final state', async () => {
  const answer = postJson(byKey(4), session, CCE, { prefer: 'wait=30' });
  await eventually(async () => (await edge.store.eventos.findById(`${documentoId(4)}.110110.001`)) ?? null);
  await registerEvento(edge, { documentoId: documentoId(4), tpEvento: '110110', nSeqEvento: 1 });
  const { status, headers } = await answer;
  assert.deepEqual([status, headers.get('preference-applied')], [200, 'wait=30']);
  assert.equal((await jsonOf(await answer)).status, 'Registrado');
});

test('a key that is repeated answers what its first use made, whatever was asked for since', async () => {
  const first = { 'idempotency-key': 'cce-1' };
  const one = await jsonOf(await postJson(byKey(5), session, CCE, first));
  await registerEvento(edge, { documentoId: documentoId(5), tpEvento: '110110', nSeqEvento: 1 });
  const two = await postJson(byKey(5), session, { ...CCE, correcao: 'Outra correção, mais nova' }, { 'idempotency-key': 'cce-2' });
  assert.equal((await jsonOf(two)).nSeqEvento, 2);
  const again = await postJson(byKey(5), session, CCE, first);
  assert.deepEqual([again.status, (await jsonOf(again)).nSeqEvento], [200, one.nSeqEvento]);
  // Without a key the same text is a third correction: the latest one says otherwise.
  assert.equal((await jsonOf(await postJson(byKey(5), session, CCE))).nSeqEvento, 3);
  const reused = await problemOf(await postJson(byKey(5), session, CANCELAMENTO, first));
  assert.deepEqual([reused.status, reused.codigo], [422, 'chave-de-idempotencia-reutilizada']);
});

test('the document is the key in the body: the path is only compared with it, and serves without one', async () => {
  for (const [path, chave, codigo] of [
    [byNumber(6), keyOf(7), 'chave-divergente'],
    [byKey(6), keyOf(7), 'chave-divergente'],
    [byNumber(6).replace('/2026/', '/2025/'), keyOf(6), 'chave-divergente'],
    [byNumber(6).replace('/1/6', '/2/6'), keyOf(6), 'chave-divergente'],
    [byNumber(6).replace('/55/', '/65/'), keyOf(6), 'chave-divergente'],
    [byNumber(99), undefined, 'documento-desconhecido'],
    [byNumber(6).replace('/hom/', '/prod/'), undefined, 'documento-desconhecido'],
  ] as const) {
    assert.equal((await problemOf(await postXml(path, session, eventoXml({ chave })))).codigo, codigo, path);
  }
  const byJson = await problemOf(await postJson(byKey(6), session, { ...CANCELAMENTO, chaveAcesso: keyOf(7) }));
  assert.equal(byJson.codigo, 'chave-divergente');
  for (const [extra, codigo] of [
    ['<tpAmb>1</tpAmb>', 'ambiente-divergente'],
    [`<CNPJ>${sampleCnpj(92)}</CNPJ>`, 'empresa-divergente'],
  ] as const) {
    assert.equal((await problemOf(await postXml(byKey(6), session, eventoXml({ extra })))).codigo, codigo);
  }
  assert.equal((await edge.store.eventos.listOf({ conta: 'x', documentoId: documentoId(6) })).length, 0);
  const padded = byNumber(6).replace('/2026/1/6', '/26/001/000000006');
  assert.equal((await postXml(padded, session, eventoXml({ chave: keyOf(6) }))).status, 202);
});

test('what is unknown and what is of another account answer alike', async () => {
  const theirs = { 'x-auth-token': stranger };
  for (const path of [`${keyOf(3)}/eventos`, `${keyOf(3)}/eventos/110110/1`, `${keyOf(3)}/eventos/110110/1.xml`]) {
    assert.equal((await problemOf(await fetch(`${root()}/${path}`, { headers: theirs }))).codigo, 'documento-desconhecido', path);
  }
  assert.equal((await problemOf(await postJson(byKey(3), stranger, CCE))).codigo, 'empresa-desconhecida');
  // Nor is it found by way of another company of the same account.
  const sister = sampleCnpj(94);
  await edge.store.empresas.put({ conta: account.conta, documento: sister, razaoSocial: 'Filial Exemplo Ltda', uf: 'SP' });
  const beside = byKey(3).replace(CNPJ, sister);
  for (const answer of [await postJson(beside, session, CCE), await get(`${root()}/${keyOf(3)}/eventos`.replace(CNPJ, sister))])
    assert.equal((await problemOf(answer)).codigo, 'documento-desconhecido');
  for (const path of ['110110/9', '110111/1'])
    assert.equal((await problemOf(await get(`${root()}/${keyOf(3)}/eventos/${path}`))).codigo, 'evento-desconhecido');
});

test('only what is authorised has events, and models without them say so', async () => {
  await authorizedDocument(edge, { cnpj: CNPJ, numero: 20, session, state: 'uncertain' });
  const answer = await postJson(byNumber(20), session, CANCELAMENTO);
  const problem = await problemOf(answer);
  assert.deepEqual([problem.status, problem.codigo], [409, 'documento-nao-autorizado']);
  assert.equal(answer.headers.get('location'), `/api/empresas/${CNPJ}/docs/hom/55/2026/1/20`);
  for (const modelo of ['57', '67', '58']) {
    const refused = await problemOf(await postJson(byNumber(1).replace('/55/', `/${modelo}/`), session, CANCELAMENTO));
    assert.deepEqual([refused.status, refused.codigo], [400, 'modelo-nao-suportado']);
  }
});

test("an old client's manifestação, with the supplier's key and numbers, is understood and told that it comes later", async () => {
  const chave = buildChave({
    ...{ cUF: '35', aamm: '2611', documento: sampleCnpj(93), modelo: '55', serie: '7', numero: '123', tpEmis: '1', cNF: '00000042' },
  });
  for (const tpEvento of ['210200', '210210', '210220', '210240']) {
    const extra = `<cOrgao>91</cOrgao><tpAmb>2</tpAmb><CNPJ>${CNPJ}</CNPJ>`;
    const xml = eventoXml({ chave, tpEvento, extra, namespace: OOBJ, det: '<descEvento>Ciencia da Operacao</descEvento>' });
    const envelope = `<envEvento xmlns="${OOBJ}"><idLote>1</idLote>${xml}</envEvento>`;
    const problem = await problemOf(await postXml(`${root()}/55/2026/7/123/eventos?layout=oobj`, session, envelope));
    assert.deepEqual([problem.status, problem.codigo], [400, 'evento-nao-suportado'], tpEvento);
    assert.match(problem.detail, /versão/);
  }
});

test('what no event can be made of is refused, and nothing is stored', async () => {
  const signature = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>';
  for (const [body, codigo] of [
    ['<NFe xmlns="http://www.portalfiscal.inf.br/nfe"/>', 'raiz-invalida'],
    [eventoXml({ namespace: 'urn:x' }), 'namespace-invalido'],
    [eventoXml({ namespace: OOBJ }), 'namespace-invalido'],
    [`<envEvento xmlns="${OFFICIAL}">${eventoXml()}${eventoXml()}</envEvento>`, 'lote-invalido'],
    [eventoXml({ tpEvento: '12' }), 'evento-invalido'],
    [eventoXml({ tpEvento: '999999' }), 'evento-nao-suportado'],
    [eventoXml({ tpEvento: '790700' }), 'evento-nao-suportado'],
    [eventoXml().replace('</evento>', `${signature}</evento>`), 'conteudo-assinado'],
    ['<evento', 'xml-malformado'],
  ] as const) {
    const problem = await problemOf(await postXml(byKey(7), session, body));
    assert.deepEqual([problem.status, problem.codigo], [400, codigo], body);
  }
  for (const [body, codigo, what] of [
    ['{', 'json-malformado', /JSON/],
    ['[]', 'evento-invalido', /objeto/],
    [{ justificativa: 'sem tipo' }, 'evento-invalido', /tipo/],
    [{ tipo: 'inexistente' }, 'evento-invalido', /inexistente/],
    [{ tipo: 'cancelamento' }, 'evento-invalido', /justificativa/],
    [{ tipo: '112110', detEvento: { '1x': 'y' } }, 'evento-invalido', /1x/],
    [{ tipo: 'carta-correcao', correcao: 'Um caractere que o XML \u0015 não tem' }, 'evento-invalido', /XML/],
    [{ ...CANCELAMENTO, nSeqEvento: 'um' }, 'evento-invalido', /nSeqEvento/],
    [{ tipo: '210210', detEvento: {} }, 'evento-nao-suportado', /versão/],
  ] as const) {
    const problem = await problemOf(await postJson(byKey(7), session, body));
    assert.deepEqual([problem.status, problem.codigo], [400, codigo], JSON.stringify(body));
    assert.match(problem.detail, what);
  }
  const plain = await fetch(byKey(7), { method: 'POST', headers: { 'x-auth-token': session, 'content-type': 'text/plain' }, body: 'x' });
  assert.equal((await problemOf(plain)).codigo, 'tipo-de-conteudo');
  assert.match(plain.headers.get('accept-post') ?? '', /application\/json/);
  assert.deepEqual(await (await get(`${root()}/${keyOf(7)}/eventos`)).json(), []);
});
