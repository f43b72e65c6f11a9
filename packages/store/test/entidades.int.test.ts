import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyEnvelope } from '@malote/messages/envelope';
import type { Quem } from '../auditoria.ts';
import { bloqueioModel, pedidoId, WAKE_BLOQUEIO } from '../bloqueios.ts';
import { sweepDue } from '../clockwork.ts';
import { ENTIDADE_SCHEMA } from '../entidade.ts';
import type { Entidade, MudancaEntidade } from '../entidades.ts';
import { sweepOutbox } from '../relay.ts';
import { movableClock, openStore } from './open-store.ts';

const clock = movableClock();
const { store, raw } = await openStore(clock);
const { entidades, bloqueios } = store;
const quem: Quem = { tipo: 'credencial', id: 'token' };
const CNPJ = '53113791000122';
const WHERE = { conta: 'a', documento: CNPJ, uf: 'SP', ie: '111.010.945.111' } as const;

const entidadeOf = (entidade: string, over: Partial<Entidade> = {}): Entidade => {
  const { conta, documento, uf, ie } = { conta: 'a', documento: CNPJ, uf: 'SP' as const, ie: '111010945111', ...over };
  return {
    _id: `${conta}.${documento}.${uf}.${ie}.${entidade}`,
    ...{ schema: ENTIDADE_SCHEMA, version: 1, conta, documento, uf, ie, chave: `${documento}.${uf}.${ie}`, entidade },
    ...{ bloqueada: false, pedido: 'p', seqInicial: 1, seq: 1, historico: [], createdAt: clock.now(), updatedAt: clock.now() },
    ...over,
  };
};
const bloqueia = (_id: string, pedido: string, version = 1): MudancaEntidade => ({
  ...{ _id, version, set: { bloqueada: true, seq: 2 } },
  historico: [{ em: clock.now(), pedido, linha: 1, quem, parametro: 1 }],
});

test('entities of an establishment are found however its IE is written, by Entidade, and only by their account', async () => {
  for (const entidade of ['000121', '000002', '000122']) assert.equal(await entidades.insert(entidadeOf(entidade)), true);
  assert.equal(await entidades.insert(entidadeOf('000002')), false);
  const found = (await entidades.findByKey(WHERE)).map(({ entidade }) => entidade);
  assert.deepEqual(found, ['000002', '000121', '000122']);
  assert.deepEqual(await entidades.findByKey({ ...WHERE, conta: 'b' }), []);
  assert.deepEqual(await entidades.findByKey({ ...WHERE, uf: 'MG' }), []);
  assert.equal((await entidades.find({ conta: 'a', entidade: '000121' }))?.chave, `${CNPJ}.SP.111010945111`);
  assert.equal(await entidades.find({ conta: 'b', entidade: '000121' }), undefined);
  assert.equal(await entidades.findById({ conta: 'b', id: `a.${CNPJ}.SP.111010945111.000121` }), undefined);
});

test('a change applies to the version that was read only, and a request sees to which entities it has been applied', async () => {
  const ids = (await entidades.findByKey(WHERE)).map(({ _id }) => _id) as [string, string, string];
  assert.equal(await entidades.change([bloqueia(ids[0], 'p1')]), 1);
  assert.equal(await entidades.change(ids.map((_id) => bloqueia(_id, 'p1'))), 2);
  const applied = async (pedido: string) =>
    (await entidades.forPedido({ conta: 'a', chaves: [`${CNPJ}.SP.111010945111`], pedido })).map(({ aplicada }) => aplicada);
  assert.deepEqual(await applied('p1'), [true, true, true]);
  assert.deepEqual(await applied('p2'), [false, false, false]);
  assert.equal((await entidades.find({ conta: 'a', entidade: '000002' }))?.historico.length, 1);
});

test('one blocked entity blocks the establishment, with the contract if there is one', async () => {
  assert.deepEqual(await entidades.blocked(WHERE), {});
  assert.equal(await entidades.blocked({ ...WHERE, conta: 'b' }), undefined);
  assert.equal(await entidades.blocked({ ...WHERE, ie: 'ISENTO' }), undefined);
  const isento = entidadeOf('000003', { documento: '01159435000146', uf: 'PE', ie: 'ISENTO', bloqueada: true, contrato: '12345' });
  await entidades.insert(isento);
  assert.deepEqual(await entidades.blocked({ conta: 'a', documento: '01159435000146', uf: 'PE' }), { contrato: '12345' });
  const all = (await entidades.blockedKeys()).map(({ chave }) => chave);
  assert.deepEqual([...new Set(all)].sort(), ['01159435000146.PE.ISENTO', `${CNPJ}.SP.111010945111`]);
  assert.deepEqual(await entidades.blockedKeys({ conta: 'a', chaves: [isento.chave] }), [
    { conta: 'a', chave: isento.chave, contrato: '12345' },
  ]);
});

test('lists are of an account, narrowed by contract, UF and block, and the operator sees all accounts', async () => {
  await entidades.insert(entidadeOf('000001', { conta: 'b' }));
  const page = { skip: 0, limit: 10 };
  const { total, entidades: rows } = await entidades.list({ conta: 'a', ...page });
  assert.deepEqual([total, rows.map(({ entidade }) => entidade)], [4, ['000002', '000003', '000121', '000122']]);
  assert.equal((await entidades.list({ conta: 'a', contrato: '12345', ...page })).total, 1);
  assert.equal((await entidades.list({ conta: 'a', uf: 'SP', bloqueada: false, ...page })).total, 0);
  assert.equal((await entidades.list({ conta: 'a', uf: 'SP', bloqueada: true, skip: 2, limit: 10 })).entidades.length, 1);
  assert.equal((await entidades.list(page)).total, 5);
});

test('a TOKEN is found by itself and opens for its owner only; the database holds it nowhere in the clear', async () => {
  const guarded = entidades.newToken({ conta: 'a', documento: CNPJ });
  const entidade = entidadeOf('000500', guarded);
  await entidades.insert(entidade);
  const token = entidades.openToken(entidade) as string;
  assert.match(token, /^[0-9a-f]{40}$/);
  assert.equal((await entidades.findByToken(token.toUpperCase()))?._id, entidade._id);
  assert.equal(await entidades.findByToken(`${token.slice(1)}0`), undefined);
  assert.equal(entidades.openToken({ conta: 'a', documento: CNPJ }), undefined);
  assert.throws(() => entidades.openToken({ ...entidade, documento: '99999999000191' }), { name: 'SecretBoxError' });
  assert.equal(JSON.stringify(await raw.collection('entidades').find().toArray()).includes(token), false);
});

test('a request is stored with its command, numbered in the order of the account, and its command goes out again when it was lost', async () => {
  const rows = [{ tipopessoa: 2 as const, documento: CNPJ, ie: '111', uf: 'SP' as const, parametro: 2 as const }];
  const given = { conta: 'z', quem, traceparent: 't' };
  const { pedido, message } = await bloqueios.insert({ ...given, kind: 'bloqueio', contrato: '1', rows });
  assert.deepEqual([message.type, message.payload], ['entity.unblock', { pedidoId: pedido._id, conta: 'z' }]);
  const others = await Promise.all(
    [1, 2, 3].map(() => bloqueios.insert({ ...given, kind: 'cadastro', cadastro: { documento: CNPJ, uf: 'SP' } })),
  );
  assert.deepEqual(others.map(({ pedido: { seq } }) => seq).sort(), [2, 3, 4]);
  const id = pedidoId(pedido);
  assert.equal((await bloqueios.findById({ conta: 'z', id }))?.outbox[0]?.id, message.id);
  assert.equal(await bloqueios.findById({ conta: 'a', id }), undefined);

  const sent: AnyEnvelope[] = [];
  const publish = async (envelope: AnyEnvelope) => {
    sent.push(envelope);
    return 'confirmed' as const;
  };
  const model = bloqueioModel(raw as never);
  clock.advance(6_000);
  assert.equal(await sweepOutbox(model, { publish, clock, leaseMs: 5_000 }), 4);
  assert.ok(sent.some(({ id: sentId }) => sentId === message.id));
  clock.advance(120_000);
  assert.equal(await sweepDue(model, { wake: WAKE_BLOQUEIO, publish, clock }), 4);
  assert.ok(
    sent.slice(4).some(({ type, payload }) => type === 'entity.unblock' && 'pedidoId' in payload && payload.pedidoId === pedido._id),
  );
});

test('every look-up of entities runs on an index, and the block list on it alone', async () => {
  const rows = raw.collection('entidades');
  const queries = [
    rows.find({ conta: 'a', chave: { $in: ['x', 'y'] } }).hint('chave'),
    rows.find({ conta: 'a', uf: 'SP', bloqueada: true }).sort({ entidade: 1 }),
    rows.find({ conta: 'a', contrato: '1' }).sort({ entidade: 1 }),
    rows.find({ tokenHash: 'x' }).hint('token'),
    raw.collection('bloqueios').find({ state: 'received' }).hint('unsettled'),
  ];
  for (const query of queries) {
    const plan = JSON.stringify(await query.explain('queryPlanner'));
    assert.match(plan, /IXSCAN/);
    assert.doesNotMatch(plan, /COLLSCAN/);
  }
  const projection = { _id: 0, conta: 1, chave: 1, contrato: 1 };
  const list = rows.find({ bloqueada: true }, { projection }).hint('bloqueadas');
  assert.ok(JSON.stringify(await list.explain('queryPlanner')).includes('bloqueadas'));
});
