import assert from 'node:assert/strict';
import { startChaosProxy } from '@malote/testkit/chaos-proxy';
import { eventually } from '@malote/testkit/eventually';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { type Customer, newCustomer } from '../customer.ts';
import type { Hub, ServiceName } from '../hub.ts';
import { assertAllAuthorized, audit, type NoteId } from './audit.ts';
import { publishCommands } from './commands.ts';
import { handled, sum } from './metrics.ts';
import { authorizeOtherContent, signedDocument } from './other-system.ts';
import { untilFinal } from './until-final.ts';

/** A fault and what must hold after it. `without` names the protections that are taken out (MALOTE_TEST_WITHOUT); '' takes out none. */
export type Scenario = (hub: Hub, without: string) => Promise<void>;

const AUTHORIZE = 'NFeAutorizacao4';
/** An address where nobody answers: a process with it accepts notes and publishes nothing. */
const noBroker = (hub: Hub) => String(hub.env.MALOTE_RABBITMQ_URL).replace(/:\d+\//, ':1/');
const proxied = (url: unknown, port: number) => String(url).replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`);

let customers = 0;
/** Each run has a company of its own, so that the harm of one is not seen by the next. */
const freshCustomer = (hub: Hub): Promise<Customer> => newCustomer(hub, { cnpj: sampleCnpj(++customers) });

async function restart(hub: Hub, name: ServiceName, env: Record<string, string>): Promise<void> {
  await hub.kill(name);
  await hub.start(name, env);
}

async function emitMany(customer: Customer, count: number): Promise<NoteId[]> {
  const numeros = Array.from({ length: count }, (_, index) => index + 1);
  await Promise.all(numeros.map((numero) => customer.emit({ numero })));
  return numeros.map((numero) => ({ cnpj: customer.cnpj, serie: 1, numero }));
}

/** The worker loses its broker connection during a slow call, so RabbitMQ delivers the message again while SEFAZ is still working. */
export const redeliveredWhileWaiting: Scenario = async (hub, without) => {
  const customer = await freshCustomer(hub);
  const url = hub.env.MALOTE_RABBITMQ_URL;
  const proxy = await startChaosProxy({ targetPort: Number(new URL(String(url)).port) });
  try {
    await restart(hub, 'emission', { MALOTE_RABBITMQ_URL: proxied(url, proxy.port), MALOTE_TEST_WITHOUT: without });
    await hub.simulator.fault({ fault: 'slow', match: { cnpj: customer.cnpj, service: AUTHORIZE }, times: 1, delayMs: 5_000 });
    await customer.emit({ numero: 1 });
    await eventually(async () => (await hub.simulator.authorizations({ emitente: customer.cnpj })).length === 1);
    proxy.cut();
    await eventually(async () => ((await handled(hub)).done ?? 0) >= 1, { message: 'the message came again and was dealt with' });
    await customer.untilStatus(1, 'Autorizada');
    const calls = await hub.simulator.calls({ cnpj: customer.cnpj });
    const said = calls.map(({ service, cStat }) => `${service} ${cStat}`);
    assert.deepEqual(said, [`${AUTHORIZE} 100`], `SEFAZ was called: ${said.join(', ')}`);
    assertAllAuthorized(await audit(hub, [{ cnpj: customer.cnpj, serie: 1, numero: 1 }]));
  } finally {
    await proxy.close();
  }
};

/** Another program of the company authorises other content under our key while our own transmission is held up. */
export const otherContentUnderOurKey: Scenario = async (hub, without) => {
  const customer = await freshCustomer(hub);
  const url = hub.env.MALOTE_SEFAZ_URL_OVERRIDE;
  const proxy = await startChaosProxy({ targetPort: Number(new URL(String(url)).port), mode: 'hold' });
  try {
    await restart(hub, 'emission', { MALOTE_SEFAZ_URL_OVERRIDE: proxied(url, proxy.port), MALOTE_TEST_WITHOUT: without });
    await customer.emit({ numero: 1 });
    const documento = await signedDocument(hub, customer, 1);
    await authorizeOtherContent(hub, customer, documento);
    await proxy.setMode('pass');
    await untilFinal(hub, { timeoutMs: 20_000 });
    const view = await customer.view(1);
    assert.equal(view.status, 'Conflito', `the note ended ${view.status}`);
    assert.equal((await customer.get(`${customer.path}/${view.chaveAcesso}.xml`)).status, 404, 'nothing is served as authorised');
  } finally {
    await proxy.close();
  }
};

/** Two workers get every command several times at the same moment. */
export const twoWorkersOneDocument: Scenario = async (hub, without) => {
  const customer = await freshCustomer(hub);
  await restart(hub, 'edge', { MALOTE_RABBITMQ_URL: noBroker(hub), MALOTE_OUTBOX_LEASE_MS: '600000' });
  await restart(hub, 'emission', { MALOTE_TEST_WITHOUT: without });
  await hub.start('emission-2', { MALOTE_TEST_WITHOUT: without });
  try {
    const notes = await emitMany(customer, 12);
    await publishCommands(hub, customer.cnpj, 4);
    assert.equal(await untilFinal(hub, { timeoutMs: 30_000 }), 0);
    const books = await audit(hub, notes);
    const calls = await hub.simulator.calls({ cnpj: customer.cnpj, service: AUTHORIZE });
    assertAllAuthorized(books);
    assert.equal(calls.length, notes.length, 'each note is sent once');
  } finally {
    await hub.kill('emission-2');
    await restart(hub, 'edge', {});
  }
};

/** The edge can reach no broker and dies between storing the note and publishing its command. */
export const edgeKilledBeforePublishing: Scenario = async (hub, without) => {
  const customer = await freshCustomer(hub);
  const url = hub.env.MALOTE_RABBITMQ_URL;
  const proxy = await startChaosProxy({ targetPort: Number(new URL(String(url)).port) });
  try {
    const lease = { MALOTE_OUTBOX_LEASE_MS: '1000' };
    await restart(hub, 'emission', lease);
    await restart(hub, 'edge', { ...lease, MALOTE_RABBITMQ_URL: proxied(url, proxy.port), MALOTE_TEST_WITHOUT: without });
    await eventually(() => proxy.connections().open > 0);
    await proxy.setMode('blackhole');
    const notes = await emitMany(customer, 5);
    await hub.kill('edge');
    assert.equal((await hub.simulator.calls({ cnpj: customer.cnpj })).length, 0);
    await hub.start('edge');
    for (const { numero } of notes) await customer.untilStatus(numero, 'Autorizada', 10_000);
    assertAllAuthorized(await audit(hub, notes));
  } finally {
    await proxy.close();
  }
};

/** Commands are left in their outboxes and two workers are there to publish them. */
export const twoWorkersSweep: Scenario = async (hub, without) => {
  const customer = await freshCustomer(hub);
  const lease = { MALOTE_OUTBOX_LEASE_MS: '3000' };
  await restart(hub, 'edge', { ...lease, MALOTE_RABBITMQ_URL: noBroker(hub) });
  await restart(hub, 'emission', { ...lease, MALOTE_TEST_WITHOUT: without });
  await hub.start('emission-2', { ...lease, MALOTE_TEST_WITHOUT: without });
  try {
    const notes = await emitMany(customer, 12);
    for (const { numero } of notes) await customer.untilStatus(numero, 'Autorizada', 20_000);
    const isIdle = async () =>
      (await hub.raw.collection('documentos').countDocuments({ emitente: customer.cnpj, 'outbox.0': { $exists: true } })) === 0;
    await eventually(isIdle);
    const deliveries = sum(await handled(hub)) + sum(await handled(hub, 'emission-2'));
    assert.equal(deliveries, notes.length, `${notes.length} commands were delivered ${deliveries} times`);
    assertAllAuthorized(await audit(hub, notes));
  } finally {
    await hub.kill('emission-2');
    await restart(hub, 'edge', {});
  }
};
