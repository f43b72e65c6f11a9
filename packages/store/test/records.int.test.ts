import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchSecret } from '@malote/runtime/password';
import { STATUS_EVERY_MS } from '../consumo.ts';
import { EmpresaDeOutraConta } from '../empresas.ts';
import { leasesOf } from '../leases.ts';
import { SCHEMA_VERSION } from '../migrations.ts';
import { movableClock, openStore } from './open-store.ts';

const clock = movableClock();
const { store, raw } = await openStore(clock);

test('a secret is in the answer to its creation and nowhere in the database', async () => {
  const conta = await store.contas.create({ nome: 'Cliente' });
  const { token, secret } = await store.credenciais.create({ conta: conta._id });
  const stored = await store.credenciais.find(token);
  assert.equal(stored?.conta, conta._id);
  assert.equal(await matchSecret(secret, [stored?.secretHash ?? '']), 0);
  assert.equal(await matchSecret(`${secret}x`, [stored?.secretHash ?? '']), -1);
  const rows = JSON.stringify(await raw.collection('credenciais').find().toArray());
  assert.equal(rows.includes(secret), false);
});

test('a company belongs to one account, whoever asks', async () => {
  const fields = { documento: '11222333000181', uf: 'SP' as const, razaoSocial: 'Empresa' };
  const first = await store.empresas.put({ ...fields, conta: 'a', ie: '111' });
  assert.equal(first.version, 1);
  assert.equal((await store.empresas.put({ ...fields, conta: 'a', razaoSocial: 'Outra' })).version, 2);
  await assert.rejects(store.empresas.put({ ...fields, conta: 'b' }), EmpresaDeOutraConta);
  assert.equal(await store.empresas.find({ conta: 'b', documento: fields.documento }), undefined);
  assert.deepEqual(
    (await store.empresas.listOf('a')).map(({ _id }) => _id),
    [fields.documento],
  );
  assert.deepEqual(await store.empresas.listOf('b'), []);
  const saved = await store.empresas.save(
    { conta: 'a', documento: '45543915000181' },
    { uf: 'SP', razaoSocial: 'B', ie: '222' },
    { create: true },
  );
  assert.deepEqual([saved?.created, saved?.empresa.version, saved?.empresa.ie], [true, 1, '222']);
  await assert.rejects(
    store.empresas.save({ conta: 'b', documento: '45543915000181' }, { uf: 'SP', razaoSocial: 'B' }, { create: true }),
    EmpresaDeOutraConta,
  );
  const { total, empresas } = await store.empresas.list({ conta: 'a', skip: 1, limit: 20 });
  assert.deepEqual([total, empresas.map(({ _id }) => _id)], [2, ['45543915000181']]);
  assert.deepEqual(await store.empresas.list({ conta: 'b', skip: 0, limit: 20 }), { total: 0, empresas: [] });
});

test('a certificate comes back for its owner only, is sealed at rest, and does not open when moved to another company', async () => {
  const owner = { conta: 'a', empresa: '11222333000181' };
  const info = {
    subject: 'CN=x',
    issuer: 'CN=y',
    serial: '1',
    documento: owner.empresa,
    notBefore: new Date(0),
    notAfter: new Date(1e12),
    thumbprint: 'ab',
  };
  const material = { keyPem: 'PRIVATE-MATERIAL', certPem: 'CERT', chainPem: ['C1'] };
  const id = await store.certificados.put(owner, info, material);
  assert.deepEqual(await store.certificados.open(owner, id), { ...info, ...material });
  assert.equal(await store.certificados.open({ ...owner, conta: 'b' }, id), undefined);
  assert.equal(JSON.stringify(await raw.collection('certificados').find().toArray()).includes('PRIVATE'), false);
  await raw.collection('certificados').updateOne({ _id: id as never }, { $set: { empresa: '99999999000191' } });
  await assert.rejects(store.certificados.open({ conta: 'a', empresa: '99999999000191' }, id), { name: 'SecretBoxError' });
});

test('a look-up without its account, id or owner finds nothing, instead of everybody’s', async () => {
  const nothing = undefined as never;
  await store.empresas.put({ documento: '60746948000112', uf: 'SP', razaoSocial: 'Empresa', conta: 'c' });
  assert.equal(await store.empresas.find({ conta: nothing, documento: '60746948000112' }), undefined);
  assert.deepEqual(await store.empresas.listOf(nothing), []);
  assert.equal(await store.credenciais.find(nothing), undefined);
  await raw.collection('documentos').insertOne({ _id: 'some' as never });
  assert.equal(await store.documentos.findById(nothing), undefined);
});

test('a lease has one holder until it runs out or is given up', async () => {
  const leases = leasesOf(raw as never, clock);
  const both = await Promise.all([leases.hold('x', 'one', 1000), leases.hold('x', 'two', 1000)]);
  assert.equal(both.filter(Boolean).length, 1);
  const [holder, other] = both[0] ? ['one', 'two'] : ['two', 'one'];
  assert.equal(await leases.hold('x', holder as string, 1000), true);
  assert.equal(await leases.hold('x', other as string, 1000), false);
  clock.advance(1001);
  assert.equal(await leases.hold('x', other as string, 1000), true);
  await leases.release('x', other as string);
  assert.equal(await leases.hold('x', holder as string, 1000), true);
});

test('migrating again changes nothing, and a database of another version makes the service not ready with the reason', async () => {
  const { from, to } = await store.migrations.run();
  assert.deepEqual([from, to], [SCHEMA_VERSION, SCHEMA_VERSION]);
  assert.equal(await store.ready(), true);
  await raw.collection('schema').updateOne({ _id: 'malote' as never }, { $set: { version: SCHEMA_VERSION - 1 } });
  assert.match(String(await store.ready()), /malote migrate/);
  await store.migrations.run();
  assert.equal(await store.ready(), true);
});

test('every sweep and every look-up of documents and companies runs on an index', async () => {
  const documentos = raw.collection('documentos');
  const now = new Date();
  const queries = [
    documentos.find({ 'outbox.0': { $exists: true }, 'outbox.leaseUntil': { $lte: now } }).hint('outbox'),
    documentos
      .find({ nextAt: { $lte: now } })
      .hint('nextAt')
      .sort({ nextAt: 1 }),
    documentos
      .find({ conta: 'a', nextAt: { $exists: true }, state: 'uncertain' })
      .hint('conta_nextAt')
      .sort({ nextAt: 1 }),
    documentos.find({ state: { $in: ['received', 'signed', 'uncertain'] }, nextAt: { $exists: false } }).hint('unsettled'),
    documentos.find({ _id: { $in: ['a', 'b'] as never[] }, conta: 'a', ano: 2026 }),
    raw.collection('empresas').find({ conta: 'a' }).hint('contaDocumento'),
  ];
  for (const query of queries) {
    const plan = JSON.stringify(await query.explain('queryPlanner'));
    assert.equal(plan.includes('COLLSCAN'), false, plan);
    assert.match(plan, /IXSCAN|IDHACK/);
  }
});

test('status calls to one authoriser are three minutes apart over all processes, and authorisers do not wait for each other', async () => {
  const where = { autorizador: 'SVRS', tpAmb: '2' as const };
  const turns = await Promise.all([1, 2, 3].map(() => store.consumo.takeStatusTurn(where)));
  assert.equal(turns.filter((turn) => turn === true).length, 1);
  const wait = turns.find((turn) => turn instanceof Date) as Date;
  assert.ok(Math.abs(wait.getTime() - clock.now().getTime() - STATUS_EVERY_MS) < 5_000);
  assert.equal(await store.consumo.takeStatusTurn({ ...where, autorizador: 'SP' }), true);
  clock.advance(STATUS_EVERY_MS);
  assert.equal(await store.consumo.takeStatusTurn(where), true);
});

test('a rest after abusive use holds for that company at that authoriser, and is never shortened', async () => {
  const who = { cnpj: '11222333000181', autorizador: 'SP' };
  const until = new Date(clock.now().getTime() + 3_600_000);
  await store.consumo.rest(who, until, '656');
  await store.consumo.rest(who, clock.now(), '656');
  assert.deepEqual(await store.consumo.restingUntil(who), until);
  assert.equal(await store.consumo.restingUntil({ ...who, autorizador: 'SVRS' }), undefined);
  assert.equal(await store.consumo.restingUntil({ ...who, cnpj: '45543915000181' }), undefined);
  clock.advance(3_600_001);
  assert.equal(await store.consumo.restingUntil(who), undefined);
});

test('the rests under way of every company are listed, the one that ends first first, and counters are none', async () => {
  const hour = 3_600_000;
  const at = (hours: number) => new Date(clock.now().getTime() + hours * hour);
  await store.consumo.count({ cnpj: '11222333000181', kind: 'consulta', autorizador: 'SP' });
  const [later, sooner] = [at(2), at(1)];
  await store.consumo.rest({ cnpj: '11222333000181', autorizador: 'SP' }, later, '656');
  await store.consumo.rest({ cnpj: '45543915000181', autorizador: 'SVRS' }, sooner, '678');
  assert.deepEqual(await store.consumo.resting(1), {
    total: 2,
    rests: [{ cnpj: '45543915000181', autorizador: 'SVRS', until: sooner, reason: '678' }],
  });
  clock.advance(hour + 1);
  const { rests } = await store.consumo.resting(10);
  assert.deepEqual(
    rests.map(({ cnpj, reason }) => [cnpj, reason]),
    [['11222333000181', '656']],
  );
  clock.advance(hour);
  assert.deepEqual(await store.consumo.resting(10), { total: 0, rests: [] });
});

test('calls are counted by company, kind, authoriser and hour', async () => {
  const what = { cnpj: '11222333000181', kind: 'consulta' as const, autorizador: 'SP' };
  await Promise.all([1, 2, 3].map(() => store.consumo.count(what)));
  assert.equal(await store.consumo.countOf(what), 3);
  assert.equal(await store.consumo.countOf({ ...what, kind: 'rejeicao' }), 0);
  clock.advance(3_600_000);
  assert.equal(await store.consumo.countOf(what), 0);
});
