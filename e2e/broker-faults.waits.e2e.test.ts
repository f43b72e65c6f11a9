import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { startAmqpRelay } from '@malote/testkit/amqp-relay';
import { startChaosProxy } from '@malote/testkit/chaos-proxy';
import { eventually } from '@malote/testkit/eventually';
import { newCustomer } from './customer.ts';
import { startHub } from './hub.ts';
import { rabbitOf } from './rabbit.ts';

const hub = await startHub({ env: { MALOTE_OUTBOX_LEASE_MS: '1000' } });
after(() => hub.close());
const customer = await newCustomer(hub, { cnpj: '11222333000181' });
const rabbit = rabbitOf(hub);
const QUEUE = 'emission.nfe.SP.lote';
const PATTERN = 'document.*.nfe.SP.lote';

const rabbitUrl = new URL(String(hub.env.MALOTE_RABBITMQ_URL));
const throughPort = (port: number) => ({ MALOTE_RABBITMQ_URL: Object.assign(new URL(rabbitUrl), { port: String(port) }).href });
const outboxOf = async (numero: number) => (await hub.raw.collection('documentos').findOne({ numero }))?.outbox as unknown[];
const RESULTS = 'malote_broker_publish_seconds_count';
const authorizations = async (numero: number) =>
  (await hub.simulator.calls({ numero, service: 'NFeAutorizacao4' })).filter(({ cStat }) => cStat === '100').length;

/** The sum of the samples of a metric whose labels hold all of `labels`. */
async function metric(service: 'edge' | 'emission', name: string, ...labels: string[]): Promise<number> {
  const text = await (await fetch(`${String(hub.service(service).ready.url).replace(/\/$/, '')}/metrics`)).text();
  const samples = text.split('\n').filter((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)));
  return samples.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

beforeEach(async () => {
  assert.equal(await hub.simulator.doubled(), 0);
});

test('a publish that no queue takes keeps its outbox entry, and the note is authorised once it can be routed', async () => {
  await rabbit.unbind(QUEUE, 'commands', PATTERN);
  await customer.emit({ numero: 1 });
  const unroutable = () => metric('emission', RESULTS, 'result="unroutable"');
  await eventually(async () => (await metric('edge', RESULTS, 'result="unroutable"')) === 1);
  // The relay takes over when the lease runs out, again and again.
  await eventually(async () => (await unroutable()) >= 2, { timeoutMs: 15_000 });
  assert.equal((await outboxOf(1)).length, 1);
  assert.equal((await customer.view(1)).status, 'Em processamento');
  await rabbit.bind(QUEUE, 'commands', PATTERN);
  await customer.untilStatus(1, 'Autorizada');
  assert.deepEqual(await outboxOf(1), []);
  assert.equal(await authorizations(1), 1);
});

test('a confirm that never comes leads to one duplicate delivery and to one effect', async () => {
  const relay = await startAmqpRelay(Number(rabbitUrl.port));
  after(() => relay.close());
  await Promise.all([hub.stop('edge'), hub.stop('emission')]);
  await Promise.all([hub.start('edge', throughPort(relay.port)), hub.start('emission', { MALOTE_PREFETCH: '2' })]);
  // The edge is ready without the broker, and this is about a publish that reaches it.
  let probe = 10;
  await eventually(async () => {
    await customer.emit({ numero: probe });
    await customer.untilStatus(probe++, 'Autorizada');
    return (await metric('edge', RESULTS, 'result="confirmed"')) > 0;
  });
  // Two slow notes hold both places of the queue, so that both copies of the third wait in it and are then delivered together.
  await hub.simulator.fault({ fault: 'slow-before-processing', match: { service: 'NFeAutorizacao4' }, times: 2, delayMs: 12_000 });
  for (const numero of [20, 21]) await customer.emit({ numero });
  await eventually(async () => (await metric('emission', 'malote_broker_in_flight', `queue="${QUEUE}"`)) === 2);

  const counts = async () => ({
    unknownAtEdge: await metric('edge', RESULTS, 'result="unknown"'),
    relayed: await metric('emission', RESULTS, 'exchange="commands"', 'result="confirmed"'),
    handled: await metric('emission', 'malote_broker_handle_seconds_count', `queue="${QUEUE}"`, 'outcome="done"'),
  });
  const before = await counts();
  relay.swallowFromPublishOn = true;
  const begun = performance.now();
  await customer.emit({ numero: 22 });
  assert.ok(performance.now() - begun < 8000, 'the answer does not wait for the confirm');
  await eventually(async () => (await counts()).unknownAtEdge === before.unknownAtEdge + 1, { timeoutMs: 15_000 });
  assert.equal((await counts()).relayed, before.relayed + 1, 'the relay published the second copy');

  for (const numero of [20, 21, 22]) await customer.untilStatus(numero, 'Autorizada', 30_000);
  // The two slow notes and the two copies.
  await eventually(async () => assert.equal((await counts()).handled, before.handled + 4));
  assert.equal((await hub.simulator.calls({ numero: 22 })).length, 1);
  relay.swallowFromPublishOn = false;
  relay.cut();
});

test('a blackholed broker connection is noticed within 20 s, the edge answers 202 all the while, and everything ends final', async () => {
  const proxy = await startChaosProxy({ targetPort: Number(rabbitUrl.port) });
  after(() => proxy.close());
  await Promise.all([hub.stop('edge'), hub.stop('emission')]);
  await Promise.all((['edge', 'emission'] as const).map((name) => hub.start(name, throughPort(proxy.port))));
  await customer.emit({ numero: 30 });
  await customer.untilStatus(30, 'Autorizada');

  await proxy.setMode('blackhole');
  const begun = performance.now();
  const lost = (name: 'edge' | 'emission') =>
    new Set(
      hub
        .service(name)
        .lines.filter(({ msg }) => msg === 'broker connection lost')
        .map(({ connection }) => connection),
    );
  let next = 31;
  await eventually(
    async () => {
      const sent = performance.now();
      await customer.emit({ numero: next++ });
      assert.ok(performance.now() - sent < 8000, 'the edge answers as always');
      for (const name of ['edge', 'emission'] as const) assert.deepEqual([...lost(name)].sort(), [`${name}/consume`, `${name}/publish`]);
    },
    { timeoutMs: 20_000, everyMs: 500 },
  );
  const noticedMs = performance.now() - begun;
  assert.ok(noticedMs < 20_000, `${noticedMs} ms`);
  assert.equal((await hub.simulator.calls({ numero: 31 })).length, 0);

  await proxy.setMode('pass');
  for (let numero = 31; numero < next; numero += 1) await customer.untilStatus(numero, 'Autorizada', 40_000);
  for (let numero = 31; numero < next; numero += 1) assert.equal(await authorizations(numero), 1, String(numero));
});
