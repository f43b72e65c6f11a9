import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MaloteProblem } from './client.ts';
import { fakeHub, problem } from './test/fake-hub.ts';

const EMPRESA = '11222333000181';
const UMA = `/api/empresas/${EMPRESA}`;

test('companies are read page after page, shown and put', async () => {
  const page = (empresas: string[]) =>
    Response.json({ numeroElementos: empresas.length, totalElementos: 3, registros: empresas.map((empresa) => ({ empresa })) });
  const cadastro = { razaoSocial: 'Exemplo', uf: 'SP' } as const;
  const { client, asked, paths } = fakeHub([
    page(['1', '2']),
    page(['3']),
    Response.json({}),
    Response.json({ versao: 2 }, { status: 201 }),
  ]);
  const seen: string[] = [];
  for await (const { empresa } of client.empresas()) seen.push(empresa);
  assert.deepEqual(seen, ['1', '2', '3']);
  await client.empresa(EMPRESA);
  assert.equal((await client.putEmpresa(EMPRESA, cadastro)).versao, 2);
  assert.deepEqual(paths(), ['GET /api/empresas?pagina=1', 'GET /api/empresas?pagina=2', `GET ${UMA}`, `PUT ${UMA}`]);
  const put = asked.at(-1);
  assert.deepEqual([put?.headers['content-type'], put?.body], ['application/json', JSON.stringify(cadastro)]);
});

test('CSC are listed, added, replaced and removed; removed twice is no problem', async () => {
  const csc = { ambiente: 'hom', id: '1', emUso: true, criadoEm: '2026-11-21T13:00:00.000Z' };
  const ref = { empresa: EMPRESA, ambiente: 'hom', id: '1' } as const;
  const { client, asked, paths } = fakeHub([
    ...[Response.json([csc]), Response.json([csc]), Response.json(csc, { status: 201 }), Response.json(csc)],
    ...[new Response(null, { status: 204 }), problem('csc-desconhecido', 404), problem('empresa-desconhecida', 404)],
  ]);
  assert.deepEqual(await client.listCsc({ empresa: EMPRESA }), [csc]);
  await client.listCsc({ empresa: EMPRESA, ambiente: 'prod' });
  await client.addCsc({ ...ref, codigo: 'A'.repeat(16) });
  assert.deepEqual(JSON.parse(String(asked.at(-1)?.body)), { ambiente: 'hom', id: '1', codigo: 'A'.repeat(16) });
  assert.deepEqual(await client.replaceCsc({ ...ref, codigo: 'B'.repeat(16) }), csc);
  assert.deepEqual(JSON.parse(String(asked.at(-1)?.body)), { codigo: 'B'.repeat(16) });
  await client.removeCsc(ref);
  await client.removeCsc(ref);
  await assert.rejects(client.removeCsc(ref), (error) => error instanceof MaloteProblem && error.codigo === 'empresa-desconhecida');
  const one = `${UMA}/csc/1?ambiente=hom`;
  assert.deepEqual(paths(), [
    ...[`GET ${UMA}/csc`, `GET ${UMA}/csc?ambiente=prod`, `POST ${UMA}/csc`, `PUT ${one}`],
    ...[`DELETE ${one}`, `DELETE ${one}`, `DELETE ${one}`],
  ]);
});
