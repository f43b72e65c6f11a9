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
