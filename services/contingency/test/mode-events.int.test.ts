import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { AnyEnvelope, Envelope } from '@malote/messages/envelope';
import { TOPOLOGY } from '@malote/messages/routes';
import { createLogger } from '@malote/runtime/logger';
import { openScene, TRACE } from './scene.ts';

const MINUTE = 60_000;
const scene = await openScene(['SP', 'GO']);
const { store, answers, published } = scene;
const lines: { level: string; msg: string; modelo?: string; uf?: string }[] = [];
const log = createLogger({ service: 'test', level: 'info', destination: { write: (line) => void lines.push(JSON.parse(line)) } });
const worker = scene.process({}, log);

// As if some service listened: without one they are not written to an outbox.
TOPOLOGY.queues.push({ name: 'test', bindings: [{ exchange: 'events', pattern: 'contingencia.*' }] });

beforeEach(async () => {
  answers.clear();
  published.length = 0;
  lines.length = 0;
  await scene.raw.collection('contingencias').deleteMany({});
  scene.advance(6 * 60 * MINUTE);
});

type Changed = Envelope<'contingencia.entered' | 'contingencia.left'>;

function told(): Changed[] {
  return published.filter((message: AnyEnvelope) => message.type.startsWith('contingencia.')) as Changed[];
}

test('a mode that the hub enters and leaves is told once each: what was, what is, since when and why, in the outbox of its row', async () => {
  answers.set('SP', undefined);
  await scene.fail({}, worker);
  const since = scene.clock.now().toISOString();
  answers.set('SP', '107');
  await scene.pass(15 * MINUTE, [worker]);
  const [entered, left, ...more] = told();
  assert.ok(entered && left && more.length === 0);
  const about = { modelo: '55', uf: 'SP', ambiente: 'prod' } as const;
  assert.deepEqual([entered.type, left.type], ['contingencia.entered', 'contingencia.left']);
  const row = await store.contingencias.find(scene.keyFor());
  const [in_, out] = row?.historico ?? [];
  assert.deepEqual(entered.payload, { ...about, modo: 'SVC', anterior: 'NORMAL', desde: since, motivo: in_?.motivo, versao: 1 });
  const desde = out?.em.toISOString();
  assert.deepEqual(left.payload, { ...about, modo: 'NORMAL', anterior: 'SVC', desde, motivo: out?.motivo, versao: 2 });
  assert.deepEqual([entered.at, left.at], [in_?.em.toISOString(), desde]);
  for (const { correlationId, causationId, traceparent, version } of [entered, left]) {
    assert.deepEqual([correlationId, version], ['*.55.SP.prod', 1]);
    assert.ok(causationId && /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/.test(traceparent));
  }
  assert.deepEqual(
    row?.outbox.map(({ id }) => id),
    [entered.id, left.id],
  );
});

test('an order is told as one of its account, caused by its message; the end of one too, and one that changes nothing is not', async () => {
  const order = { ...scene.keyFor(), conta: scene.conta, quem: 'x' };
  const cause = { id: 'm1', traceparent: TRACE };
  await worker.modes.order({ ...order, pedidoId: 'p1', modo: 'EPEC' }, cause);
  await worker.modes.order({ ...order, pedidoId: 'p1', modo: 'EPEC' }, cause);
  await worker.modes.order({ ...order, pedidoId: 'p2', modo: 'EPEC' }, cause);
  await worker.modes.order({ ...order, pedidoId: 'p3', modo: 'AUTOMATICO' }, { ...cause, id: 'm3' });
  assert.deepEqual(
    told().map(({ type, payload: { conta, modo, anterior, motivo }, causationId, traceparent }) => [
      ...[type, conta, modo, anterior, motivo],
      ...[causationId, traceparent],
    ]),
    [
      ['contingencia.entered', scene.conta, 'EPEC', 'NORMAL', 'ordem', 'm1', TRACE],
      ['contingencia.left', scene.conta, 'NORMAL', 'EPEC', 'automatico', 'm3', TRACE],
    ],
  );
  const versions = told().map(({ payload }) => payload.versao);
  assert.ok((versions[0] ?? 0) < (versions[1] ?? 0), `${versions}`);
});

test('that our own network seems to be down is logged once, and once that it is back', async () => {
  for (const autorizador of ['SP', 'GO', 'SVC-AN', 'SVC-RS']) answers.set(autorizador, undefined);
  const alarms = () =>
    lines.filter(({ msg, uf }) => /network/.test(msg) && uf === 'SP').map(({ level, msg }) => `${level} ${/seems|again/.exec(msg)?.[0]}`);
  for (let second = 0; second < 20; second += 1) {
    scene.advance(1_000);
    const failed = { failures: 1, documents: [`d${second}`] };
    await worker.see(failed, { ...failed, autorizador: 'GO', uf: 'GO' });
  }
  await scene.pass(2 * MINUTE, [worker]);
  assert.deepEqual(alarms(), ['error seems']);
  for (const autorizador of ['SP', 'GO']) answers.set(autorizador, '107');
  for (const svc of ['SVC-AN', 'SVC-RS']) answers.set(svc, '114');
  for (let second = 0; second < 5; second += 1) {
    scene.advance(1_000);
    await worker.see({ answered: 3 }, { answered: 3, autorizador: 'GO', uf: 'GO' });
  }
  await scene.pass(MINUTE, [worker]);
  assert.deepEqual(alarms(), ['error seems', 'info again']);
  assert.deepEqual(told(), [], 'who answers again is not gone around for what was silent before');
});
