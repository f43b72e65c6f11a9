import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CscLimite } from '../csc.ts';
import { openStore } from './open-store.ts';

const { store, raw } = await openStore();
const hom = { conta: 'a', empresa: '11222333000181', tpAmb: '2' } as const;
const codigo = (text: string) => text.padEnd(36, '0');

test('a CSC comes back without leading zeros in its id, the highest id first, and its code is nowhere in the database', async () => {
  await store.csc.put(hom, { id: '000009', codigo: codigo('NINE') });
  await store.csc.put(hom, { id: '10', codigo: codigo('TEN') });
  assert.deepEqual(await store.csc.current(hom), { id: '10', codigo: codigo('TEN') });
  assert.deepEqual(
    (await store.csc.list(hom)).map(({ id }) => id),
    ['9', '10'],
  );
  assert.equal(/NINE|TEN0/.test(JSON.stringify(await raw.collection('csc').find().toArray())), false);
});

test('the same id again replaces the code, a third one is refused until one is removed, and the other ambiente counts apart', async () => {
  await store.csc.put(hom, { id: '10', codigo: codigo('TEN-AGAIN') });
  assert.equal((await store.csc.current(hom))?.codigo, codigo('TEN-AGAIN'));
  await assert.rejects(store.csc.put(hom, { id: '11', codigo: codigo('ELEVEN') }), (error) => {
    assert.ok(error instanceof CscLimite);
    return /9 e 10/.test(error.message);
  });
  await store.csc.put({ ...hom, tpAmb: '1' }, { id: '11', codigo: codigo('ELEVEN') });
  assert.equal(await store.csc.remove(hom, '009'), true);
  assert.equal(await store.csc.remove(hom, '9'), false);
  await store.csc.put(hom, { id: '11', codigo: codigo('ELEVEN') });
  assert.equal((await store.csc.current(hom))?.id, '11');
});

test('of ten put at once two are active, and of ten of the same id one', async () => {
  const many = { ...hom, empresa: '99888777000161' };
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, (_, n) => store.csc.put(many, { id: String(n + 1), codigo: codigo('X') })),
  );
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 2);
  assert.equal((await store.csc.list(many)).length, 2);
  const same = { ...hom, empresa: '12ABC34501DE35' };
  await Promise.all(Array.from({ length: 10 }, () => store.csc.put(same, { id: '1', codigo: codigo('X') })));
  assert.equal((await store.csc.list(same)).length, 1);
});

test('another account sees nothing, and a code moved to another company does not open', async () => {
  assert.equal(await store.csc.current({ ...hom, conta: 'b' }), undefined);
  const row = await raw.collection('csc').findOne({ _id: `${hom.empresa}.2` as never });
  await raw.collection('csc').insertOne({ ...row, _id: '44555666000199.2', empresa: '44555666000199' } as never);
  await assert.rejects(store.csc.current({ ...hom, empresa: '44555666000199' }), { name: 'SecretBoxError' });
});

test('an id or a code that SEFAZ never gives is refused', async () => {
  for (const id of ['', '0', '000000', '1234567', '0000001', '1a', '-1']) {
    await assert.rejects(store.csc.put(hom, { id, codigo: codigo('X') }), RangeError, id);
  }
  for (const bad of ['SHORT', '', `${codigo('X')} `, codigo('ç')])
    await assert.rejects(store.csc.put(hom, { id: '1', codigo: bad }), RangeError);
});

test('the options of a company are set and taken back one by one, and only by its account', async () => {
  const where = { conta: 'a', documento: '11222333000181' };
  await store.empresas.put({ ...where, uf: 'SP', razaoSocial: 'Empresa' });
  const urls = { qrCode: 'https://nfce.exemplo.gov.br/qr', urlChave: 'www.exemplo.gov.br/consulta' };
  assert.equal((await store.empresas.save(where, { qrVersion: '3' }))?.empresa.qrVersion, '3');
  const both = await store.empresas.save(where, { nfceUrls: { '2': urls } });
  assert.deepEqual([both?.created, both?.empresa.qrVersion, both?.empresa.nfceUrls], [false, '3', { '2': urls }]);
  await store.empresas.put({ ...where, uf: 'SP', razaoSocial: 'Outro nome' });
  const back = (await store.empresas.save(where, { qrVersion: null, nfceUrls: { '2': null } }))?.empresa;
  assert.deepEqual([back?.qrVersion, back?.nfceUrls?.['2'], back?.razaoSocial], [undefined, undefined, 'Outro nome']);
  assert.equal(await store.empresas.save({ ...where, conta: 'b' }, { qrVersion: '2' }), undefined);
});
