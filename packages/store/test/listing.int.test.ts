import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type ListQuery, planList } from '../listing-plan.ts';
import { movableClock, openStore } from './open-store.ts';

const clock = movableClock();
const { store, raw, database } = await openStore(clock);
const documentos = raw.collection('documentos');

const OF = { conta: 'conta-a', empresa: '07385111000102', tpAmb: '2', modelo: '55' } as const satisfies ListQuery;
const ROWS = 12_000;
const STATES = ['authorized', 'authorized', 'authorized', 'rejected', 'uncertain'];
const base = clock.now().getTime() - 40 * 86_400_000;

/** A row as far as a list looks at it: 300 a day, three in each millisecond, numbers in the order of arrival. */
const row = (n: number, over: object = {}) => ({
  ...{ _id: `${OF.empresa}.2.55.35.001.${String(n).padStart(9, '0')}`, ...OF, serie: n % 4, numero: n, version: 1 },
  ...{
    state: STATES[n % STATES.length],
    diaEmissao: dayOf(n),
    createdAt: new Date(base + Math.floor(n / 300) * 86_400_000 + Math.floor(n / 3)),
  },
  ...{ attempts: [], rodadas: [], outbox: [], ...over },
});
const dayOf = (n: number) => new Date(base + Math.floor(n / 300) * 86_400_000).toISOString().slice(0, 10);

const numbers = async (query: ListQuery, pagina: number) =>
  (await store.listing.page(query, { skip: (pagina - 1) * 20, limit: 20 })).documentos.map(({ numero }) => numero);
const upTo = (count: number, first = 0) => Array.from({ length: count }, (_, index) => first + index);

interface Profiled {
  keysExamined: number;
  docsExamined: number;
  planSummary: string;
  hasSortStage?: boolean;
}

/** What the server did for each query of `work`. */
async function profiled(work: () => Promise<unknown>): Promise<Profiled[]> {
  const db = raw.getClient().db(database);
  await db.command({ profile: 0 });
  await db.dropCollection('system.profile').catch(() => {});
  await db.command({ profile: 2 });
  await work();
  await db.command({ profile: 0 });
  return (await db
    .collection('system.profile')
    .find({ ns: `${database}.documentos` })
    .toArray()) as unknown as Profiled[];
}
const keysOf = (queries: Profiled[]) => queries.reduce((sum, { keysExamined }) => sum + keysExamined, 0);

before(async () => {
  const rows = upTo(ROWS).map((n) => row(n));
  // Not in the order of arrival, which the list has to find by itself.
  await documentos.insertMany(rows.toReversed() as never);
  const strangers = { conta: 'conta-b', empresa: '11222333000181' };
  await documentos.insertMany([
    row(1, { ...strangers, _id: 'b' }),
    row(2, { conta: 'conta-b', _id: 'c' }),
    row(3, { tpAmb: '1', _id: 'd' }),
    row(4, { modelo: '65', _id: 'e' }),
  ] as never);
});

const day = (n: number) => ({ de: dayOf(n), ate: dayOf(n) });
const KINDS: Record<string, Partial<ListQuery>> = {
  everything: {},
  'a série': { serie: 2 },
  'a série and a status': { serie: 1, states: ['authorized'] },
  'a status of two states': { states: ['rejected', 'uncertain'] },
  'a day': day(6000),
  'forty days': { de: dayOf(0), ate: dayOf(ROWS - 1) },
  'days and status': { de: dayOf(300), ate: dayOf(5000), states: ['authorized'] },
  'days, status and série': { de: dayOf(300), ate: dayOf(5000), states: ['authorized', 'rejected'], serie: 1 },
  'from a day on': { de: dayOf(9000) },
  'up to a day, of a status': { ate: dayOf(900), states: ['uncertain'] },
  'longer than the days that are merged': { de: '2020-01-01', ate: dayOf(ROWS) },
};

test('every kind of list gives its rows in the order of arrival, page after page, with their exact number', async () => {
  for (const [name, extra] of Object.entries(KINDS)) {
    const query = { ...OF, ...extra };
    const expected = upTo(ROWS).filter((n) => {
      const { state, serie, diaEmissao } = row(n);
      return (
        (!query.states || (query.states as readonly string[]).includes(String(state))) &&
        (query.serie === undefined || query.serie === serie) &&
        (!query.de || diaEmissao >= query.de) &&
        (!query.ate || diaEmissao <= query.ate)
      );
    });
    assert.ok(expected.length > 60, name);
    const pages = Math.min(30, Math.ceil(expected.length / 20));
    const seen: number[] = [];
    for (let pagina = 1; pagina <= pages; pagina += 1) seen.push(...(await numbers(query, pagina)));
    assert.deepEqual(seen, expected.slice(0, pages * 20), name);
    // Found without the pages before it, too.
    const last = Math.ceil(expected.length / 20);
    assert.deepEqual(await numbers(query, last), expected.slice((last - 1) * 20), name);
    assert.deepEqual(await numbers(query, last + 1), [], name);
    assert.equal((await store.listing.page(query, { skip: 0, limit: 20 })).total, expected.length, name);
  }
});

test('no kind of list reads the collection, sorts in memory, or looks at a document that is not on its page', async () => {
  for (const [name, extra] of Object.entries(KINDS)) {
    const query = { ...OF, ...extra, conta: 'conta-a' };
    const queries = await profiled(() => store.listing.page(query, { skip: 40, limit: 20 }));
    assert.ok(queries.length >= 2, name);
    for (const { planSummary, hasSortStage, docsExamined } of queries) {
      assert.match(planSummary, /^(IXSCAN|COUNT_SCAN)/, name);
      assert.equal(hasSortStage ?? false, false, `${name}: ${planSummary}`);
      assert.ok(docsExamined <= 20, `${name}: ${docsExamined} documents for ${planSummary}`);
    }
    const { filter, index } = planList(query);
    const explained = await documentos.find(filter).hint(index).sort({ createdAt: 1, _id: 1 }).explain('queryPlanner');
    assert.equal(/"stage":"(COLLSCAN|SORT)"/.test(JSON.stringify(explained)), false, name);
  }
});

test('a span that is open at one end is closed by the day there is, so it costs its own rows only', async () => {
  for (const [extra, rows] of [
    [{ de: dayOf(ROWS - 600) }, 600],
    [{ ate: dayOf(599) }, 600],
  ] as const) {
    const queries = await profiled(async () =>
      assert.equal((await store.listing.page({ ...OF, ...extra }, { skip: 0, limit: 20 })).total, rows),
    );
    assert.ok(keysOf(queries) < rows + 100, `${JSON.stringify(extra)}: ${keysOf(queries)} keys`);
  }
  assert.equal((await store.listing.page({ ...OF, de: '2099-01-01' }, { skip: 0, limit: 20 })).total, 0);
  assert.equal((await store.listing.page({ ...OF, conta: 'nobody', de: '2020-01-01' }, { skip: 0, limit: 20 })).total, 0);
});

test('page 500 costs no more than a page once it has been come to, and its neighbours neither', async () => {
  const query = { ...OF, serie: undefined };
  const [first] = [await profiled(() => numbers(query, 500))];
  assert.equal(first.length > 0, true);
  for (const pagina of [500, 501, 502]) {
    const rows = await profiled(async () => assert.deepEqual(await numbers(query, pagina), upTo(20, (pagina - 1) * 20)));
    // The page itself, and nothing of the total but what may have arrived since it was counted.
    assert.ok(keysOf(rows) <= 60, `page ${pagina}: ${keysOf(rows)} keys`);
  }
});

test('new arrivals move no page before them, and are in the total at once', async () => {
  const mine = { ...OF, empresa: '99888777000161' };
  const add = (from: number, count: number) =>
    documentos.insertMany(
      upTo(count, from).map((n) => row(n, { ...mine, _id: `n${n}`, createdAt: new Date(clock.now().getTime() + n) })) as never,
    );
  await add(0, 50);
  const before = await Promise.all([1, 2].map((pagina) => numbers(mine, pagina)));
  await add(50, 15);
  assert.deepEqual(await Promise.all([1, 2].map((pagina) => numbers(mine, pagina))), before);
  assert.deepEqual(await numbers(mine, 3), upTo(20, 40));
  assert.deepEqual(await numbers(mine, 4), upTo(5, 60));
  assert.equal((await store.listing.page(mine, { skip: 0, limit: 20 })).total, 65);
});

test('who reads page after page of what changes meanwhile misses nothing', async () => {
  const mine = { ...OF, empresa: '99888777000242', states: ['received'] as const };
  const arrived = clock.now().getTime() - 3_600_000;
  await documentos.insertMany(
    upTo(60).map((n) => row(n, { ...mine, states: undefined, state: 'received', _id: `m${n}`, createdAt: new Date(arrived + n) })) as never,
  );
  assert.deepEqual(await numbers(mine, 1), upTo(20));
  await documentos.updateMany({ _id: { $in: ['m3', 'm4', 'm5'] } } as never, { $set: { state: 'authorized' } });
  assert.deepEqual(await numbers(mine, 2), upTo(20, 20));
  // Another reader begins anew: what was known of the pages after the first is of no use any more.
  assert.deepEqual((await numbers(mine, 1)).at(-1), 22);
  assert.deepEqual(await numbers(mine, 3), upTo(17, 43));
  assert.deepEqual(await numbers(mine, 2), upTo(20, 23));
});

test('beyond 10,000 the total stays exact while rows arrive, without counting them all again', async () => {
  const total = async () => (await store.listing.page(OF, { skip: 0, limit: 20 })).total;
  assert.equal(await total(), ROWS);
  await documentos.insertMany(upTo(7, ROWS).map((n) => row(n, { createdAt: clock.now() })) as never);
  const queries = await profiled(async () => assert.equal(await total(), ROWS + 7));
  assert.ok(keysOf(queries) < 100, `${keysOf(queries)} keys`);
  // An hour later the counted part has been moved on, and what was counted is not lost.
  clock.advance(3_600_000);
  assert.equal(await total(), ROWS + 7);
  const later = await profiled(async () => assert.equal(await total(), ROWS + 7));
  assert.ok(keysOf(later) < 40, `${keysOf(later)} keys`);
});

test('a status that no state has, and a span that ends before it begins, are empty without a question', async () => {
  for (const extra of [{ states: [] }, { states: [], de: '2026-01-01' }, { de: '2026-02-01', ate: '2026-01-01' }]) {
    const queries = await profiled(async () =>
      assert.deepEqual(await store.listing.page({ ...OF, ...extra }, { skip: 0, limit: 20 }), { total: 0, documentos: [] }),
    );
    assert.deepEqual(queries, []);
  }
});
