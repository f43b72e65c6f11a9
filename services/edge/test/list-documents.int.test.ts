import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { sampleNfce } from '@malote/testkit/sample-nfce';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { pageSchema } from '../pages.ts';
import { listedDocumentSchema } from '../present-document.schema.ts';
import { postXml, problemOf, type RunningEdge, runEdge } from './running-edge.ts';

const CNPJ = sampleCnpj(61);
const DH_EMI = '2026-11-21T23:30:00-03:00';

let edge: RunningEdge;
let session: string;
let docs: string;

interface Page {
  numeroElementos: number;
  totalElementos: number;
  registros: Record<string, unknown>[];
}

before(async () => {
  edge = await runEdge('list');
  session = await edge.signIn(await edge.account(CNPJ));
  docs = `${edge.url}/api/empresas/${CNPJ}/docs/hom/55`;
  for (let numero = 1; numero <= 45; numero += 1) {
    const dhEmi = numero === 45 ? '2026-11-22T00:10:00-03:00' : DH_EMI;
    const serie = numero % 2 ? 1 : 7;
    assert.equal((await postXml(docs, session, sampleNfe({ cnpj: CNPJ, numero, serie, dhEmi }))).status, 202);
  }
  await postXml(docs.replace(/55$/, '65'), session, sampleNfce({ cnpj: CNPJ, numero: 1, dhEmi: DH_EMI }));
});
after(() => edge.stop());

const get = (path: string, token = session) => fetch(`${docs}${path}`, { headers: { 'x-auth-token': token } });
async function pageOf(query = ''): Promise<Page> {
  const answer = await get(query);
  assert.equal(answer.status, 200, query);
  const page = (await answer.json()) as Page;
  assert.equal(pageSchema(listedDocumentSchema).validate(page).error, undefined);
  assert.equal(page.numeroElementos, page.registros.length);
  return page;
}
const numbersOf = ({ registros }: Page) => registros.map(({ numero }) => numero);
const upTo = (count: number, first = 1) => Array.from({ length: count }, (_, index) => first + index);

test('the documents of a model are listed 20 to a page in the order in which they came', async () => {
  const first = await pageOf();
  assert.deepEqual([first.numeroElementos, first.totalElementos], [20, 45]);
  assert.deepEqual(numbersOf(first), upTo(20));
  for (const query of ['?pagina=', '?pagina=1', '/', '/?pagina=1&outro=x'])
    assert.deepEqual(numbersOf(await pageOf(query)), upTo(20), query);
  assert.deepEqual(numbersOf(await pageOf('?pagina=2')), upTo(20, 21));
  assert.deepEqual(numbersOf(await pageOf('?pagina=3')), upTo(5, 41));
  const beyond = await pageOf('?pagina=4');
  assert.deepEqual([beyond.numeroElementos, beyond.totalElementos], [0, 45]);
});

test('a row is the document object without its XML, and says where the document is', async () => {
  const [row] = (await pageOf()).registros;
  assert.ok(row && !('conteudo' in row));
  const whole = await fetch(`${edge.url}${row.documento}`, { headers: { 'x-auth-token': session } });
  const { conteudo: _conteudo, ...shown } = (await whole.json()) as Record<string, unknown>;
  assert.deepEqual(row, { ...shown, documento: row.documento });
});

test('status, days and série narrow the list', async () => {
  for (const [query, numbers] of [
    ['?status=em%20processamento&pagina=3', upTo(5, 41)],
    ['?status=Autorizada', []],
    ['?status=Encerrada', []],
    ['?de=2026-11-22', [45]],
    ['?de=20261122&ate=2026-11-22T23:59:59.999Z', [45]],
    ['?ate=2026-11-21&pagina=3', upTo(4, 41)],
    ['?de=2026-11-21&ate=2026-11-21&pagina=3&status=Em+processamento', upTo(4, 41)],
    ['?serie=007&pagina=2', [42, 44]],
    ['?serie=2', []],
  ] as const) {
    assert.deepEqual(numbersOf(await pageOf(query)), numbers, query);
  }
  const changed = await edge.store.documentos.findById(`${CNPJ}.2.55.35.007.000000002`);
  assert.ok(changed);
  await edge.store.documentos.transition(changed, { state: 'invalid', nextAt: undefined, nextAction: undefined });
  assert.deepEqual(numbersOf(await pageOf('?status=arquivo-invalido')), [2]);
  assert.equal((await pageOf('?status=Em processamento')).totalElementos, 44);
});

test('another model, ambiente and account have lists of their own', async () => {
  const page = async (path: string) => {
    const answer = await fetch(`${edge.url}/api/empresas/${CNPJ}/docs/${path}`, { headers: { 'x-auth-token': session } });
    return numbersOf((await answer.json()) as Page);
  };
  assert.deepEqual(await page('hom/65'), [1]);
  assert.deepEqual(await page('prod/55'), []);
  assert.deepEqual(await page('hom/57'), []);
  const stranger = await edge.signIn(await edge.account(sampleCnpj(62)));
  const theirs = await problemOf(await get('', stranger));
  assert.deepEqual([theirs.status, theirs.codigo], [404, 'empresa-desconhecida']);
});

test('a wrong parameter is told by name, rule and what would be right', async () => {
  for (const [query, rule] of [
    ['?status=pendente', /status deve ser um destes: .*Autorizada/],
    ['?de=2026-02-30', /de deve ser uma data que existe/],
    ['?de=2026-11-22&ate=2026-11-21', /de não pode ser depois de ate/],
    ['?pagina=0', /pagina/],
    ['?serie=1000', /serie/],
  ] as const) {
    const problem = await problemOf(await get(query));
    assert.deepEqual([problem.status, problem.codigo], [400, 'parametro-invalido'], query);
    assert.match(problem.detail, rule);
  }
});
