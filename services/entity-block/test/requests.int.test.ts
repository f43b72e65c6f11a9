import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CadastroEntidade } from '@malote/store/bloqueios';
import { MAX_RESULT_ROWS } from '../block-entities.ts';
import { openScene, row } from './scene.ts';

const scene = await openScene();
const { store, reader, done, ask, handle, load } = scene;
const { entidades } = store;
const WHERE = { conta: 'c', documento: '53113791000122', uf: 'SP', ie: '111010945111' } as const;
const cadastro = (over: Partial<CadastroEntidade> = {}) => {
  const { documento, uf, ie } = WHERE;
  return { kind: 'cadastro', cadastro: { documento, uf, ie, ...over } } as const;
};

test('entities get the next number, or the one asked for if it is free; an account numbers by itself', async () => {
  const numbers: (string | undefined)[] = [];
  for (const entidade of [undefined, '2', undefined]) {
    const { entidadeId } = await done(cadastro(entidade === undefined ? {} : { entidade }));
    numbers.push(entidadeId?.split('.').at(-1));
  }
  assert.deepEqual(numbers, ['000001', '000002', '000003']);
  const taken = await done(cadastro({ entidade: '000002' }));
  assert.deepEqual([taken.state, taken.entidadeId, taken.recusa?.codigo], ['done', undefined, 'entidade-existente']);
  assert.match(taken.recusa?.message ?? '', /000002 já existe/);
  assert.equal((await done(cadastro(), 'd')).entidadeId?.split('.').at(-1), '000001');
  const there = await done(cadastro({ seAusente: true, ie: '111.010.945.111' }));
  assert.equal(there.entidadeId?.split('.').at(-1), '000001');
  assert.equal((await entidades.findByKey(WHERE)).length, 3);
});

test('a request blocks every entity of an establishment, at the edges too before it is done, and an equal one later changes only the history', async () => {
  const blocked = await done({ kind: 'bloqueio', contrato: '12345', rows: [row(1)] });
  assert.equal(blocked.state, 'done');
  assert.deepEqual(
    blocked.result?.map(({ Entidade, mensagem }) => [Entidade, mensagem]),
    ['000001', '000002', '000003'].map((entidade) => [entidade, 'Cliente bloqueado']),
  );
  assert.deepEqual(await reader.isBlocked(WHERE), { contrato: '12345' });
  assert.ok(scene.nudged.includes(blocked._id));
  await done({ kind: 'bloqueio', rows: [row(1)] });
  const [first] = await entidades.findByKey(WHERE);
  assert.deepEqual([first?.bloqueada, first?.contrato, first?.historico.length], [true, '12345', 2]);
});

test('the first activation issues a TOKEN that a later one does not, and a new one replaces it', async () => {
  const freed = await done({ kind: 'bloqueio', rows: [row(2)] });
  const issued = (freed.result ?? []).map(({ tokenDe }) => tokenDe);
  assert.equal(issued.filter(Boolean).length, 3);
  assert.equal(await reader.isBlocked(WHERE), undefined);
  const again = await done({ kind: 'bloqueio', rows: [row(2)] });
  assert.deepEqual(
    again.result?.map(({ tokenDe }) => tokenDe),
    [undefined, undefined, undefined],
  );
  const id = issued[0] as string;
  const tokenOf = async () => entidades.openToken((await entidades.findById({ conta: 'c', id })) as never) as string;
  const old = await tokenOf();
  const renewed = await done({ kind: 'token', entidade: id });
  assert.equal(renewed.entidadeId, id);
  const fresh = await tokenOf();
  assert.notEqual(fresh, old);
  assert.deepEqual([await entidades.findByToken(old), (await entidades.findByToken(fresh))?._id], [undefined, id]);
  assert.equal((await done({ kind: 'token', entidade: id }, 'd')).recusa?.codigo, 'entidade-desconhecida');
});

test('no message and no request holds a TOKEN', async () => {
  const tokens = (await entidades.findByKey(WHERE)).map((entidade) => entidades.openToken(entidade) as string);
  assert.equal(tokens.length, 3);
  const dump = JSON.stringify([scene.published, await scene.raw.collection('bloqueios').find().toArray()]);
  for (const token of tokens) assert.equal(dump.includes(token), false);
});

test('the same message again changes nothing, however often and whatever came between', async () => {
  const { pedido, message } = await ask({ kind: 'bloqueio', rows: [row(1)] });
  await handle(message);
  await done({ kind: 'bloqueio', rows: [row(2)] });
  const before = await entidades.findByKey(WHERE);
  for (let n = 0; n < 3; n++) assert.deepEqual(await handle(message), { kind: 'done' });
  assert.deepEqual(await entidades.findByKey(WHERE), before);
  assert.equal((await load(pedido)).result?.[0]?.mensagem, 'Cliente bloqueado');
});

test('a request that is applied late gives way to what was asked after it', async () => {
  const late = await ask({ kind: 'bloqueio', contrato: 'late', rows: [row(1)] });
  await done({ kind: 'bloqueio', contrato: 'early', rows: [row(2)] });
  await handle(late.message);
  assert.equal((await load(late.pedido)).result?.[0]?.mensagem, 'Cliente bloqueado');
  assert.equal(await entidades.blocked(WHERE), undefined);
  assert.equal(await reader.isBlocked(WHERE), undefined);
  assert.equal((await entidades.findByKey(WHERE))[0]?.contrato, 'early');
});

test('a request of another account reaches nothing', async () => {
  const { result } = await done({ kind: 'bloqueio', rows: [row(1)] }, 'e');
  assert.deepEqual(result?.[0]?.error, 'Entidade nao encontrada.');
  assert.equal(await entidades.blocked(WHERE), undefined);
});

test('a request whose answer would not fit is refused and changes nothing', async () => {
  const rows = Array.from({ length: Math.floor(MAX_RESULT_ROWS / 3) + 1 }, () => row(1));
  const refused = await done({ kind: 'bloqueio', rows });
  assert.deepEqual([refused.state, refused.recusa?.codigo, refused.result], ['done', 'pedido-grande', undefined]);
  assert.equal(await entidades.blocked(WHERE), undefined);
});

test('while Redis cannot be written the request is applied but not answered, until no edge can trust the old list', async () => {
  const blockList = { update: async () => false };
  const { pedido, message } = await ask({ kind: 'bloqueio', rows: [row(1)] });
  const waiting = await handle(message, { blockList });
  assert.equal(waiting.kind, 'retry');
  const applied = await load(pedido);
  assert.deepEqual([applied.state, applied.result?.length, applied.aplicadoEm instanceof Date], ['received', 3, true]);
  assert.deepEqual(await entidades.blocked(WHERE), { contrato: 'early' });
  assert.deepEqual(await store.bloqueios.pending(), true);
  // Not applied again, and answered once the list can be trusted no more.
  assert.equal((await handle(message, { blockList, listTrustedMs: -1 })).kind, 'done');
  assert.equal((await load(pedido)).state, 'done');
  assert.equal((await entidades.findByKey(WHERE))[0]?.historico.filter((entry) => entry.pedido === pedido._id).length, 1);
});

test('a message about a request that is not there is for a person', async () => {
  const { message } = await ask({ kind: 'bloqueio', rows: [row(1)] });
  const other = { ...message, payload: { pedidoId: 'c.none', conta: 'c' } } as typeof message;
  assert.equal((await handle(other)).kind, 'dead');
});
