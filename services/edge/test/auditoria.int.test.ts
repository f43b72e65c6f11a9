import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type RunningEdge, runEdge, type TestAccount } from './running-edge.ts';

type Page = { numeroElementos: number; totalElementos: number; registros: Record<string, string | number | object | null>[] };

let edge: RunningEdge;
let owner: TestAccount;
let session: string;

before(async () => {
  edge = await runEdge('auditoria');
  owner = await edge.account('07385111000102');
  session = await edge.signIn(owner);
});
after(() => edge.stop());

const read = async (query = '', token = session) => {
  const answer = await fetch(`${edge.url}/api/conta/auditoria${query}`, { headers: { 'x-auth-token': token } });
  return { status: answer.status, page: (await answer.json()) as Page };
};

test('an account reads its own trail, newest first, page by page, and nothing of another one', async () => {
  const other = await edge.account('11222333000181');
  const { total: before } = await edge.store.auditoria.list({ conta: owner.conta, skip: 0, limit: 1 });
  const fact = { quem: { tipo: 'credencial', id: owner.token, ip: '10.0.0.1' }, acao: 'csc.gravar', resultado: 'ok' } as const;
  for (let n = 0; n < 21; n += 1) await edge.store.auditoria.append({ ...fact, conta: owner.conta, alvo: String(n) });
  await edge.store.auditoria.append({ ...fact, conta: other.conta, detalhe: 'do outro' });

  const { status, page } = await read();
  assert.deepEqual([status, page.numeroElementos, page.totalElementos], [200, 20, before + 21]);
  const { hash, anterior, em, ...newest } = page.registros[0] ?? {};
  assert.deepEqual(newest, { ...fact, seq: before + 21, empresa: null, alvo: '20', detalhe: null });
  assert.equal(anterior, page.registros[1]?.hash);
  assert.deepEqual([String(hash).length, new Date(String(em)).toISOString()], [64, em]);
  assert.equal((await read('?pagina=2')).page.numeroElementos, before + 1);
  assert.equal((await read('?pagina=0')).status, 400);
  assert.ok(!JSON.stringify([page, (await read('?pagina=2')).page]).includes('do outro'));
  assert.ok(JSON.stringify((await read('', await edge.signIn(other))).page).includes('do outro'));
});
