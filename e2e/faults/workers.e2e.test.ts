import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventually } from '@malote/testkit/eventually';
import { sampleCnpj } from '@malote/testkit/sample-cnpj';
import { type Customer, installCertificate, newCustomer } from '../customer.ts';
import { startHub } from '../hub.ts';
import { assertAllAuthorized, audit, type NoteId } from './audit.ts';
import { untilFinal } from './until-final.ts';

const hub = await startHub();
after(() => hub.close());
const AUTHORIZE = 'NFeAutorizacao4';
const HOUR_MS = 3_600_000;
const notesOf = ({ cnpj }: Customer, ...numeros: number[]): NoteId[] => numeros.map((numero) => ({ cnpj, serie: 1, numero }));
const callsOf = ({ cnpj }: Customer) => hub.simulator.calls({ cnpj });

test('a shutdown during slow calls waits for their answers: nothing is lost and nothing is asked twice', async () => {
  const customer = await newCustomer(hub, { cnpj: sampleCnpj(1) });
  await hub.simulator.fault({ fault: 'slow', match: { cnpj: customer.cnpj }, times: 3, delayMs: 2_500 });
  for (const numero of [1, 2, 3]) await customer.emit({ numero });
  await eventually(async () => (await hub.simulator.authorizations({ emitente: customer.cnpj })).length === 3);
  assert.equal(await hub.stop('emission'), 0);
  for (const numero of [1, 2, 3]) assert.equal((await customer.view(numero)).status, 'Autorizada', 'stored before the process ended');
  await customer.emit({ numero: 4 });
  await hub.start('emission');
  await customer.untilStatus(4, 'Autorizada');
  assert.equal((await callsOf(customer)).length, 4);
  assertAllAuthorized(await audit(hub, notesOf(customer, 1, 2, 3, 4)));
});

test('a shutdown that may not wait as long as SEFAZ takes loses nothing: the notes are consulted and end authorised once', async () => {
  const customer = await newCustomer(hub, { cnpj: sampleCnpj(2) });
  await hub.stop('emission');
  await hub.start('emission', { MALOTE_SHUTDOWN_MS: '1000' });
  await hub.simulator.fault({ fault: 'slow', match: { cnpj: customer.cnpj }, times: 3, delayMs: 20_000 });
  for (const numero of [1, 2, 3]) await customer.emit({ numero });
  await eventually(async () => (await hub.simulator.authorizations({ emitente: customer.cnpj })).length === 3);
  const begun = performance.now();
  assert.equal(await hub.stop('emission'), 1, 'it says that it could not end in good order');
  assert.ok(performance.now() - begun < 8_000, 'it did not wait for SEFAZ');
  await hub.start('emission');
  assert.equal(await untilFinal(hub), 0);
  const sent = (await callsOf(customer)).filter(({ service, cStat }) => service === AUTHORIZE && cStat === '100');
  assert.ok(sent.length <= 3);
  assertAllAuthorized(await audit(hub, notesOf(customer, 1, 2, 3)));
});

test('a certificate that expires between two notes: nothing is sent, the fault is certificado-vencido, the number stays free', async () => {
  const customer = await newCustomer(hub, { cnpj: sampleCnpj(3), validity: { notAfter: new Date(hub.now().getTime() + HOUR_MS) } });
  await customer.emit({ numero: 1 });
  await customer.untilStatus(1, 'Autorizada');
  hub.advance(2 * HOUR_MS);
  const xml = customer.note({ numero: 2 });
  assert.equal((await customer.post(xml)).status, 202);
  const refused = await customer.untilStatus(2, 'Rejeitada');
  assert.deepEqual(
    refused.faults.map(({ code }) => code),
    ['certificado-vencido'],
  );
  assert.equal((await callsOf(customer)).length, 1, 'only the first note was ever sent');

  await installCertificate(hub, customer);
  assert.equal((await customer.post(xml)).status, 202);
  await customer.untilStatus(2, 'Autorizada');
  assertAllAuthorized(await audit(hub, notesOf(customer, 1, 2)));
});

test('a certificate that expires while a signed note waits for SEFAZ: nothing is sent, and a new certificate sends the same number', async () => {
  const customer = await newCustomer(hub, { cnpj: sampleCnpj(4), validity: { notAfter: new Date(hub.now().getTime() + HOUR_MS) } });
  await hub.kill('simulator');
  const xml = customer.note({ numero: 1 });
  assert.equal((await customer.post(xml)).status, 202);
  const signed = await eventually(async () => {
    const view = await customer.view(1);
    return view.chaveAcesso ? view : null;
  });
  hub.advance(2 * HOUR_MS);
  await hub.start('simulator');
  const refused = await customer.untilStatus(1, 'Rejeitada');
  assert.deepEqual(
    refused.faults.map(({ code }) => code),
    ['certificado-vencido'],
  );
  assert.deepEqual(await callsOf(customer), []);

  await installCertificate(hub, customer);
  assert.equal((await customer.post(xml)).status, 202);
  assert.equal((await customer.untilStatus(1, 'Autorizada')).chaveAcesso, signed.chaveAcesso);
  assertAllAuthorized(await audit(hub, notesOf(customer, 1)));
});
