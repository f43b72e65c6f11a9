import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '@malote/runtime/logger';
import { createMetrics, type Metrics } from '@malote/runtime/metrics';
import { eventually } from '@malote/testkit/eventually';
import { COUNT_BY_STATE, readBacklog, startBacklogMetrics } from '../backlog.ts';
import { readClockSkew } from '../clock-skew.ts';
import { documentoModel } from '../documento.ts';
import { eventoModel } from '../evento.ts';
import { inutilizacaoModel } from '../inutilizacao.ts';
import { leasesOf } from '../leases.ts';
import { startSweeper } from '../sweeper.ts';
import { movableClock, openStore } from './open-store.ts';

const clock = movableClock();
const { raw } = await openStore(clock);
const model = documentoModel(raw as never);
const registros = { eventos: eventoModel(raw as never), inutilizacoes: inutilizacaoModel(raw as never) };
const models = { documentos: model, registros };
const leases = leasesOf(raw as never, clock);
const log = createLogger({ service: 'test', level: 'silent' });
const ago = (s: number) => new Date(clock.now().getTime() - s * 1000);

/** Only the fields the backlog reads, as `documentos` writes them. */
async function put(state: string, fields: { nextAt?: Date; outboxSince?: Date } = {}): Promise<void> {
  const { nextAt, outboxSince } = fields;
  await raw.collection('documentos').insertOne({
    _id: clock.uuid() as never,
    state,
    updatedAt: outboxSince ?? clock.now(),
    outbox: outboxSince ? [{ id: clock.uuid(), leaseUntil: clock.now() }] : [],
    ...(nextAt ? { nextAt } : {}),
  });
}

const value = async (metrics: Metrics, name: string) =>
  Object.fromEntries(
    ((await metrics.registry.getSingleMetric(name)?.get())?.values ?? []).map(({ labels, value: n }) => [labels.state ?? '', n]),
  );

test('the backlog is the oldest outbox, the most overdue action and the documents of each unsettled state', async () => {
  assert.deepEqual(await readBacklog(models, clock.now()), {
    outboxAgeS: 0,
    dueLagS: 0,
    unsettled: {},
    registros: { eventos: 0, inutilizacoes: 0 },
  });
  await put('authorized');
  await put('received', { nextAt: ago(-60), outboxSince: ago(40) });
  await put('received', { nextAt: ago(-60), outboxSince: ago(90) });
  await put('uncertain', { nextAt: ago(33) });
  await put('uncertain', { nextAt: ago(5) });
  await put('signed', { nextAt: ago(-5) });
  const { outboxAgeS, dueLagS, unsettled } = await readBacklog(models, clock.now());
  assert.equal(Math.round(outboxAgeS), 90);
  assert.equal(Math.round(dueLagS), 33);
  assert.deepEqual(unsettled, { received: 2, uncertain: 2, signed: 1 });
});

test('counting the unsettled documents looks at no document, only at an index', async () => {
  const stats = await model.collection.aggregate(COUNT_BY_STATE as never, { hint: 'unsettled' }).explain('executionStats');
  const text = JSON.stringify(stats);
  assert.equal(/"totalKeysExamined":[1-9]/.test(text), true);
  assert.equal(/"totalDocsExamined":[1-9]|"stage":"FETCH"|COLLSCAN/.test(text), false, text.slice(0, 1000));
});

test('one process shows the backlog, another takes it over when that one ends, and who gave it up shows nothing', async () => {
  const [one, two] = [createMetrics('one'), createMetrics('two')];
  const start = (metrics: Metrics) => startBacklogMetrics({ models, leases, clock, log, metrics, everyMs: 50 });
  const first = start(one);
  await eventually(async () => (await value(one, 'malote_documents_unsettled')).received === 2);
  const second = start(two);
  await eventually(async () => assert.deepEqual(await value(two, 'malote_outbox_age_seconds'), { '': 0 }));
  assert.deepEqual(await value(two, 'malote_documents_unsettled'), {});
  await first.stop();
  await eventually(async () => assert.deepEqual(await value(two, 'malote_documents_unsettled'), { received: 2, uncertain: 2, signed: 1 }));
  await second.stop();
});

test('a sweeper that may not work gives its lease to another process', async () => {
  let right = true;
  const swept = { a: 0, b: 0 };
  const start = (name: 'a' | 'b', mayWork: () => boolean) =>
    startSweeper({
      ...{ name: 'gated', everyMs: 20, leases, clock, log, mayWork },
      async sweep() {
        swept[name] += 1;
        return 0;
      },
    });
  const a = start('a', () => right);
  await eventually(() => swept.a > 1);
  const b = start('b', () => true);
  right = false;
  await eventually(() => swept.b > 1);
  const before = swept.a;
  const reached = swept.b + 3;
  await eventually(() => swept.b >= reached);
  assert.equal(swept.a, before);
  await Promise.all([a.stop(), b.stop()]);
});

test("the skew is this machine's clock against the server's, whatever the test clock says", async () => {
  clock.advance(3_600_000);
  const right = await readClockSkew(raw as never, clock);
  assert.ok(Math.abs(right.skewMs) < 500 + right.uncertaintyMs, `${right.skewMs} ms`);
  const ahead = { ...clock, machine: () => new Date(clock.machine().getTime() + 90_000) };
  const off = await readClockSkew(raw as never, ahead);
  assert.ok(Math.abs(off.skewMs - 90_000) < 500 + off.uncertaintyMs, `${off.skewMs} ms`);
});
