import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FatoAuditado, HUB } from '../auditoria.ts';
import { openStore } from './open-store.ts';

const { store, raw } = await openStore();
const rows = () => raw.collection<{ _id: string }>('auditoria');
const fact = (conta: string, alvo: string): FatoAuditado => {
  return { conta, quem: { tipo: 'credencial', id: 'token', ip: '10.0.0.1' }, acao: 'credencial.trocar-secret', alvo, resultado: 'ok' };
};

test('links written at once by many are one whole chain, listed newest first by pages', async () => {
  await Promise.all(Array.from({ length: 30 }, (_, n) => store.auditoria.append(fact('a', `t${n}`))));
  await store.auditoria.append({ ...fact('a', 'último'), empresa: '11222333000181', detalhe: 'com detalhe' });
  await store.auditoria.append({ ...fact(HUB, 'kid'), quem: { tipo: 'cli' } });
  const verdict = await store.auditoria.verify({ conta: 'a' });
  assert.deepEqual([verdict.integra, verdict.elos, verdict.fim?.seq], [true, 31, 31]);
  const first = await store.auditoria.list({ conta: 'a', skip: 0, limit: 20 });
  assert.deepEqual([first.total, first.registros.length, first.registros[0]?.seq, first.registros[0]?.alvo], [31, 20, 31, 'último']);
  const second = await store.auditoria.list({ conta: 'a', skip: 20, limit: 20 });
  assert.deepEqual(
    second.registros.map(({ seq }) => seq),
    Array.from({ length: 11 }, (_, n) => 11 - n),
  );
  assert.deepEqual(await store.auditoria.list({ conta: 'a', skip: 40, limit: 20 }), { total: 31, registros: [] });
  assert.deepEqual(await store.auditoria.list({ conta: 'b', skip: 0, limit: 20 }), { total: 0, registros: [] });
  assert.deepEqual(await store.auditoria.contas(), [HUB, 'a']);
});

test('what is changed, taken out, put in or cut off in the database is found, and an account does not suffer from another', async () => {
  for (let n = 1; n <= 6; n += 1) await store.auditoria.append(fact('c', `t${n}`));
  const whole = await store.auditoria.verify({ conta: 'c' });
  const kinds = async (ancora?: { seq: number; hash: string }) =>
    (await store.auditoria.verify({ conta: 'c', ...(ancora ? { ancora } : {}) })).falhas.map(({ seq, tipo }) => `${seq} ${tipo}`);
  const link = (seq: number) => ({ _id: `c.${String(seq).padStart(12, '0')}` });

  const second = await rows().findOne(link(2));
  await rows().updateOne(link(2), { $set: { acao: 'outra.coisa' } });
  assert.deepEqual(await kinds(), ['2 alterado']);
  await rows().deleteOne(link(2));
  assert.deepEqual(await kinds(), ['2 faltando']);
  await rows().insertOne(second as NonNullable<typeof second>);
  assert.deepEqual(await kinds(), []);

  await rows().insertOne({ ...second, _id: 'c.intruso' });
  assert.deepEqual(await kinds(), ['2 intruso']);
  await rows().deleteOne({ _id: 'c.intruso' });
  // One account's link given to another is missed by the one and strange to the other.
  await rows().updateOne(link(4), { $set: { conta: 'a' } });
  assert.deepEqual(await kinds(), ['4 faltando']);
  assert.equal((await store.auditoria.verify({ conta: 'a' })).integra, false);
  await rows().updateOne(link(4), { $set: { conta: 'c' } });

  await rows().deleteOne(link(6));
  assert.deepEqual(await kinds(), []);
  assert.deepEqual(await kinds(whole.fim), ['6 ancora']);
  assert.equal((await store.auditoria.verify({ conta: 'a' })).integra, true);
});

test('pages and the end of a chain are read by the index, whatever its length', async () => {
  const seq = { $lte: 31, $gt: 11 };
  const explained = await rows()
    .find({ conta: 'a', seq } as never)
    .hint('conta')
    .sort({ seq: -1 })
    .explain('executionStats');
  assert.equal(explained.executionStats.totalDocsExamined, 20);
  assert.ok(!JSON.stringify(explained.queryPlanner.winningPlan).includes('COLLSCAN'));
});
