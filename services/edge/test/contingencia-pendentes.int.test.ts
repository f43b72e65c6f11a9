import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { prepare } from '@malote/fiscal/emission/prepare';
import { situacaoSefazWriter } from '@malote/redis/situacao-sefaz';
import type { Documento } from '@malote/store/documento';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { pendenteSchema } from '../contingencia/pendentes.ts';
import { quadroSchema } from '../contingencia/sefaz-situacao.ts';
import { documentSchema } from '../present-document.schema.ts';
import { postXml, problemOf, type RunningEdge, runEdge, type TestAccount } from './running-edge.ts';

const CNPJ = sampleCnpj(831);
const EMPRESA = `/api/empresas/${CNPJ}`;
const DOCS = `${EMPRESA}/docs/hom/65`;
const CONT = { dhCont: '2026-11-21T09:58:00-03:00', xJust: 'SEFAZ fora do ar desde as 9h50' };
const DESDE = new Date('2026-11-21T12:58:00.000Z');

let edge: RunningEdge;
let account: TestAccount;
let session: string;

before(async () => {
  edge = await runEdge('pendentes');
  account = await edge.account(CNPJ);
  session = await edge.signIn(account);
});
after(() => edge.stop());

const idOf = (numero: number) => `${CNPJ}.2.65.35.001.${String(numero).padStart(9, '0')}`;
const noteOf = (numero: number, serie = 1) => sampleNfce({ cnpj: CNPJ, serie, numero, dhEmi: `2026-11-21T10:00:0${numero}-03:00` });
const post = (numero: number, query = '', serie = 1) => postXml(`${edge.url}${DOCS}${query}`, session, noteOf(numero, serie));
const get = (path: string) => fetch(`${edge.url}${path}`, { headers: { 'x-auth-token': session } });
const put = (chave: string, body: string) =>
  fetch(`${edge.url}${DOCS}/${chave}/correcao`, {
    method: 'PUT',
    headers: { 'x-auth-token': session, 'content-type': 'application/xml' },
    body,
  });
const change = async (numero: number, fields: Partial<Documento>) => {
  const documento = (await edge.store.documentos.findById(idOf(numero))) ?? assert.fail();
  assert.ok(await edge.store.documentos.transition(documento, fields));
};
const jsonOf = async (answer: Response) => (await answer.json()) as Record<string, unknown>;

/** Posted, and then as emission leaves what it hands over. @returns its key and its XML as completed */
async function issue(numero: number, more: Partial<Documento> = {}): Promise<{ chave: string; xml: string }> {
  assert.equal((await post(numero)).status, 202);
  const prepared = prepare({ text: noteOf(numero), layout: 'sefaz', tpEmis: '9', cNF: '58203917', contingencia: CONT });
  assert.ok(prepared.ok);
  const { chave, xml } = prepared;
  const conteudo = await edge.store.conteudos.put(Buffer.from(xml), { emitente: CNPJ, aamm: '2611' });
  const contingencia = { modo: 'OFFLINE' as const, desde: DESDE, emitidaEm: new Date(), prazoAte: new Date('2026-11-24T02:59:59Z') };
  const kept = { chave, tpEmis: '9', cNF: '58203917', conteudo, contingencia, pendenteDesde: new Date(), entrada: undefined };
  await change(numero, { state: 'issued', ...kept, ...more });
  return { chave, xml };
}
const REFUSED: Partial<Documento> = {
  state: 'rejected',
  retorno: { class: 'rejected', cStat: '778', xMotivo: 'Rejeicao: NCM inexistente' },
  attempts: [
    {
      ...{ n: 1, kind: 'authorize', autorizador: 'SP', service: 'NFeAutorizacao4', sentAt: DESDE, until: DESDE, endedAt: DESDE },
      ...{ result: 'answered', cStat: '778', trace: 't' },
    },
  ],
};

test('what is still to be transmitted is listed in the order of emission, the refused ones too', async () => {
  await issue(2);
  await issue(1, REFUSED);
  assert.equal((await post(3)).status, 202);
  const page = await jsonOf(await get(`${EMPRESA}/contingencia/pendentes`));
  const rows = page.registros as { numero: number; status: string }[];
  for (const row of rows) assert.equal(pendenteSchema.validate(row).error, undefined);
  assert.deepEqual(
    rows.map(({ numero, status }) => `${numero} ${status}`),
    ['1 Rejeitada', '2 Emitida em contingência'],
  );
  assert.equal((await jsonOf(await get(`${EMPRESA}/contingencia/pendentes?ambiente=prod`))).totalElementos, 0);
  assert.equal((await problemOf(await get(`/api/empresas/${sampleCnpj(832)}/contingencia/pendentes`))).codigo, 'empresa-desconhecida');
});

test('a correction of a refused note is taken with what may change, names what may not, and repeated it changes nothing', async () => {
  const { chave, xml } = await issue(4, REFUSED);
  const value = await problemOf(await put(chave, xml.replace(/<vUnCom>[^<]*/, '<vUnCom>9.99').replace('<serie>1<', '<serie>2<')));
  assert.deepEqual([value.status, value.codigo], [422, 'correcao-recusada']);
  assert.deepEqual(
    (value.faults as { code: string; path: string }[]).map(({ code, path }) => `${code} ${path}`),
    ['COR-001 infNFe/ide/serie', 'COR-003 infNFe/det[1]/prod/vUnCom'],
  );
  assert.equal((await edge.store.documentos.findById(idOf(4)))?.state, 'rejected');
  assert.equal((await problemOf(await put(chave, '<NFe'))).codigo, 'xml-malformado');
  assert.equal((await problemOf(await put(chave, '<a/>'))).codigo, 'raiz-invalida');

  const corrected = xml.replace('Pedido 4711', 'Pedido 4712');
  assert.notEqual(corrected, xml);
  const taken = await put(chave, corrected);
  assert.deepEqual([taken.status, taken.headers.get('location')], [202, `${DOCS}/2026/1/4`]);
  const body = await jsonOf(taken);
  assert.equal(documentSchema.validate(body).error, undefined);
  assert.deepEqual([body.status, body.danfeAlterado, body.chaveAcesso], ['Em processamento', true, chave]);
  const stored = (await edge.store.documentos.findById(idOf(4))) ?? assert.fail();
  assert.deepEqual([stored.state, stored.rodadas.length, stored.tpEmis], ['received', 1, '9']);
  assert.equal(String(await edge.store.documentos.entradaOf(stored)), corrected);
  const again = await put(chave, corrected);
  assert.deepEqual([again.status, (await edge.store.documentos.findById(idOf(4)))?.version], [202, stored.version]);

  const { chave: issued, xml: unsent } = await issue(5);
  const early = await problemOf(await put(issued, unsent.replace('Pedido 4711', 'Pedido 4712')));
  assert.deepEqual([early.status, early.codigo], [409, 'correcao-nao-admitida']);
  const unknown = await problemOf(
    await put(
      chave.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)),
      corrected,
    ),
  );
  assert.equal(unknown.codigo, 'documento-desconhecido');
});

test('a note in the place of another one is taken only while the fate of that one is unknown, and repeated it is the same', async () => {
  assert.equal((await post(6)).status, 202);
  const { chave } = prepare({ text: noteOf(6), layout: 'sefaz', tpEmis: '1', cNF: '58203917' }) as { chave: string };
  await change(6, { state: 'uncertain', chave, tpEmis: '1', acao: 'reemitir-com-novo-numero' });
  const same = await problemOf(await post(6, `?substitui=${chave}`));
  assert.deepEqual([same.status, same.codigo], [409, 'substituicao-nao-admitida']);
  const taken = await post(7, `?substitui=${chave}`);
  assert.equal(taken.status, 202);
  assert.equal((await jsonOf(taken)).substitui instanceof Object, true);
  assert.deepEqual((await edge.store.documentos.findById(idOf(7)))?.substitui, { documentoId: idOf(6), chave });

  await change(6, { state: 'authorized', substituidaPor: { documentoId: idOf(7) } });
  assert.equal((await post(7, `?substitui=${chave}`)).status, 202, 'what is stored is not refused any more');
  const late = await problemOf(await post(8, `?substitui=${chave}`));
  assert.match(late.detail, /já tem uma/);
  await change(6, { substituidaPor: undefined });
  assert.match((await problemOf(await post(8, `?substitui=${chave}`))).detail, /status dela é "Autorizada"/);
  assert.equal(await edge.store.documentos.findById(idOf(8)), undefined);
  const none = await problemOf(await post(8, `?substitui=${chave.replace(CNPJ, sampleCnpj(832))}`));
  assert.equal(none.codigo, 'documento-desconhecido');
  assert.equal((await problemOf(await post(8, '?substitui=123'))).codigo, 'parametro-invalido');
});

test('what a till signed in contingência is taken as it is, byte for byte; signed in normal emission, or as a preview, it is refused', async () => {
  const prepared = prepare({ text: noteOf(9), layout: 'sefaz', tpEmis: '9', cNF: '58203917', contingencia: CONT });
  assert.ok(prepared.ok);
  // What is in the signature, emission checks.
  const signed = prepared.xml.replace('</NFe>', '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></NFe>');
  const taken = await postXml(`${edge.url}${DOCS}`, session, signed);
  assert.equal(taken.status, 202);
  const stored = (await edge.store.documentos.findById(idOf(9))) ?? assert.fail();
  assert.equal(String(await edge.store.documentos.entradaOf(stored)), signed);
  assert.deepEqual([stored.tpEmisInformado, stored.chaveInformada], ['9', prepared.chave]);
  const normal = signed.replace('<tpEmis>9<', '<tpEmis>1<');
  assert.equal((await problemOf(await postXml(`${edge.url}${DOCS}`, session, normal))).codigo, 'conteudo-assinado');
  assert.equal((await problemOf(await postXml(`${edge.url}${DOCS}/previa`, session, signed))).codigo, 'conteudo-assinado');
});

test('an ERP may not number notes in the série that the company reserved for the hub', async () => {
  const cnpj = sampleCnpj(833);
  const own = await edge.account(cnpj);
  const token = await edge.signIn(own);
  await edge.store.politicas.put({ conta: own.conta, tipo: 'cnpj', documento: cnpj }, { modelos: { 65: { serieContingencia: 889 } } });
  const note = (serie: number) => sampleNfce({ cnpj, serie, numero: 1, dhEmi: '2026-11-21T10:00:00-03:00' });
  const docs = `${edge.url}/api/empresas/${cnpj}/docs/hom/65`;
  const refused = await problemOf(await postXml(docs, token, note(889)));
  assert.deepEqual([refused.status, refused.codigo], [400, 'serie-reservada']);
  assert.equal((await postXml(docs, token, note(888))).status, 202);
});

test('how SEFAZ does is what the contingency worker wrote; nothing while there is none', async () => {
  const none = await jsonOf(await get('/api/sefaz/situacao'));
  assert.deepEqual(none, { em: null, janelaS: null, servicos: [] });
  const servico = { autorizador: 'SP', modelo: '55', servico: 'NFeAutorizacao4', ambiente: 'hom', estado: 'instavel' } as const;
  const quadro = {
    ...{ em: '2026-11-21T13:05:00.000Z', janelaMs: 300_000 },
    servicos: [{ ...servico, circuito: 'half-open', respostas: 10, falhas: 2, p50Ms: 400, p95Ms: 900 } as const],
  };
  assert.ok(await situacaoSefazWriter({ redis: edge.redis, prefix: edge.redisPrefix }).write(quadro, Date.now()));
  const board = await jsonOf(await get('/api/sefaz/situacao'));
  assert.equal(quadroSchema.validate(board).error, undefined);
  const [row] = board.servicos as Record<string, unknown>[];
  assert.deepEqual([row?.codModelo, row?.circuito, row?.p95Ms, row?.ultimaFalha], ['55', 'meio-aberto', 900, null]);
});
