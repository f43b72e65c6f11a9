import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { systemClock } from '@malote/runtime/clock';
import { createLogger } from '@malote/runtime/logger';
import { createSecretBox, type SealedSecret, type SecretBox } from '@malote/runtime/secret-box';
import { sealedPaths } from '@malote/testkit/sealed-paths';
import { connectStore } from '../connect.ts';
import { placeName, SEALED_PLACES, type SealedPlace } from '../sealed-places.ts';
import { exchangeSealed } from '../segredos.ts';
import { MASTER_KEY, openStore } from './open-store.ts';

const { store, raw, database, mongoUrl } = await openStore();
const NEW_KEY = `2027:${randomBytes(32).toString('base64')}`;
const log = createLogger({ service: 'test', level: 'silent' });
/** The same database with other master keys. */
async function storeWith(key: string | SecretBox) {
  const box = typeof key === 'string' ? createSecretBox(key) : key;
  const other = await connectStore({ url: mongoUrl, database, clock: systemClock, log, box });
  after(() => other.close());
  return other;
}

type SealedRow = { _id: string; sealed: SealedSecret; ativos: { id: string; sealed: SealedSecret }[] };
const info = (thumbprint: string) => ({
  ...{ subject: 'CN=x', issuer: 'CN=y', serial: '1', documento: '11222333000181', thumbprint },
  ...{ notBefore: new Date(0), notAfter: new Date(4e12) },
});
const material = { keyPem: 'chave', certPem: 'certificado', chainPem: [] };
const empresa = (n: number) => String(11_222_333_000_100 + n);
const csc = (n: number) => ({ conta: 'a', empresa: empresa(n), tpAmb: '2' }) as const;
const codigo = (n: number) => `codigo-${n}`.padEnd(36, '0');
const kidsOf = async (of = store) => Object.fromEntries((await of.segredos.count()).map(({ lugar, kids }) => [lugar, kids]));
const COMPANIES = 60;

test('every secret of a database is in one of the sealed places', async () => {
  for (let n = 0; n < COMPANIES; n += 1) {
    await store.certificados.put({ conta: 'a', empresa: empresa(n) }, info(`t${n}`), material);
    await store.csc.put(csc(n), { id: '1', codigo: codigo(n) });
    await store.csc.put(csc(n), { id: '2', codigo: codigo(n + 1) });
  }
  const token = createSecretBox(MASTER_KEY).seal(Buffer.from('token'), 'a|11222333000181|entidade-token');
  await raw.collection('entidades').insertOne({ _id: 'a.e' as never, conta: 'a', documento: '11222333000181', token });
  const found = new Set<string>();
  for (const { name } of (await raw.db?.listCollections().toArray()) ?? [])
    for await (const row of raw.collection(name).find()) for (const path of sealedPaths(row)) found.add(`${name}.${path}`);
  assert.deepEqual([...found].sort(), SEALED_PLACES.map(placeName).sort());
  assert.deepEqual(await kidsOf(), {
    'certificados.sealed': { test: COMPANIES },
    'csc.ativos[].sealed': { test: 2 * COMPANIES },
    'entidades.token': { test: 1 },
  });
});

test('cut off in the middle and run again, while others write: every secret opens with the new key alone, none was re-wrapped twice', async () => {
  const cut = new AbortController();
  const box = createSecretBox(`${NEW_KEY},${MASTER_KEY}`);
  let calls = 0;
  const rewrap: SecretBox['rewrap'] = (sealed, aad) => {
    calls += 1;
    if (calls === 40) cut.abort();
    return box.rewrap(sealed, aad);
  };
  const rotating = await storeWith({ ...box, rewrap });
  const first = rotating.segredos.rewrap({ signal: cut.signal });
  // A company gets a CSC of the old master key all the while.
  for (let n = 0; n < 20; n += 1) await store.csc.put(csc(5), { id: '1', codigo: codigo(500 + n) });
  const { terminou, regravados } = await first;
  assert.equal(terminou, false);
  const half = await raw.collection('certificados').find({ 'sealed.kid': '2027' }).toArray();

  const second = await rotating.segredos.rewrap();
  assert.deepEqual([second.terminou, second.falhas], [true, []]);
  assert.ok(regravados > 0 && second.regravados > 0, `${regravados} and ${second.regravados}`);
  assert.deepEqual(await kidsOf(), {
    'certificados.sealed': { 2027: COMPANIES },
    'csc.ativos[].sealed': { 2027: 2 * COMPANIES },
    'entidades.token': { 2027: 1 },
  });
  for (const row of half) assert.deepEqual(await raw.collection('certificados').findOne({ _id: row._id }), row);
  assert.equal((await rotating.segredos.rewrap()).regravados, 0);

  const alone = await storeWith(NEW_KEY);
  for (let n = 0; n < COMPANIES; n += 1) {
    assert.equal((await alone.certificados.open({ conta: 'a', empresa: empresa(n) }, `${empresa(n)}.t${n}`))?.keyPem, 'chave');
    assert.equal((await alone.csc.current(csc(n)))?.codigo, codigo(n + 1));
  }
  await assert.rejects(store.csc.current(csc(1)), /kid 2027 não está configurada/);
});

test('what is replaced between the look and the write is not overwritten', async () => {
  const box = createSecretBox(`${NEW_KEY},${MASTER_KEY}`);
  const scene = [
    ['certificados', '', () => store.certificados.put({ conta: 'a', empresa: empresa(900) }, info('z'), material)],
    ['csc', '2', () => store.csc.put(csc(900), { id: '2', codigo: codigo(1) })],
  ] as const;
  await store.csc.put(csc(900), { id: '1', codigo: codigo(1) });
  for (const [collection, which, write] of scene) {
    const place = SEALED_PLACES.find((one) => one.collection === collection) as SealedPlace;
    const rows = raw.collection<SealedRow>(collection);
    const read = async () => (await rows.findOne({ conta: 'a', empresa: empresa(900) })) as unknown as SealedRow;
    const secretOf = (row: SealedRow) => (which === '' ? row.sealed : (row.ativos.find(({ id }) => id === which)?.sealed as SealedSecret));
    await write();
    const seen = await read();
    await write();
    const [old, current] = [secretOf(seen), await read()];
    const exchange = (from: SealedSecret) =>
      exchangeSealed(rows as never, place, { _id: seen._id, old: from, sealed: box.rewrap(from, place.aadOf(seen)) });
    assert.equal(await exchange(old), false, collection);
    assert.deepEqual(await read(), current);
    assert.equal(await exchange(secretOf(current)), true, collection);
    assert.equal(secretOf(await read()).kid, '2027');
  }
});

test('a secret of an unknown key or of another owner is told, stays as it is, and does not hold up the others', async () => {
  const stranger = createSecretBox(`perdida:${randomBytes(32).toString('base64')}`);
  const rows = raw.collection('certificados');
  const row = await rows.findOne({ _id: `${empresa(1)}.t1` as never });
  const lost = { ...row, _id: 'perdido' as never, sealed: stranger.seal(Buffer.from('x'), 'a|b|certificado') };
  const moved = { ...row, _id: 'movido' as never, conta: 'b', sealed: createSecretBox(MASTER_KEY).seal(Buffer.from('x'), 'outro') };
  await rows.insertMany([lost, moved]);
  await store.csc.put(csc(7), { id: '2', codigo: codigo(7) });
  const rotating = await storeWith(`${NEW_KEY},${MASTER_KEY}`);
  const { falhas, totalFalhas, regravados } = await rotating.segredos.rewrap();
  assert.deepEqual([falhas.map(({ id }) => id).sort(), totalFalhas, regravados > 0], [['movido', 'perdido'], 2, true]);
  assert.match(JSON.stringify(falhas), /kid perdida não está configurada/);
  assert.deepEqual(await rows.findOne({ _id: 'perdido' as never }), lost);
});
