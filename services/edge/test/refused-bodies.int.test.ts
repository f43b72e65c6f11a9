import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { sampleNfe } from '@malote/testkit/sample-nfe';
import { postXml, problemOf, type RunningEdge, runEdge } from './running-edge.ts';

const CNPJ = sampleCnpj(21);
const GOOD = sampleNfe({ cnpj: CNPJ, numero: 1, dhEmi: '2026-11-21T10:00:00-03:00' });
const NS = 'http://www.portalfiscal.inf.br/nfe';
const SIGNATURE = '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>';

let edge: RunningEdge;
let session: string;
let docs: string;

before(async () => {
  edge = await runEdge('refused');
  session = await edge.signIn(await edge.account(CNPJ));
  docs = `${edge.url}/api/empresas/${CNPJ}/docs/hom/55`;
});
after(() => edge.stop());

/** No document has an outbox entry, and every accepted one would: the last test shows it. */
async function assertNothingStored(): Promise<void> {
  assert.equal(await edge.store.oldestOutboxAge(), 0);
}

const without = (tag: string) => GOOD.replace(new RegExp(`<${tag}>[^<]*</${tag}>`), '');
const replaced = (tag: string, value: string) => GOOD.replace(new RegExp(`<${tag}>[^<]*</${tag}>`), `<${tag}>${value}</${tag}>`);

/** A body and the code of its problem; every detail must differ from all others too. */
const MALFORMED: Record<string, [body: string | Buffer, codigo: string]> = {
  'an empty body': ['', 'corpo-vazio'],
  'plain text': ['isto não é XML', 'xml-malformado'],
  JSON: [`{"nfe": 1}`, 'xml-malformado'],
  'an XML cut in the middle': [GOOD.slice(0, GOOD.length / 2), 'xml-malformado'],
  'tags that do not match': [GOOD.replace('</ide>', '</idee>'), 'xml-malformado'],
  'two roots': [`${GOOD}<NFe/>`, 'xml-malformado'],
  'a repeated attribute': [GOOD.replace('<infNFe ', '<infNFe versao="4.00" '), 'xml-malformado'],
  'an attribute without quotes': [GOOD.replace('versao="4.00"', 'versao=4.00'), 'xml-malformado'],
  'a loose ampersand': [GOOD.replace('Comercial Exemplo', 'Comercial & Exemplo'), 'xml-entidade'],
  'ISO-8859-1 bytes': [Buffer.from(GOOD.replace('Exemplo', 'Comércio'), 'latin1'), 'xml-codificacao'],
  'UTF-16': [Buffer.from(`\uFEFF${GOOD}`, 'utf16le'), 'xml-codificacao'],
  'a declaration of another encoding': [`<?xml version="1.0" encoding="ISO-8859-1"?>${GOOD}`, 'xml-codificacao'],
  'XML 1.1': [`<?xml version="1.1"?>${GOOD}`, 'xml-versao'],
  'an entity that XML does not have': [GOOD.replace('Comercial', 'Com&eacute;rcio'), 'xml-entidade'],
  'a processing instruction': [GOOD.replace('<ide>', '<?php x?><ide>'), 'xml-instrucao'],
  'a control character': [GOOD.replace('Comercial', 'Comer\u0001cial'), 'xml-caractere'],
  'an undeclared prefix': [GOOD.replace('<ide>', '<a:b/><ide>'), 'xml-namespace'],
  'another root': [`<pedido xmlns="${NS}"/>`, 'raiz-invalida'],
  'the root without namespace': [GOOD.replace(` xmlns="${NS}"`, ''), 'namespace-invalido'],
  'the namespace of the other layout': [GOOD.replace(NS, 'http://www.oobj.com.br/nfe'), 'namespace-invalido'],
  'an empty lote': [`<enviNFe xmlns="${NS}" versao="4.00"><idLote>1</idLote></enviNFe>`, 'lote-invalido'],
  'a lote of two': [`<enviNFe xmlns="${NS}" versao="4.00">${GOOD}${GOOD}</enviNFe>`, 'lote-invalido'],
  'no infNFe': [`<NFe xmlns="${NS}"/>`, 'identificacao-invalida'],
  'no ide': [GOOD.replace(/<ide>.*<\/ide>/, ''), 'identificacao-invalida'],
  'no cUF': [without('cUF'), 'identificacao-invalida'],
  'an unknown cUF': [replaced('cUF', '99'), 'identificacao-invalida'],
  'no mod': [without('mod'), 'identificacao-invalida'],
  'a mod of another family': [replaced('mod', '57'), 'identificacao-invalida'],
  'a série with letters': [replaced('serie', 'A1'), 'identificacao-invalida'],
  'no nNF': [without('nNF'), 'identificacao-invalida'],
  'number zero': [replaced('nNF', '0'), 'identificacao-invalida'],
  'no dhEmi': [without('dhEmi'), 'identificacao-invalida'],
  'dhEmi without offset': [replaced('dhEmi', '2026-11-21T10:00:00'), 'identificacao-invalida'],
  'a dhEmi that does not exist': [replaced('dhEmi', '2026-02-30T10:00:00-03:00'), 'identificacao-invalida'],
  'a third environment': [replaced('tpAmb', '3'), 'identificacao-invalida'],
  'no emitter': [GOOD.replace(/<emit>.*<\/emit>/, ''), 'identificacao-invalida'],
  'an emitter with mask': [replaced('CNPJ', '10.000.021/0001-00'), 'identificacao-invalida'],
  'an emitter with CNPJ and CPF': [GOOD.replace('<emit>', '<emit><CPF>12345678909</CPF>'), 'identificacao-invalida'],
  'another company': [replaced('CNPJ', sampleCnpj(22)), 'empresa-divergente'],
  'production in the path of homologação': [replaced('tpAmb', '1'), 'ambiente-divergente'],
  'an NFC-e in the path of 55': [replaced('mod', '65'), 'modelo-divergente'],
  'a body already signed': [GOOD.replace('</NFe>', `${SIGNATURE}</NFe>`), 'conteudo-assinado'],
};

test('each malformed body gets its own clear 400, and nothing is stored', async () => {
  const details = new Map<string, string>();
  for (const [name, [body, codigo]] of Object.entries(MALFORMED)) {
    const problem = await problemOf(await postXml(docs, session, body));
    assert.deepEqual([problem.status, problem.codigo], [400, codigo], `${name}: ${problem.detail}`);
    assert.ok(problem.detail.length > 20, `${name}: ${problem.detail}`);
    assert.equal(problem.type, `/problemas/${codigo}`);
    assert.equal(details.get(problem.detail), undefined, `${name} says the same: ${problem.detail}`);
    details.set(problem.detail, name);
  }
  assert.ok(details.size >= 20);
  await assertNothingStored();
});

test('faults of the identity are listed all at once, with code and path', async () => {
  const body = GOOD.replace(/<cUF>[^<]*<\/cUF>/, '').replace(/<serie>[^<]*<\/serie>/, '');
  const problem = await problemOf(await postXml(docs, session, body));
  const faults = problem.faults as { code: string; path: string }[];
  assert.deepEqual(
    faults.map(({ code }) => code),
    ['EMI-010', 'EMI-012'],
  );
  assert.match(problem.detail, /e mais 1/);
});

test('the place of a syntax error is told in line and column', async () => {
  const problem = await problemOf(await postXml(docs, session, GOOD.replace('<ide>', '\n\n  <ide x=1>')));
  assert.equal(problem.linha, 3);
  assert.ok(Number(problem.coluna) >= 3);
});

/** Each one would cost much, or read a file, were it expanded. */
const ATTACKS: Record<string, [body: string, codigo: string]> = {
  'an external entity': [`<!DOCTYPE NFe [<!ENTITY x SYSTEM "file:///etc/passwd">]>${GOOD.replace('Comercial', '&x;')}`, 'xml-dtd'],
  'an external parameter entity': ['<!DOCTYPE NFe [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x.dtd"> %x;]><NFe/>', 'xml-dtd'],
  'a billion laughs': [`<!DOCTYPE l [${laughs()}]><NFe>&l9;</NFe>`, 'xml-dtd'],
  'quadratic blow-up': [`<!DOCTYPE q [<!ENTITY a "${'a'.repeat(100_000)}">]><NFe>${'&a;'.repeat(50_000)}</NFe>`, 'xml-dtd'],
  'deep nesting': [`${'<a>'.repeat(70_000)}${'</a>'.repeat(70_000)}`, 'xml-profundidade'],
  'deep nesting left open': ['<a>'.repeat(160_000), 'xml-profundidade'],
  'too many elements': [`<NFe xmlns="${NS}">${'<a/>'.repeat(120_000)}</NFe>`, 'xml-elementos'],
  'too many attributes': [`<NFe ${Array.from({ length: 40_000 }, (_, i) => `a${i}="1"`).join(' ')}/>`, 'xml-atributos'],
};

function laughs(): string {
  const entities = ['<!ENTITY l0 "lol">'];
  for (let i = 1; i < 10; i += 1) entities.push(`<!ENTITY l${i} "${`&l${i - 1};`.repeat(10)}">`);
  return entities.join('');
}

test('XML bombs and external entities are refused at once, and nothing is stored', async () => {
  for (const [name, [body, codigo]] of Object.entries(ATTACKS)) {
    const began = performance.now();
    const problem = await problemOf(await postXml(docs, session, body));
    const took = performance.now() - began;
    assert.deepEqual([problem.status, problem.codigo], [400, codigo], `${name}: ${problem.detail}`);
    assert.ok(took < 8_000, `${name} took ${Math.round(took)} ms`);
    assert.equal(JSON.stringify(problem).includes('root:'), false);
  }
  await assertNothingStored();
});

test('a body over the limit is 413, announced or not, plain or inflated', async () => {
  const big = GOOD.replace('Pedido 4711', 'x'.repeat(600_000));
  const announced = await problemOf(await postXml(docs, session, big));
  assert.deepEqual([announced.status, announced.codigo], [413, 'corpo-grande-demais']);
  const chunked = await fetch(docs, {
    method: 'POST',
    headers: { 'x-auth-token': session, 'content-type': 'application/xml' },
    body: new Blob([big]).stream(),
    duplex: 'half',
  } as RequestInit);
  assert.equal((await problemOf(chunked)).codigo, 'corpo-grande-demais');
  const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20));
  assert.ok(bomb.length < 100_000);
  const inflated = await problemOf(await postXml(docs, session, bomb, { 'content-encoding': 'gzip' }));
  assert.equal(inflated.codigo, 'corpo-grande-demais');
  await assertNothingStored();
});

test('a content type other than XML is 415, whatever the body', async () => {
  for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'application/xmlx', 'xml']) {
    const problem = await problemOf(await postXml(docs, session, GOOD, { 'content-type': type }));
    assert.deepEqual([problem.status, problem.codigo], [415, 'tipo-de-conteudo'], type);
  }
  const none = await fetch(docs, { method: 'POST', headers: { 'x-auth-token': session }, body: Buffer.from(GOOD) });
  assert.equal((await problemOf(none)).codigo, 'tipo-de-conteudo');
  const encoded = await problemOf(await postXml(docs, session, GOOD, { 'content-encoding': 'x-rot13' }));
  assert.deepEqual([encoded.status, encoded.codigo], [415, 'codificacao-de-conteudo']);
  const broken = await problemOf(await postXml(docs, session, 'not gzip at all', { 'content-encoding': 'gzip' }));
  assert.deepEqual([broken.status, broken.codigo], [400, 'corpo-interrompido']);
  await assertNothingStored();
});

test('models whose emission does not exist yet are refused plainly', async () => {
  for (const modelo of ['57', '67', '58']) {
    const problem = await problemOf(await postXml(`${edge.url}/api/empresas/${CNPJ}/docs/hom/${modelo}`, session, GOOD));
    assert.deepEqual([problem.status, problem.codigo], [400, 'modelo-nao-suportado']);
    assert.match(problem.detail, new RegExp(modelo));
  }
});

test('an unknown path is 404, and a known one with another method is 405 with the methods it has', async () => {
  const unknown = await problemOf(await fetch(`${edge.url}/api/nada`));
  assert.deepEqual([unknown.status, unknown.codigo], [404, 'rota-desconhecida']);
  const wrong = await fetch(docs, { method: 'PUT', headers: { 'x-auth-token': session } });
  assert.equal(wrong.headers.get('allow'), 'GET, HEAD, OPTIONS, POST');
  assert.equal((await problemOf(wrong)).codigo, 'metodo-nao-permitido');
});

test('what was refused above is what would be stored: the good body is', async () => {
  assert.equal((await postXml(docs, session, GOOD)).status, 202);
  assert.ok((await edge.store.oldestOutboxAge()) > 0);
});
