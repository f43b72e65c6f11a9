import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeHub } from './test/fake-hub.ts';

test('policies of account, UF and company are shown, put and removed', async () => {
  const politica = { modelos: { '65': { serieContingencia: 889 } } };
  const { client, asked, paths } = fakeHub([
    ...[Response.json({ escopo: 'conta' }), Response.json({ escopo: 'uf' }), Response.json({ escopo: 'cnpj' })],
    new Response(null, { status: 204 }),
  ]);
  assert.equal((await client.contingencia()).escopo, 'conta');
  assert.equal((await client.contingencia({ uf: 'SP' })).escopo, 'uf');
  await client.putContingencia(politica, { empresa: '11222333000181' });
  assert.deepEqual([asked.at(-1)?.headers['content-type'], asked.at(-1)?.body], ['application/json', JSON.stringify(politica)]);
  await client.removeContingencia();
  assert.deepEqual(paths(), [
    ...['GET /api/conta/contingencia', 'GET /api/conta/contingencia/uf/SP', 'PUT /api/empresas/11222333000181/contingencia'],
    'DELETE /api/conta/contingencia',
  ]);
});

test('the modes in force, orders and drills', async () => {
  const one = { modelo: '55', uf: 'SP', ambiente: 'hom', modo: 'SVC' };
  const { client, asked, paths } = fakeHub([
    ...[Response.json({ situacoes: [one] }), Response.json(one, { status: 202 }), Response.json({ id: 'd' })],
    ...[Response.json({ simulacoes: [{ id: 'd' }] }), Response.json({ id: 'd', registros: [] })],
  ]);
  assert.deepEqual(await client.situacaoContingencia({ uf: 'SP' }), [one]);
  assert.deepEqual(await client.ordenarContingencia({ modelo: '55', uf: 'SP', ambiente: 'hom', modo: 'AUTOMATICO' }), one);
  assert.equal(JSON.parse(String(asked.at(-1)?.body)).modo, 'AUTOMATICO');
  assert.equal((await client.simularContingencia({ modelo: '65', uf: 'SP', minutos: 5 })).id, 'd');
  assert.deepEqual(await client.simulacoes(), [{ id: 'd' }]);
  await client.simulacao('d', { pagina: 2 });
  const [situacao, simulacao] = ['situacao', 'simulacao'].map((name) => `/api/conta/contingencia/${name}`);
  assert.deepEqual(paths(), [
    ...[`GET ${situacao}?uf=SP`, `POST ${situacao}`, `POST ${simulacao}`, `GET ${simulacao}`, `GET ${simulacao}/d?pagina=2`],
  ]);
});

test('notes still to be transmitted, their correction, a substitute, and how SEFAZ does', async () => {
  const page = (numero: number, totalElementos: number) => Response.json({ numeroElementos: 1, totalElementos, registros: [{ numero }] });
  const { client, asked, paths } = fakeHub([
    ...[page(1, 2), page(2, 2), Response.json({ status: 'Autorizada' }), Response.json({}, { status: 202 }), Response.json({ em: null })],
  ]);
  const seen: number[] = [];
  const empresa = '11222333000181';
  for await (const { numero } of client.pendentes({ empresa, ambiente: 'hom' })) seen.push(numero);
  assert.deepEqual(seen, [1, 2]);
  const docs = { empresa, ambiente: 'hom', modelo: '65' } as const;
  assert.equal((await client.corrigir({ ...docs, chave: '35', xml: '<NFe/>', wait: 3 })).status, 'Autorizada');
  const put = asked.at(-1);
  assert.deepEqual([put?.body, put?.headers.prefer, put?.headers['content-type']], ['<NFe/>', 'wait=3', 'application/xml']);
  await client.emit({ ...docs, xml: '<NFe/>', substitui: '35' });
  assert.equal((await client.situacaoSefaz()).em, null);
  const path = `/api/empresas/${empresa}/contingencia/pendentes?ambiente=hom`;
  assert.deepEqual(paths(), [
    ...[`GET ${path}&pagina=1`, `GET ${path}&pagina=2`, `PUT /api/empresas/${empresa}/docs/hom/65/35/correcao`],
    ...[`POST /api/empresas/${empresa}/docs/hom/65?substitui=35`, 'GET /api/sefaz/situacao'],
  ]);
});
