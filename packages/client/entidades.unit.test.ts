import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MaloteProblem, MaloteUnavailable } from './client.ts';
import { fakeHub } from './test/fake-hub.ts';

const pedido = { contrato: '12345', Empresas: [{ tipopessoa: 2, cnpj: '53113791001790', IE: '255721161', UF: 'SC', Parametro: 1 }] };
const empresa = { tipopessoa: 2 as const, cnpj: '53113791001790', ie: '255721161', uf: 'SC' };
const done = () => Response.json({ result: [{ OK: true }], error: null });
const pending = () =>
  new Response('{"result":[],"error":"ainda"}', {
    status: 202,
    headers: { location: '/rest/RestAtBlqEnt/1', 'content-type': 'application/json' },
  });

test('a block is asked for as JSON; where the hub could not wait, the client does', async () => {
  const { client, asked, paths } = fakeHub([done(), pending(), done()]);
  assert.deepEqual(await client.bloquear(pedido as never), { result: [{ OK: true }], error: null });
  assert.deepEqual(JSON.parse(String(asked[1]?.body)), pedido);
  assert.equal(asked[1]?.headers['content-type'], 'application/json');
  assert.deepEqual(await client.bloquear(pedido as never), { result: [{ OK: true }], error: null });
  assert.deepEqual(paths(), ['POST /rest/RestAtBlqEnt', 'POST /rest/RestAtBlqEnt', 'GET /rest/RestAtBlqEnt/1']);
});

test('a refusal in the form of TSS is a problem, and is not repeated', async () => {
  const { client, paths } = fakeHub([
    Response.json({ result: [], error: 'Linha 1, campo UF: "XX" não é uma das 27 UFs.' }, { status: 400 }),
    Response.json({ Token: '', error: 'Entidade nao encontrada.' }, { status: 404 }),
    Response.json({ Token: '', error: 'ainda' }, { status: 202 }),
  ]);
  const refused = (codigo: string, detail: RegExp) => (error: unknown) =>
    error instanceof MaloteProblem && error.codigo === codigo && detail.test(error.detail);
  await assert.rejects(client.bloquear(pedido as never), refused('requisicao-invalida', /^Linha 1, campo UF/));
  await assert.rejects(client.tokenDaEntidade(empresa), refused('entidade-desconhecida', /nao encontrada/));
  await assert.rejects(client.renovarToken(empresa), (error) => error instanceof MaloteUnavailable && error.reason === 'timeout');
  assert.equal(paths().length, 3);
});

test('tokens, the list with its filters, and one entity', async () => {
  const page = (entidade: string) => Response.json({ numeroElementos: 1, totalElementos: 2, registros: [{ entidade }] });
  const { client, paths, asked } = fakeHub([
    Response.json({ Token: 'a1' }),
    Response.json({ Token: 'b2' }),
    page('000001'),
    page('000002'),
    Response.json({ entidade: '000002', historico: [] }),
  ]);
  assert.deepEqual([await client.tokenDaEntidade(empresa), await client.renovarToken(empresa)], ['a1', 'b2']);
  assert.deepEqual(JSON.parse(String(asked[1]?.body)), { empresa });
  const seen: string[] = [];
  for await (const { entidade } of client.entidades({ contrato: '12345', uf: 'SC', bloqueado: true })) seen.push(entidade);
  assert.deepEqual(seen, ['000001', '000002']);
  assert.equal((await client.entidade('000002')).entidade, '000002');
  const list = 'GET /api/entidades?contrato=12345&uf=SC&bloqueado=true&pagina=';
  assert.deepEqual(paths(), ['POST /rest/RestGetToken', 'POST /rest/RestNewToken', `${list}1`, `${list}2`, 'GET /api/entidades/000002']);
});
