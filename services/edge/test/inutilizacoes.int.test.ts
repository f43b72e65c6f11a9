import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { buildChave } from '@malote/fiscal/chave/chave-acesso';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { inutilizacaoSchema } from '../present-inutilizacao.ts';
import { lacunasSchema } from '../show-lacunas.ts';
import { authorizedDocument } from './authorized-document.ts';
import { postJson, registerInutilizacao } from './registered.ts';
import { postXml, problemOf, type RunningEdge, runEdge } from './running-edge.ts';

const CNPJ = sampleCnpj(95);
const OFFICIAL = 'http://www.portalfiscal.inf.br/nfe';
const FAIXA = { uf: 'SP', ano: 2026, serie: 1, numeroInicial: 100, numeroFinal: 104, justificativa: 'Números pulados pelo sistema' };

let edge: RunningEdge;
let session: string;
let stranger: string;

before(async () => {
  edge = await runEdge('inutilizacoes');
  session = await edge.signIn(await edge.account(CNPJ));
  stranger = await edge.signIn(await edge.account(sampleCnpj(96)));
});
after(() => edge.stop());

const root = (cnpj = CNPJ) => `${edge.url}/api/empresas/${cnpj}/docs/inutilizacoes/hom`;
const get = (path: string, token = session) =>
  fetch(path.startsWith('/') ? `${edge.url}${path}` : path, { headers: { 'x-auth-token': token } });
const jsonOf = async (answer: Response) => (await answer.json()) as Record<string, unknown>;
const idOf = (serie: number, numeroInicial: number, numeroFinal: number) =>
  ({ emitente: CNPJ, tpAmb: '2', modelo: '55', cUF: '35', ano: '26', serie, numeroInicial, numeroFinal }) as const;

function inutXml(fields: Record<string, string> = {}): string {
  const all = { tpAmb: '2', cUF: '35', ano: '26', CNPJ, mod: '55', serie: '1', nNFIni: '200', nNFFin: '200', ...fields };
  const inner = Object.entries({ ...all, xJust: 'Números pulados pelo sistema' }).map(([tag, text]) => `<${tag}>${text}</${tag}>`);
  return `<inutNFe xmlns="${OFFICIAL}"><infInut>${inner.join('')}</infInut></inutNFe>`;
}

test('a range is stored with its command, answered 202 with its object and its place, and found by any number inside it', async () => {
  const answer = await postJson(`${root()}/55`, session, FAIXA);
  assert.equal(answer.status, 202, await answer.clone().text());
  const location = `/api/empresas/${CNPJ}/docs/inutilizacoes/hom/55/SP/26/1/100`;
  assert.equal(answer.headers.get('location'), location);
  const body = await jsonOf(answer);
  assert.deepEqual(body, {
    ...{ ambiente: 'hom', empresa: CNPJ, codModelo: '55', uf: 'SP', ano: 2026, serie: 1, numeroInicial: 100, numeroFinal: 104 },
    ...{ status: 'Em processamento', codigoStatus: null, motivo: null, protocolo: null, dataRegistro: null },
    ...{ avisos: [], faults: [], tentativas: 0, conteudo: null },
  });
  for (const path of ['SP/26/1/100', 'sp/2026/001/000000104', '35/26/1/102', 'SP/26/1/103/'])
    assert.deepEqual(await jsonOf(await get(`${root()}/55/${path}`)), body, path);
  for (const path of ['SP/26/1/99', 'SP/26/1/105', 'SP/25/1/100', 'SP/26/2/100', 'RJ/26/1/100', 'XX/26/1/100'])
    assert.equal((await problemOf(await get(`${root()}/55/${path}`))).codigo, 'inutilizacao-desconhecida', path);
  assert.equal((await problemOf(await get(`${root()}/55/SP/26/1/100`, stranger))).codigo, 'inutilizacao-desconhecida');
  assert.equal((await edge.store.inutilizacoes.findById(`${CNPJ}.2.55.35.26.001.000000100.000000104`))?.outbox.length, 1);

  assert.deepEqual(await jsonOf(await postJson(`${root()}/55`, session, { ...FAIXA, ano: '26' })), body);
  const other = await postJson(`${root()}/55`, session, { ...FAIXA, justificativa: 'Outra justificativa qualquer' });
  const problem = await problemOf(other);
  assert.deepEqual([problem.status, problem.codigo, other.headers.get('location')], [409, 'inutilizacao-em-conflito', location]);
});

test('XML is taken as it comes, and the registered one has its proc XML', async () => {
  assert.equal((await postXml(`${root()}/55`, session, inutXml())).status, 202);
  const place = `${root()}/55/SP/26/1/200`;
  assert.equal((await problemOf(await get(`${place}.xml`))).codigo, 'xml-indisponivel');
  await registerInutilizacao(edge, idOf(1, 200, 200));
  const body = await jsonOf(await get(place));
  assert.equal(inutilizacaoSchema.validate(body).error, undefined);
  assert.deepEqual([body.status, body.codigoStatus, body.protocolo], ['Inutilizada', '102', '135260000000003']);
  const xml = await (await get(`${place}.xml`)).text();
  assert.match(xml, /^<\?xml[^>]*\?><ProcInutNFe .*<inutNFe .*Números pulados.*<\/inutNFe><retInutNFe .*<\/ProcInutNFe>$/);
  assert.equal(body.conteudo, xml);
  // Final: answered at once, whoever waits.
  const again = await postXml(`${root()}/55`, session, inutXml(), { prefer: 'wait=30' });
  assert.deepEqual([again.status, await jsonOf(again)], [200, body]);
});

test('a company has a list of its inutilizações, the latest first, in pages', async () => {
  const cnpj = sampleCnpj(97);
  const own = await edge.signIn(await edge.account(cnpj));
  for (let numero = 1; numero <= 21; numero += 1) {
    const body = { ...FAIXA, serie: 9, numeroInicial: numero * 2, numeroFinal: numero * 2 };
    assert.equal((await postJson(`${root(cnpj)}/${numero % 2 ? '55' : '65'}`, own, body)).status, 202);
  }
  const first = await jsonOf(await get(root(cnpj), own));
  assert.deepEqual([first.numeroElementos, first.totalElementos], [20, 21]);
  const numbers = (page: Record<string, unknown>) =>
    (page.registros as { numeroInicial: number }[]).map(({ numeroInicial }) => numeroInicial);
  assert.deepEqual(
    numbers(first),
    Array.from({ length: 20 }, (_, i) => 42 - i * 2),
  );
  assert.deepEqual(numbers(await jsonOf(await get(`${root(cnpj)}?pagina=2`, own))), [2]);
  assert.equal((await problemOf(await get(root(cnpj)))).codigo, 'empresa-desconhecida');
});

test('what no inutilização can be made of is refused, and nothing is stored', async () => {
  for (const modelo of ['57', '67', '58']) {
    for (const refused of [await postJson(`${root()}/${modelo}`, session, FAIXA), await get(`${root()}/${modelo}/SP/26/1/100`)]) {
      const problem = await problemOf(refused);
      assert.deepEqual([problem.status, problem.codigo], [400, 'modelo-sem-inutilizacao']);
    }
  }
  const signature = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>';
  for (const [body, codigo] of [
    [inutXml({ mod: '65' }), 'modelo-divergente'],
    [inutXml({ CNPJ: sampleCnpj(96) }), 'empresa-divergente'],
    [inutXml({ tpAmb: '1' }), 'ambiente-divergente'],
    [inutXml({ nNFFin: '199' }), 'inutilizacao-invalida'],
    [inutXml({ nNFFin: '10200' }), 'inutilizacao-invalida'],
    [inutXml().replace('</inutNFe>', `${signature}</inutNFe>`), 'conteudo-assinado'],
    [inutXml().replaceAll(OFFICIAL, 'urn:x'), 'namespace-invalido'],
    ['<evento/>', 'raiz-invalida'],
    ['<inutNFe', 'xml-malformado'],
  ] as const) {
    assert.equal((await problemOf(await postXml(`${root()}/55`, session, body))).codigo, codigo, body);
  }
  for (const body of [{}, [], 'x', { ...FAIXA, uf: 'XX' }, { ...FAIXA, justificativa: 'curta' }, { ...FAIXA, numeroInicial: 0 }]) {
    const problem = await problemOf(await postJson(`${root()}/55`, session, JSON.stringify(body)));
    assert.deepEqual([problem.status, problem.codigo], [400, 'inutilizacao-invalida'], JSON.stringify(body));
    assert.ok((problem.faults as unknown[]).length > 0);
  }
  const control = await problemOf(
    await postJson(`${root()}/55`, session, { ...FAIXA, justificativa: 'Um caractere \u0015 que o XML não tem' }),
  );
  assert.deepEqual([control.status, control.codigo], [400, 'inutilizacao-invalida']);
  assert.equal((await problemOf(await postJson(`${root()}/55`, stranger, FAIXA))).codigo, 'empresa-desconhecida');
});

test('gaps of a série are told with what is known of them, and what may be made void is proposed', async () => {
  const cnpj = sampleCnpj(98);
  const own = await edge.signIn(await edge.account(cnpj));
  const make = (numero: number, state: 'authorized' | 'uncertain' = 'authorized') =>
    authorizedDocument(edge, { cnpj, numero, session: own, state });
  const lacunas = (query = '', token = own) => get(`${edge.url}/api/empresas/${cnpj}/docs/hom/55/lacunas${query}`, token);
  const empty = await jsonOf(await lacunas());
  assert.deepEqual([empty.faixas, empty.propostas, empty.nivel, empty.serie, empty.uf], [[], [], 'normal', 1, 'SP']);
  for (const numero of [10, 13, 16, 20]) await make(numero);
  await make(14, 'uncertain');
  assert.equal((await postJson(`${root(cnpj)}/55`, own, { ...FAIXA, numeroInicial: 17, numeroFinal: 18 })).status, 202);
  const found = await jsonOf(await lacunas());
  assert.equal(lacunasSchema.validate(found).error, undefined);
  assert.deepEqual([found.de, found.ate], [1, 20]);
  assert.deepEqual(found.faixas, [
    { numeroInicial: 11, numeroFinal: 12, situacao: 'livre', proponivel: true },
    { numeroInicial: 14, numeroFinal: 14, situacao: 'incerta', proponivel: false },
    { numeroInicial: 15, numeroFinal: 15, situacao: 'livre', proponivel: true },
    { numeroInicial: 19, numeroFinal: 19, situacao: 'livre', proponivel: true },
  ]);
  const propostas = found.propostas as { numeroInicial: number; numeroFinal: number; ano: number; ate: string }[];
  assert.deepEqual(
    propostas.map(({ numeroInicial, numeroFinal }) => [numeroInicial, numeroFinal]),
    [
      [11, 12],
      [15, 15],
      [19, 19],
    ],
  );
  assert.deepEqual(propostas.map(({ ano, ate }) => [ano, ate])[0], [2026, '2026-12-10']);
  const narrowed = await jsonOf(await lacunas('?serie=001&de=13&ate=16'));
  assert.deepEqual((narrowed.faixas as unknown[]).length, 2);
  assert.deepEqual((await jsonOf(await lacunas('?serie=2'))).faixas, []);
  assert.deepEqual((await jsonOf(await lacunas('?uf=RJ'))).faixas, []);
  for (const query of ['?de=5&ate=4', '?de=1&ate=10001', '?uf=XX', '?serie=1000', '?de=x'])
    assert.equal((await problemOf(await lacunas(query))).codigo, 'parametro-invalido', query);
  assert.equal((await problemOf(await lacunas('', session))).codigo, 'empresa-desconhecida');
  const cte = await get(`${edge.url}/api/empresas/${cnpj}/docs/hom/57/lacunas`, own);
  assert.equal((await problemOf(cte)).codigo, 'modelo-sem-inutilizacao');
});

test('a number that was signed off-line in an earlier round is never proposed', async () => {
  const cnpj = sampleCnpj(99);
  const own = await edge.signIn(await edge.account(cnpj));
  for (const numero of [1, 3]) await authorizedDocument(edge, { cnpj, numero, session: own });
  await postXml(`${edge.url}/api/empresas/${cnpj}/docs/hom/55`, own, sampleNfe({ cnpj, numero: 2, dhEmi: '2026-11-21T10:00:00-03:00' }));
  const stored = await edge.store.documentos.findById(`${cnpj}.2.55.35.001.000000002`);
  assert.ok(stored);
  const parts = { cUF: '35', aamm: '2611', documento: cnpj, modelo: '55', serie: '1', numero: '2', cNF: '00000042' } as const;
  const rodada = { fingerprint: 'x', chave: buildChave({ ...parts, tpEmis: '9' }), attempts: [], faults: [], endedAt: new Date(0) };
  await edge.store.documentos.transition(stored, {
    ...{ state: 'rejected', rodadas: [rodada], nextAt: undefined, nextAction: undefined },
  });
  const found = await jsonOf(await get(`${edge.url}/api/empresas/${cnpj}/docs/hom/55/lacunas`, own));
  assert.deepEqual(found.faixas, [{ numeroInicial: 2, numeroFinal: 2, situacao: 'contingencia', proponivel: false }]);
  assert.deepEqual(found.propostas, []);
});
